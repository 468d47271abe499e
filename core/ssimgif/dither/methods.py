"""Ditherers: they map sRGB pixels to palette indices, each pixel with a strength of its own.

Threshold ditherers keep their pattern fixed in place, so that what stands still does not
flicker.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from ssimgif.dither.strength import auto_strength, strength_map
from ssimgif.image import LINEAR_LIGHT, map_nearest, nearest_colors, oklab_from_rgb
from ssimgif.kernels.dither import diffuse_error, threshold_dither
from ssimgif.model import F32, U8, Ditherer, Palette

__all__ = ["auto_strength", "bayer", "blue_noise", "ditherers", "no_dither", "strength_map"]


# Colours that a colour may be mixed with: the ones next to it.
NEIGHBOURS = 24
# What the variance of a mixture counts against the squared distance that it leaves.
NOISE_PRICE = 0.3
# Greatest error of a channel that is passed on; more would show as streaks behind edges.
ERROR_LIMIT = 48.0

# Shares of the error for this row and the next two, from 2 pixels behind to 2 ahead.
FLOYD_STEINBERG: F32 = np.divide(
    [[0, 0, 0, 7, 0], [0, 3, 5, 1, 0], [0, 0, 0, 0, 0]], 16, dtype=np.float32
)
JARVIS: F32 = np.divide([[0, 0, 0, 7, 5], [3, 5, 7, 5, 3], [1, 3, 5, 3, 1]], 48, dtype=np.float32)


def ditherers() -> dict[str, Ditherer]:
    """Return the core's ditherers by the names that the command takes."""
    return {
        "none": no_dither,
        "bluenoise": ThresholdDither(blue_noise()),
        "ordered": ThresholdDither(bayer()),
        "floyd-steinberg": ErrorDiffusion(FLOYD_STEINBERG),
        "jarvis": ErrorDiffusion(JARVIS),
    }


def no_dither(pixels: U8, palette: Palette, strength: F32) -> U8:
    """Map to the nearest colours, whatever the strength."""
    return map_nearest(pixels, palette)


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdDither:
    """Mixes two colours by a tile of thresholds, which is repeated in place.

    Attributes
    ----------
    tile : f32[t, t]
        Between 0 and 1.
    """

    tile: F32

    def __call__(self, pixels: U8, palette: Palette, strength: F32) -> U8:
        """Return indices u8[h, w], see `Ditherer`."""
        pixels, strength = _checked(pixels, strength)
        lab, neighbours = _neighbours(palette)
        indices = map_nearest(pixels, palette)
        threshold_dither(
            pixels, strength, self.tile, lab, neighbours, NOISE_PRICE, LINEAR_LIGHT, indices
        )
        return indices


@dataclass(frozen=True, slots=True, eq=False)
class ErrorDiffusion:
    """Spreads each pixel's error over its neighbours, along serpentine rows.

    Attributes
    ----------
    taps : f32[3, 5]
        Shares of the error for this row and the next two, from 2 pixels behind to 2 ahead.
    """

    taps: F32

    def __call__(self, pixels: U8, palette: Palette, strength: F32) -> U8:
        """Return indices u8[h, w], see `Ditherer`."""
        pixels, strength = _checked(pixels, strength)
        indices = np.empty(strength.shape, np.uint8)
        diffuse_error(
            pixels,
            strength,
            self.taps,
            np.float32(ERROR_LIMIT),
            palette.colors.astype(np.float32),
            nearest_colors(palette).cells,
            indices,
        )
        return indices


@lru_cache(maxsize=1)
def blue_noise() -> F32:
    """Return the void-and-cluster tile f32[64, 64]: each threshold between 0 and 1 once."""
    with resources.as_file(resources.files("ssimgif") / "data" / "bluenoise.npy") as path:
        ranks = np.load(path)
    return np.asarray((ranks + 0.5) / ranks.size, np.float32)


@lru_cache(maxsize=1)
def bayer() -> F32:
    """Return Bayer's ordered-dither tile f32[8, 8]."""
    ranks = np.zeros((1, 1))
    for _ in range(3):
        ranks = np.block([[4 * ranks, 4 * ranks + 2], [4 * ranks + 3, 4 * ranks + 1]])
    return np.asarray((ranks + 0.5) / ranks.size, np.float32)


@lru_cache(maxsize=16)
def _neighbours(palette: Palette) -> tuple[F32, U8]:
    """Return the palette in OKLab, and the indices u8[k, m] of the colours closest to each."""
    lab = oklab_from_rgb(palette.colors)
    distance = ((lab[:, None] - lab[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    if palette.transparent is not None:
        distance[:, palette.transparent] = np.inf
    usable = int(np.isfinite(distance).sum(axis=1).min())
    order = np.argsort(distance, axis=1, kind="stable")[:, : min(NEIGHBOURS, usable)]
    return lab, np.ascontiguousarray(order.astype(np.uint8))


def _checked(pixels: U8, strength: F32) -> tuple[U8, F32]:
    if pixels.shape != (*strength.shape, 3):
        raise ValueError(f"strength {strength.shape} does not fit pixels {pixels.shape}")
    return np.ascontiguousarray(pixels), np.ascontiguousarray(strength, np.float32)
