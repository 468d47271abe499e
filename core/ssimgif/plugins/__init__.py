"""Hooks: finding plug-ins, and asking them and the core alike."""

from ssimgif.plugins.hookspecs import hookimpl
from ssimgif.plugins.manager import (
    CORE,
    add_commands,
    banding,
    ditherers,
    doctor_lines,
    encoded,
    names,
    open_clip,
    palette_choice,
    plugin_manager,
)

__all__ = [
    "CORE",
    "add_commands",
    "banding",
    "ditherers",
    "doctor_lines",
    "encoded",
    "hookimpl",
    "names",
    "open_clip",
    "palette_choice",
    "plugin_manager",
]
