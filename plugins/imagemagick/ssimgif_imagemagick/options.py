"""What an ImageMagick user asks for, as settings.

From the weakest to the strongest: the environment variable ``SSIMGIF_OPTIONS``, ``-quality``, and
properties set by ``-set ssimgif:NAME VALUE``. Whoever names a target replaces a weaker one's.

Properties come from files, too: a PNG's text can carry them. So they may set what a GIF looks like,
and nothing that names a file, a plug-in or a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ssimgif import SettingsError
from ssimgif_imagemagick.header import Header

PROPERTY = "ssimgif:"
VARIABLE = "SSIMGIF_OPTIONS"
DEFAULT_QUALITY = 92

# -quality and the least SSIM it asks for, straight lines between.
QUALITY_SSIM = (
    (0, 0.80),
    (50, 0.90),
    (75, 0.925),
    (85, 0.94),
    (92, 0.95),
    (95, 0.96),
    (98, 0.98),
    (100, 0.99),
)
_TARGETS = frozenset({"ssim", "looks", "preset"})
_SETTABLE = frozenset(
    {
        *("quality", "ssim", "looks", "preset", "delta_e", "colors", "dither", "effort", "strict"),
        *("fps", "start", "end", "loop", "bounce", "background", "feather"),
        *("scene_threshold", "reuse_threshold"),
    }
)
# Others are plug-ins'.
_DITHERS = frozenset({"auto", "none", "bluenoise", "floyd-steinberg", "jarvis", "ordered"})
_LONGEST_VALUE = 40


def quality_ssim(quality: float) -> float:
    """Return the SSIM target of a ``-quality``; it rises all the way from 0 to 100.

    Raises
    ------
    SettingsError
        Outside 0 to 100.
    """
    for (low, low_ssim), (high, high_ssim) in pairwise(QUALITY_SSIM):
        if low <= quality <= high:
            ssim = low_ssim + (high_ssim - low_ssim) * (quality - low) / (high - low)
            return round(ssim, 6)
    raise SettingsError(f"quality must be between 0 and 100, not {quality:g}")


def quality_values(text: str) -> dict[str, Any]:
    """Return what a ``-quality`` asks for; 92 stands for none, as in ImageMagick."""
    try:
        quality = float(text)
    except ValueError:
        raise SettingsError(f"quality {text!r} is not a number") from None
    return {} if quality == DEFAULT_QUALITY else {"ssim": quality_ssim(quality)}


def property_values(header: Header) -> tuple[dict[str, Any], list[str]]:
    """Return the settings among an image's properties, and the names of what they may not set."""
    named = {
        name.removeprefix(PROPERTY).replace("-", "_"): value
        for name, value in header.fields.items()
        if name.startswith(PROPERTY)
    }
    settings: dict[str, Any] = {name: text for name, text in named.items() if _may_set(name, text)}
    quality = settings.pop("quality", None)
    values = quality_values(quality) if quality is not None else {}
    return values | settings, [name for name, text in named.items() if not _may_set(name, text)]


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
