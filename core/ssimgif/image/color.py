"""Colour spaces in which palettes are built and searched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ssimgif.kernels.canvas import copy_colors
from ssimgif.kernels.oklab import LINEAR, srgb_to_oklab
from ssimgif.model import F32, U8

_BT601 = (0.299, 0.587, 0.114)
_LMS_FROM_LAB = np.linalg.inv(
    np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
)
_RGB_FROM_LMS = np.linalg.inv(
    np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
)


def oklab_from_rgb(rgb: U8) -> F32:
    """Convert u8[..., 3] sRGB to f32[..., 3] OKLab (L 0..1, a and b about -0.4..0.4)."""
    out = np.empty((rgb.size // 3, 3), np.float32)
    srgb_to_oklab(np.ascontiguousarray(rgb).reshape(-1, 3), LINEAR, out)
    return out.reshape(rgb.shape)


def rgb_from_oklab(lab: F32 | NDArray[np.float64]) -> U8:
    """Convert f[..., 3] OKLab to u8[..., 3] sRGB, rounded and clipped to the gamut."""
    linear = (np.asarray(lab, np.float64) @ _LMS_FROM_LAB.T) ** 3 @ _RGB_FROM_LMS.T
    linear = np.clip(linear, 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    rounded: U8 = np.rint(255 * srgb).astype(np.uint8)
    return rounded


def rgb_of(rgba: U8) -> U8:
    """Return the colours u8[h, w, 3] of u8[h, w, 4], as a new array."""
    out = np.empty((*rgba.shape[:2], 3), np.uint8)
    copy_colors(rgba.ravel(), out.ravel())
    return out


def luma(rgb: U8 | F32) -> F32:
    """Return BT.601 luma f32[...] of sRGB channels [..., 3] of 0..255, not rounded."""
    return weighted(rgb, _BT601)


def weighted(channels: U8 | F32, weights: Sequence[float]) -> F32:
    """Return the weighted sum f32[...] of the channels [..., n].

    This is no matrix product: after each of those, BLAS's threads keep a core busy for a while,
    which others are using.
    """
    total = np.zeros(channels.shape[:-1], np.float32)
    for channel, weight in enumerate(weights):
        total += channels[..., channel] * np.float32(weight)
    return total
