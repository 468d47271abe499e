"""Separable blurs, one row at a time, for kernels that fuse several of them.

All arrays of a call are float32, or all are float64. Taps are added from the outermost on: up to
three with the middle one, then four at a time.
"""

import numpy as np

from ssimgif.kernels.jit import helper, kernel


@helper
def blur_row(row, taps, out):
    """Blur a padded row: [w + 2 r] with symmetric taps into [w].

    ``taps`` [r + 1] are the outermost to the middle tap.
    """
    radius = taps.shape[0] - 1
    last = 2 * radius
    a1, a2 = row[min(1, last) :], row[min(2, last) :]
    b0, b1, b2 = row[last:], row[max(last - 1, 0) :], row[max(last - 2, 0) :]
    _add_first(row[radius:], row, a1, a2, b0, b1, b2, taps, out)
    for k in range(radius % 4, radius, 4):
        left, right = row[k:], row[last - 3 - k :]
        a, b, c, d = taps[k], taps[k + 1], taps[k + 2], taps[k + 3]
        for x in range(out.shape[0]):
            value = out[x] + a * (left[x] + right[x + 3])
            value += b * (left[x + 1] + right[x + 2])
            value += c * (left[x + 2] + right[x + 1])
            out[x] = value + d * (left[x + 3] + right[x])


@helper
def blur_ring(ring, newest, taps, out):
    """Blur down the columns of a ring of 2 r + 1 rows [2 r + 1, w] into [w].

    ``newest`` is the number of the last row put into the ring, at ``newest % (2 r + 1)``.
    """
    radius = taps.shape[0] - 1
    size = 2 * radius + 1
    oldest = newest - 2 * radius
    a0, a1, a2 = ring[oldest % size], ring[(oldest + 1) % size], ring[(oldest + 2) % size]
    b0, b1, b2 = ring[newest % size], ring[(newest - 1) % size], ring[(newest - 2) % size]
    _add_first(ring[(newest - radius) % size], a0, a1, a2, b0, b1, b2, taps, out)
    for k in range(radius % 4, radius, 4):
        a0, a1 = ring[(oldest + k) % size], ring[(oldest + k + 1) % size]
        a2, a3 = ring[(oldest + k + 2) % size], ring[(oldest + k + 3) % size]
        b0, b1 = ring[(newest - k) % size], ring[(newest - k - 1) % size]
        b2, b3 = ring[(newest - k - 2) % size], ring[(newest - k - 3) % size]
        a, b, c, d = taps[k], taps[k + 1], taps[k + 2], taps[k + 3]
        for x in range(out.shape[0]):
            value = out[x] + a * (a0[x] + b0[x])
            value += b * (a1[x] + b1[x])
            value += c * (a2[x] + b2[x])
            out[x] = value + d * (a3[x] + b3[x])


@helper
def _add_first(source, a0, a1, a2, b0, b1, b2, taps, out):
    """Weigh the middle, and add the outermost pairs that don't make up four."""
    radius = taps.shape[0] - 1
    middle = taps[radius]
    a, b, c = taps[0], taps[min(1, radius)], taps[min(2, radius)]
    if radius % 4 == 0:
        for x in range(out.shape[0]):
            out[x] = middle * source[x]
    elif radius % 4 == 1:
        for x in range(out.shape[0]):
            out[x] = middle * source[x] + a * (a0[x] + b0[x])
    elif radius % 4 == 2:
        for x in range(out.shape[0]):
            value = middle * source[x] + a * (a0[x] + b0[x])
            out[x] = value + b * (a1[x] + b1[x])
    else:
        for x in range(out.shape[0]):
            value = middle * source[x] + a * (a0[x] + b0[x])
            value += b * (a1[x] + b1[x])
            out[x] = value + c * (a2[x] + b2[x])


@kernel
def blur_plane(padded, taps, out):
    """Blur [h + 2 r, w + 2 r] with symmetric taps into [h, w]."""
    size = 2 * taps.shape[0] - 1
    ring = np.empty((size, out.shape[1]), taps.dtype)
    for y in range(padded.shape[0]):
        blur_row(padded[y], taps, ring[y % size])
        if y >= size - 1:
            blur_ring(ring, y, taps, out[y - size + 1])
