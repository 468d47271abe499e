"""Smooth areas and gradients of 8-bit planes, in whole numbers."""

import numpy as np

from ssimgif.kernels.jit import kernel


@kernel
def flat_areas(plane, limit, out):
    """Mark where the 5x5 pixels around u8[h, w] span at most ``limit`` levels, bool[h, w].

    Beyond the border the plane is reflected, which adds nothing to a span.
    """
    height, width = plane.shape
    lows = np.empty(width + 4, np.uint8)
    highs = np.empty(width + 4, np.uint8)
    for y in range(height):
        lows[2:-2] = plane[y]
        highs[2:-2] = plane[y]
        for i in range(max(y - 2, 0), min(y + 3, height)):
            row = plane[i]
            for x in range(width):
                lows[x + 2] = min(lows[x + 2], row[x])
                highs[x + 2] = max(highs[x + 2], row[x])
        lows[:2], lows[-2:] = lows[2], lows[-3]
        highs[:2], highs[-2:] = highs[2], highs[-3]
        for x in range(width):
            low = min(lows[x], lows[x + 1], lows[x + 2], lows[x + 3])
            high = max(highs[x], highs[x + 1], highs[x + 2], highs[x + 3])
            span = np.int32(max(high, highs[x + 4])) - np.int32(min(low, lows[x + 4]))
            out[y, x] = span <= limit


@kernel
def gradient(padded, out):
    """Steps to the next pixel right or below, whichever is larger, after a binomial blur.

    Parameters
    ----------
    padded : u8[h + 4, w + 4]
        Blurred with [1 4 6 4 1] / 16 both ways.
    out : i32[h, w]
        In 1/256 of a level; 0 towards a pixel beyond the border.
    """
    height, width = out.shape
    column = np.empty(padded.shape[1], np.int32)
    above = np.empty(width, np.int32)
    below = np.empty(width, np.int32)
    _blur_binomial(padded[0:5], column, above)
    for y in range(height):
        last = y == height - 1
        if not last:
            _blur_binomial(padded[y + 1 : y + 6], column, below)
        row = out[y]
        for x in range(width):
            row[x] = 0 if last else abs(below[x] - above[x])
        for x in range(width - 1):
            row[x] = max(row[x], abs(above[x + 1] - above[x]))
        above, below = below, above


@kernel
def _blur_binomial(rows, column, out):
    """Blur five rows u8[5, w + 4] into one i32[w], 256 times as large."""
    for x in range(column.shape[0]):
        outer = np.int32(rows[0, x]) + np.int32(rows[4, x])
        inner = np.int32(rows[1, x]) + np.int32(rows[3, x])
        column[x] = outer + 4 * inner + 6 * np.int32(rows[2, x])
    for x in range(out.shape[0]):
        outer, inner = column[x] + column[x + 4], column[x + 1] + column[x + 3]
        out[x] = outer + 4 * inner + 6 * column[x + 2]
