"""One step of a recursive temporal filter that stops where something moves, and what moves."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.jit import kernel

RADIUS = 2


@kernel
def box_mean(plane, out):
    """Mean of the 5x5 pixels around each pixel of f32[h, w]; at a border, of those there are."""
    height, width = plane.shape
    # Sums over columns are kept up as the window moves down; beyond the borders they are 0.
    sums = np.zeros(width + 2 * RADIUS, np.float64)
    columns = sums[RADIUS : RADIUS + width]
    counts = np.empty(width, np.float64)
    for x in range(width):
        counts[x] = min(x, RADIUS) + 1 + min(width - 1 - x, RADIUS)
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
        row = out[y]
        # Written out, so that compilers make vector code of it.
        for x in range(width):
            left, right = sums[x] + sums[x + 1], sums[x + 3] + sums[x + 4]
            row[x] = (left + sums[x + 2] + right) / (rows * counts[x])


@kernel
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


@kernel
def smooth(source, before, strength, still, most, out):
    """Pull ``source`` towards the filtered frame before it.

    Parameters
    ----------
    source : u8[h, w, 3]
    before : f32[h, w, 3]
        The filtered frame before this one.
    strength : float
        Share of the difference that is taken away where nothing moves.
    still : float
        Mean difference of the greatest channel over 5x5 pixels at which nothing is taken away.
    most : float
        No sample is changed by more than this.
    out : f32[h, w, 3]
    """
    height, width, channels = source.shape
    change = np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            greatest = np.float32(0)
            for j in range(channels):
                d = abs(np.float32(source[y, x, j]) - before[y, x, j])
                greatest = max(greatest, d)
            change[y, x] = greatest
    around = np.empty((height, width), np.float32)
    box_mean(change, around)
    for y in range(height):
        for x in range(width):
            moved = max(around[y, x], np.float32(0.5) * change[y, x])
            share = strength * max(0.0, 1 - moved / still)
            for j in range(channels):
                value = np.float32(source[y, x, j])
                step = share * (before[y, x, j] - value)
                out[y, x, j] = value + min(max(step, -most), most)
