"""How much the surroundings of each pixel change."""

from __future__ import annotations

import numpy as np
from numba import njit

RADIUS = 2


@njit(cache=True, nogil=True)
def box_mean(plane, out):
    """Mean of the 5x5 pixels around each pixel of f32[h, w]; at a border, of those there are."""
    height, width = plane.shape
    # Sums over columns are kept up as the window moves down.
    columns = np.zeros(width, np.float64)
    rows = 0
    for y in range(-RADIUS, height):
        if y + RADIUS < height:
            columns += plane[y + RADIUS]
            rows += 1
        if y - RADIUS > 0:
            columns -= plane[y - RADIUS - 1]
            rows -= 1
        if y < 0:
            continue
        for x in range(width):
            left = max(0, x - RADIUS)
            right = min(width, x + RADIUS + 1)
            total = 0.0
            for i in range(left, right):
                total += columns[i]
            out[y, x] = total / (rows * (right - left))


@njit(cache=True, nogil=True)
def motion(before, after, out):
    """How much the luma around each pixel changes: f32[h, w] of two u8[h, w].

    Noise averages out over 5x5 pixels first, then the magnitudes are averaged likewise.
    """
    height, width = before.shape
    change = np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            change[y, x] = np.float32(after[y, x]) - np.float32(before[y, x])
    box_mean(change, out)
    for y in range(height):
        for x in range(width):
            change[y, x] = abs(out[y, x])
    box_mean(change, out)
