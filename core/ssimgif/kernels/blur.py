"""Separable blurs, one row at a time, for kernels that fuse several of them.

All arrays of a call are float32, or all are float64. Taps are added from the outermost on, four
at a time where there are as many.
"""

import numpy as np

from ssimgif.kernels.jit import helper, kernel


@kernel
def blur_row(row, taps, out):
    """Blur a padded row: [w + 2 r] with symmetric taps into [w].

    ``taps`` [r + 1] are the outermost to the middle tap.
    """
    radius = taps.shape[0] - 1
    width = out.shape[0]
    middle = taps[radius]
    source = row[radius : radius + width]
    for x in range(width):
        out[x] = middle * source[x]
    singles = radius % 4
    for k in range(singles):
        _add_pair(row[k:], row[2 * radius - k :], taps[k], out)
    for k in range(singles, radius, 4):
        left, right = row[k:], row[2 * radius - 3 - k :]
        a, b, c, d = taps[k], taps[k + 1], taps[k + 2], taps[k + 3]
        for x in range(width):
            value = out[x] + a * (left[x] + right[x + 3])
            value += b * (left[x + 1] + right[x + 2])
            value += c * (left[x + 2] + right[x + 1])
            out[x] = value + d * (left[x + 3] + right[x])


@kernel
def blur_ring(ring, newest, taps, out):
    """Blur down the columns of a ring of 2 r + 1 rows [2 r + 1, w] into [w].

    ``newest`` is the number of the last row put into the ring, at ``newest % (2 r + 1)``.
    """
    radius = taps.shape[0] - 1
    size = 2 * radius + 1
    width = out.shape[0]
    middle = taps[radius]
    oldest = newest - 2 * radius
    source = ring[(newest - radius) % size]
    for x in range(width):
        out[x] = middle * source[x]
    singles = radius % 4
    for k in range(singles):
        _add_pair(ring[(oldest + k) % size], ring[(newest - k) % size], taps[k], out)
    for k in range(singles, radius, 4):
        above = ring[(oldest + k) % size], ring[(oldest + k + 1) % size]
        below = ring[(newest - k) % size], ring[(newest - k - 1) % size]
        inner_above = ring[(oldest + k + 2) % size], ring[(oldest + k + 3) % size]
        inner_below = ring[(newest - k - 2) % size], ring[(newest - k - 3) % size]
        _add_four_pairs(above + inner_above, below + inner_below, taps[k : k + 4], out)


@helper
def _add_pair(before, after, tap, out):
    for x in range(out.shape[0]):
        out[x] += tap * (before[x] + after[x])


@helper
def _add_four_pairs(before, after, taps, out):
    a0, a1, a2, a3 = before
    b0, b1, b2, b3 = after
    a, b, c, d = taps[0], taps[1], taps[2], taps[3]
    for x in range(out.shape[0]):
        value = out[x] + a * (a0[x] + b0[x])
        value += b * (a1[x] + b1[x])
        value += c * (a2[x] + b2[x])
        out[x] = value + d * (a3[x] + b3[x])


@kernel
def blur_plane(padded, taps, out):
    """Blur [h + 2 r, w + 2 r] with symmetric taps into [h, w]."""
    size = 2 * taps.shape[0] - 1
    ring = np.empty((size, out.shape[1]), taps.dtype)
    for y in range(padded.shape[0]):
        blur_row(padded[y], taps, ring[y % size])
        if y >= size - 1:
            blur_ring(ring, y, taps, out[y - size + 1])
