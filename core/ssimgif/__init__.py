"""ssimgif: the smallest GIF that still looks like the original."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssimgif.confined import ConfinedConverter, ConfinedLimits, LimitError
    from ssimgif.errors import (
        Cancelled,
        OutputError,
        SettingsError,
        SourceError,
        SsimGifError,
        TargetError,
    )
    from ssimgif.hookspecs import hookimpl
    from ssimgif.html_report import page_asset, page_data, page_html
    from ssimgif.interrupt import interruptible
    from ssimgif.kernel_cache import kernels_ready
    from ssimgif.model import Clip, Frame, Palette
    from ssimgif.output import check_destination, replaceable, staged
    from ssimgif.palettes import box_means
    from ssimgif.pipeline import Result, convert, encode, prepared
    from ssimgif.plugins import open_clip
    from ssimgif.progress import Progress, ProgressCallback
    from ssimgif.report import Report
    from ssimgif.settings import Settings
    from ssimgif.terminal import printable, say

__version__ = "0.1.0"

__all__ = [
    "Cancelled",
    "Clip",
    "ConfinedConverter",
    "ConfinedLimits",
    "Frame",
    "LimitError",
    "OutputError",
    "Palette",
    "Progress",
    "ProgressCallback",
    "Report",
    "Result",
    "Settings",
    "SettingsError",
    "SourceError",
    "SsimGifError",
    "TargetError",
    "__version__",
    "box_means",
    "check_destination",
    "convert",
    "encode",
    "hookimpl",
    "interruptible",
    "kernels_ready",
    "open_clip",
    "page_asset",
    "page_data",
    "page_html",
    "prepared",
    "printable",
    "replaceable",
    "say",
    "staged",
]

_HOMES = {
    "ssimgif.confined": ("ConfinedConverter", "ConfinedLimits", "LimitError"),
    "ssimgif.errors": (
        "Cancelled",
        "OutputError",
        "SettingsError",
        "SourceError",
        "SsimGifError",
        "TargetError",
    ),
    "ssimgif.hookspecs": ("hookimpl",),
    "ssimgif.interrupt": ("interruptible",),
    "ssimgif.kernel_cache": ("kernels_ready",),
    "ssimgif.model": ("Clip", "Frame", "Palette"),
    "ssimgif.output": ("staged", "check_destination", "replaceable"),
    "ssimgif.palettes": ("box_means",),
    "ssimgif.pipeline": ("Result", "convert", "encode", "prepared"),
    "ssimgif.plugins": ("open_clip",),
    "ssimgif.progress": ("Progress", "ProgressCallback"),
    "ssimgif.html_report": ("page_asset", "page_data", "page_html"),
    "ssimgif.report": ("Report",),
    "ssimgif.settings": ("Settings",),
    "ssimgif.terminal": ("printable", "say"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used, so that ``import ssimgif`` stays quick."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'ssimgif' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
