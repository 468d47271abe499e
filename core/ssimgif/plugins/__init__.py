"""Hooks: finding plug-ins, and asking them and the core alike."""

from ssimgif.plugins.hookspecs import hookimpl
from ssimgif.plugins.manager import (
    CORE,
    GROUP,
    PluginWarning,
    add_commands,
    banding,
    candidate_palettes,
    ditherers,
    doctor_lines,
    encoded,
    names,
    open_clip,
    palette_choice,
    palette_strategies,
    plugin_manager,
)

__all__ = [
    "CORE",
    "GROUP",
    "PluginWarning",
    "add_commands",
    "banding",
    "candidate_palettes",
    "ditherers",
    "doctor_lines",
    "encoded",
    "hookimpl",
    "names",
    "open_clip",
    "palette_choice",
    "palette_strategies",
    "plugin_manager",
]
