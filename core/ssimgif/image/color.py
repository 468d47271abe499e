"""Colour spaces: linear light, luma, OKLab."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.canvas import copy_colors
from ssimgif.kernels.oklab import srgb_to_oklab
from ssimgif.kernels.ssim import luma_bt601
from ssimgif.model import F32, U8

_BT601 = (0.299, 0.587, 0.114)
_LEVELS = np.arange(256) / 255
# Linear light of each 8-bit sRGB value, f32[256], 0..1 (IEC 61966-2-1).
LINEAR_LIGHT = np.where(
    _LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4
).astype(np.float32)


def oklab_from_rgb(rgb: U8) -> F32:
    """Convert u8[..., 3] sRGB to f32[..., 3] OKLab (L 0..1, a and b about -0.4..0.4)."""
    out = np.empty((rgb.size // 3, 3), np.float32)
    srgb_to_oklab(np.ascontiguousarray(rgb).reshape(-1, 3), LINEAR_LIGHT, out)
    return out.reshape(rgb.shape)


def rgb_of(rgba: U8) -> U8:
    """Return the colours u8[h, w, 3] of u8[h, w, 4], as a new array."""
    out = np.empty((*rgba.shape[:2], 3), np.uint8)
    copy_colors(rgba.ravel(), out.ravel())
    return out


def luma(rgb: U8) -> U8:
    """Return the 8-bit BT.601 luma of an sRGB picture.

    Parameters
    ----------
    rgb : u8[h, w, 3]

    Returns
    -------
    u8[h, w]
        ``round(.299 R + .587 G + .114 B)``.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"a picture must be u8[h, w, 3], not {rgb.dtype}{rgb.shape}")
    out = np.empty(rgb.shape[:2], np.uint8)
    luma_bt601(rgb.ravel(), out.ravel())
    return out


def exact_luma(rgb: U8 | F32) -> F32:
    """Return BT.601 luma f32[...] of sRGB channels [..., 3] of 0..255, not rounded.

    This is no matrix product: after each of those, BLAS's threads keep a core busy for a while,
    which others are using.
    """
    total = np.zeros(rgb.shape[:-1], np.float32)
    for channel, weight in enumerate(_BT601):
        total += rgb[..., channel] * np.float32(weight)
    return total
