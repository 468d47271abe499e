"""What an ImageMagick user asks for, as settings.

From the weakest to the strongest: the environment variable ``SSIMGIF_OPTIONS``, ``-quality``, and
properties set by ``-set ssimgif:NAME VALUE``. Whoever names a target replaces a weaker one's.

Properties come from files, too: a PNG's text can carry them. So they may set what a GIF looks like,
and nothing that names a file, a plug-in or a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ssimgif_imagemagick.header import Header

PROPERTY = "ssimgif:"
VARIABLE = "SSIMGIF_OPTIONS"
UNSET_QUALITY = "92"

_TARGETS = frozenset({"ssim", "quality", "preset"})
_SETTABLE = frozenset(
    {
        *("ssim", "quality", "preset", "lossless", "delta_e", "colors", "dither", "effort"),
        *("strict", "fps", "start", "end", "loop", "bounce", "background", "feather"),
        *("scene_threshold", "reuse_threshold"),
    }
)
# Others are plug-ins'.
_DITHERS = frozenset({"auto", "none", "bluenoise", "floyd-steinberg", "jarvis", "ordered"})
_LONGEST_VALUE = 40


def quality_values(text: str) -> dict[str, Any]:
    """Return what a ``-quality`` asks for; 92 stands for none, as in ImageMagick."""
    return {} if text == UNSET_QUALITY else {"quality": text}


def property_values(header: Header) -> tuple[dict[str, Any], list[str]]:
    """Return the settings among an image's properties, and the names of what they may not set."""
    named = {
        name.removeprefix(PROPERTY).replace("-", "_"): value
        for name, value in header.fields.items()
        if name.startswith(PROPERTY)
    }
    settings: dict[str, Any] = {name: text for name, text in named.items() if _may_set(name, text)}
    return settings, [name for name, text in named.items() if not _may_set(name, text)]


def _may_set(name: str, text: str) -> bool:
    """Tell whether a property is a number, yes or no, or a name from a closed list."""
    if name == "dither":
        return text in _DITHERS
    return name in _SETTABLE and len(text) <= _LONGEST_VALUE


def quality_is_the_sources(header: Header) -> bool:
    """Tell whether ImageMagick's quality may be that of a JPEG file that was read."""
    return any(name.startswith("jpeg:") for name in header.fields)


def merge(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Join settings, weakest first; a target replaces all targets before it."""
    merged: dict[str, Any] = {}
    for layer in layers:
        if not _TARGETS.isdisjoint(layer):
            merged = {name: value for name, value in merged.items() if name not in _TARGETS}
        merged |= layer
    return merged
