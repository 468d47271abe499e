"""Luma and chroma to RGB, one pixel at a time, as the standards write it."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from ssimgif.model import U8

LUMA_SHARES = {
    1: (Fraction(2126, 10000), Fraction(722, 10000)),
    6: (Fraction(299, 1000), Fraction(114, 1000)),
    9: (Fraction(2627, 10000), Fraction(593, 10000)),
}


def slow_rgb(planes: list[np.ndarray], bits: int, matrix: int, full: bool) -> U8:
    """Return u8[h, w, 3]; H.273 equations, chroma co-sited left and vertically centred."""
    luma, *chroma = [plane.astype(float) for plane in planes]
    height, width = luma.shape
    out = np.empty((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            values = [luma[y, x], *(_upsampled(p, y, x, height, width) for p in chroma)]
            out[y, x] = [_level(v) for v in _rgb(values, bits, matrix, full)]
    return out


def _upsampled(plane: np.ndarray, y: int, x: int, height: int, width: int) -> float:
    rows, columns = plane.shape
    down = (y + 0.5) / 2 - 0.5 if rows < height else y
    right = x / 2 if columns < width else x
    total = 0.0
    for row in (math.floor(down), math.floor(down) + 1):
        for column in (math.floor(right), math.floor(right) + 1):
            weight = (1 - abs(down - row)) * (1 - abs(right - column))
            total += weight * plane[min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)]
    return total


def _rgb(values: list[float], bits: int, matrix: int, full: bool) -> list[float]:
    unit, top = 2 ** (bits - 8), 2**bits - 1
    black, span = (0, top) if full else (16 * unit, 219 * unit)
    if len(values) == 1:
        return [(values[0] - black) / span] * 3
    if matrix == 0:
        green, blue, red = ((v - black) / span for v in values)
        return [red, green, blue]
    luma = (values[0] - black) / span
    cb, cr = ((v - 128 * unit) / (top if full else 224 * unit) for v in values[1:])
    kr, kb = (float(share) for share in LUMA_SHARES[matrix])
    red, blue = luma + 2 * (1 - kr) * cr, luma + 2 * (1 - kb) * cb
    return [red, (luma - kr * red - kb * blue) / (1 - kr - kb), blue]


def _level(value: float) -> int:
    return math.floor(min(max(value, 0.0), 1.0) * 255 + 0.5)
