"""Means over the squares around the pixels of a plane."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.jit import kernel


@kernel
def mean_around(plane, radius, out):
    """Mean in the square around each pixel, zeros beyond the borders.

    By a table of sums from the top left corner on, of which as many rows are kept as a square has.

    Parameters
    ----------
    plane : u8[h, w] or f32[h, w]
    radius : int
        Pixels of the square to each side of the one in the middle.
    out : f32[h, w], out
    """
    height, width = plane.shape
    side = 2 * radius + 1
    columns = np.zeros(width + side)
    table = np.zeros((side + 1, width + side))
    for y in range(height + radius):
        if y < height:
            for x in range(width):
                columns[radius + 1 + x] += plane[y, x]
        row = table[y % (side + 1)]
        total = 0.0
        for x in range(width + side):
            total += columns[x]
            row[x] = total
        if y < radius:
            continue
        # Before the first row of the plane all sums are 0, as rows that were not written are.
        above = table[(y + 1) % (side + 1)]
        for x in range(width):
            inside = row[x + side] - above[x + side] - row[x] + above[x]
            out[y - radius, x] = np.float32(inside / side**2)
