"""Separable blurs, one row at a time, for kernels that fuse several of them.

All arrays of a call are float32, or all are float64.
"""

import numpy as np

from ssimgif.kernels.jit import kernel


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
    for k in range(radius):
        tap = taps[k]
        left = row[k : k + width]
        right = row[2 * radius - k : 2 * radius - k + width]
        for x in range(width):
            out[x] += tap * (left[x] + right[x])


@kernel
def blur_ring(ring, newest, taps, out):
    """Blur down the columns of a ring of 2 r + 1 rows [2 r + 1, w] into [w].

    ``newest`` is the number of the last row put into the ring, at ``newest % (2 r + 1)``.
    """
    radius = taps.shape[0] - 1
    size = 2 * radius + 1
    width = out.shape[0]
    middle = taps[radius]
    source = ring[(newest - radius) % size]
    for x in range(width):
        out[x] = middle * source[x]
    for k in range(radius):
        tap = taps[k]
        above = ring[(newest - 2 * radius + k) % size]
        below = ring[(newest - k) % size]
        for x in range(width):
            out[x] += tap * (above[x] + below[x])


@kernel
def blur_plane(padded, taps, out):
    """Blur [h + 2 r, w + 2 r] with symmetric taps into [h, w]."""
    size = 2 * taps.shape[0] - 1
    ring = np.empty((size, out.shape[1]), taps.dtype)
    for y in range(padded.shape[0]):
        blur_row(padded[y], taps, ring[y % size])
        if y >= size - 1:
            blur_ring(ring, y, taps, out[y - size + 1])
