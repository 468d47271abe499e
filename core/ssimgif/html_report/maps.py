"""Where a GIF differs from its source, as pictures, one for each kind of error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssimgif.image import luma
from ssimgif.metrics import (
    ColorReference,
    LocalReference,
    MissedReference,
    SsimReference,
    on_white,
)
from ssimgif.model import F32, U8

# The figure at which a map's scale ends.
SCALES = {"local": 6.0, "missed": 64.0, "error": 0.5, "color": 10.0, "dither": 12.0}
GRAIN_RADIUS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """What is wrong with one picture, and where.

    Attributes
    ----------
    error : f32[h, w]
        1 - SSIM of luma around each pixel, 0..2.
    color : f32[h, w]
        CIEDE2000 after a slight blur, as the colour guard measures it.
    local : f32[h, w]
        The errors whose 3-norm tells how bad the worst places are: 1 is hard to see, 2 is plain.
    missed : f32[h, w]
        Where a strong change from the frame before doesn't arrive, by how many of 255 levels of
        luma what is shown is off; 0 elsewhere.
    dither : f32[h, w]
        Grain that the source does not have: by how many of 255 levels the colours of 5x5 pixels
        scatter more than the source's do.
    """

    error: F32
    color: F32
    local: F32
    missed: F32
    dither: F32


def compare(source: U8, shown: U8, before: U8 | None = None) -> Maps:
    """Compare two pictures u8[h, w, 4]; transparent areas of all count as white.

    ``before`` is the source's frame before, from which changes are counted.
    """
    wanted, found = on_white(source), on_white(shown)
    light = luma(wanted)
    changes = MissedReference(light if before is None else luma(on_white(before)), light)
    return Maps(
        error=1 - SsimReference(light).map(luma(found)),
        color=ColorReference(wanted).difference(found),
        local=LocalReference(wanted).map(found),
        missed=changes.map(luma(found)),
        dither=added_grain(wanted, found),
    )


def added_grain(source: U8, shown: U8) -> F32:
    """Return by how much neighbouring colours scatter more than in the source, f32[h, w].

    It is the root of what the variance within 5x5 pixels has grown by, mean of the channels, 0
    where it has not grown. That is what dithering adds to smooth areas, whatever wrote the GIF.
    """
    grown = np.maximum(_variance(shown) - _variance(source), 0)
    grain: F32 = np.sqrt(grown)
    return grain


def levels(values: F32, end: float) -> U8:
    """Return a map as u8[h, w], 255 at ``end`` and above."""
    shares: U8 = np.rint(np.clip(values / end, 0, 1) * 255).astype(np.uint8)
    return shares


def _variance(rgb: U8) -> F32:
    """Return the variance of each pixel's neighbourhood, mean of the channels, f32[h, w]."""
    values = rgb.astype(np.float32)
    variance = _box_mean(values**2) - _box_mean(values) ** 2
    mean: F32 = np.maximum(variance, 0).mean(axis=2)
    return mean


def _box_mean(values: F32) -> F32:
    side = 2 * GRAIN_RADIUS + 1
    padding = (GRAIN_RADIUS, GRAIN_RADIUS)
    padded = np.pad(values, (padding, padding, (0, 0)), mode="symmetric")
    height, width = values.shape[:2]
    rows = padded[:height].copy()
    for i in range(1, side):
        rows += padded[i : i + height]
    total = rows[:, :width].copy()
    for i in range(1, side):
        total += rows[:, i : i + width]
    return total / np.float32(side**2)
