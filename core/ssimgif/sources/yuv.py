"""Decoded frames to 8-bit sRGB with straight alpha."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssimgif.kernels.yuv import planes_to_rgb
from ssimgif.model import F32, U8

# Luma shares of red and blue by code point of the matrix (ITU-T H.273, table 4).
_LUMA_SHARES = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
    10: (0.2627, 0.0593),
}
_BT601 = (0.299, 0.114)
IDENTITY, YCGCO = 0, 8
# Bits by which the luma and chroma of a reversible YCgCo exceed those of RGB.
_REVERSIBLE = {16: 2, 17: 1}
UNSPECIFIED = 2
LIMITED, FULL = 1, 2


def conversion(matrix: int, full: bool, bits: int, levels: int) -> tuple[F32, F32]:
    """Return ``m, o`` such that ``rgb = m @ (luma, blue, red) + o``.

    Parameters
    ----------
    matrix : int
        Code point of ITU-T H.273; unknown ones count as BT.601. 0 expects the planes G, B, R.
    full : bool
        Full range, else limited (16..235 and 16..240 at 8 bits).
    bits : int
        Bits of a sample, 8..16.
    levels : int
        What full intensity becomes, 255 or 65535.
    """
    unit = 1 << (bits - 8)
    top = (1 << bits) - 1
    black, white = (0, top) if full else (16 * unit, 235 * unit)
    chroma_range = top if full else 224 * unit
    if matrix == IDENTITY:
        weights = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], np.float64) / (white - black)
        zero = np.full(3, float(black))
    else:
        scale = np.array([white - black, chroma_range, chroma_range], np.float64)
        weights = _from_luma_chroma(matrix) / scale
        zero = np.array([black, 128 * unit, 128 * unit], np.float64)
    weights *= levels
    return weights.astype(np.float32), -(weights @ zero).astype(np.float32)


def _from_luma_chroma(matrix: int) -> NDArray[np.float64]:
    if matrix == YCGCO:
        return np.array([[1, -1, 1], [1, 1, 0], [1, -1, -1]], np.float64)
    red, blue = _LUMA_SHARES.get(matrix, _BT601)
    green = 1 - red - blue
    from_red, from_blue = 2 * (1 - red), 2 * (1 - blue)
    return np.array(
        [
            [1, 0, from_red],
            [1, -blue * from_blue / green, -red * from_red / green],
            [1, from_blue, 0],
        ]
    )


@lru_cache(maxsize=32)
def _taps(size: int, chroma_size: int, shift: int, centred: bool) -> tuple[NDArray[np.int64], F32]:
    """Return the two chroma samples around each pixel, and the second one's weight.

    Chroma is co-sited with every ``2 ** shift``-th pixel, or centred between them.
    """
    step = 1 << shift
    position = (np.arange(size) + (0.5 - step / 2 if centred else 0.0)) / step
    first = np.floor(position).astype(np.int64)
    weight = (position - first).astype(np.float32)
    pair = np.stack([first, first + 1], axis=1).clip(0, chroma_size - 1)
    return pair, weight


def to_rgba(
    planes: list[NDArray[Any]], bits: int, matrix: int, full: bool, *, deep: bool = False
) -> NDArray[Any]:
    """Convert planes to RGBA, opaque.

    Chroma is interpolated linearly, co-sited with the left of each pair of luma columns and
    vertically centred (the siting of MPEG-2, H.264 and AV1's "vertical").

    Parameters
    ----------
    planes : list of uint[h, w]
        One plane of luma, or luma and two of chroma, or G, B and R where ``matrix`` is 0.
    bits, matrix, full
        As in `conversion`.
    deep : bool
        Whether to return 16 bits.

    Returns
    -------
    u8[h, w, 4] or u16[h, w, 4]
    """
    luma = planes[0]
    height, width = luma.shape
    out: NDArray[Any] = np.empty((height, width, 4), np.uint16 if deep else np.uint8)
    levels = 65535 if deep else 255
    out[..., 3] = levels
    if len(planes) < 3:
        gray = np.full((1, 1), 128 << (bits - 8), luma.dtype)
        planes, matrix = [luma, gray, gray], UNSPECIFIED
    if matrix in _REVERSIBLE and planes[1].shape == luma.shape:
        out[..., :3] = _unlifted(planes, bits, bits - _REVERSIBLE[matrix], levels)
        return out
    blue, red = planes[1], planes[2]
    weights, offset = conversion(matrix, full, bits, levels)
    rows, row_weights = _taps(height, blue.shape[0], _shift(height, blue.shape[0]), True)
    columns, column_weights = _taps(width, blue.shape[1], _shift(width, blue.shape[1]), False)
    planes_to_rgb(luma, blue, red, columns, column_weights, rows, row_weights, weights, offset, out)
    return out


def _unlifted(
    planes: list[NDArray[Any]], bits: int, rgb_bits: int, levels: int
) -> NDArray[np.int64]:
    """Undo YCgCo-Re and YCgCo-Ro, which lose nothing (ITU-T H.273, equations 78 to 81)."""
    luma, green_less, orange = (plane.astype(np.int64) for plane in planes)
    middle = 1 << (bits - 1)
    green_less, orange = green_less - middle, orange - middle
    base = luma - (green_less >> 1)
    green = base + green_less
    blue = base - (orange >> 1)
    top = (1 << rgb_bits) - 1
    rgb = np.stack([blue + orange, green, blue], axis=2).clip(0, top)
    return (rgb * levels + top // 2) // top


def _shift(size: int, chroma_size: int) -> int:
    """How often a plane's side was halved; a plane of one sample stands for a missing one."""
    shift = 0
    while (size + (1 << shift) - 1) >> shift > chroma_size:
        shift += 1
    return shift


def expand(plane: NDArray[Any], bits: int, full: bool) -> U8:
    """Return a plane of alpha as 0..255.

    Parameters
    ----------
    plane : uint[h, w]
    bits, full
        As in `conversion`; limited range is stretched.
    """
    return to_rgba([plane], bits, UNSPECIFIED, full)[..., 0]


def unpremultiply(pixels: U8) -> U8:
    """Return straight colours of colours that were multiplied by their alpha.

    Parameters
    ----------
    pixels : u8[h, w, 4]
    """
    alpha = pixels[..., 3:].astype(np.float32)
    straight = pixels[..., :3] * (255 / np.maximum(alpha, 1))
    out = pixels.copy()
    out[..., :3] = np.rint(straight).clip(0, 255).astype(np.uint8)
    return out
