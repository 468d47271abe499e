"""Convolutions of planes, with a ring of zeros around each as padding.

Planes are f32[channels, h + 2, w + 2] in C order; the ring must be 0. A plane is worked on as one
long row, ring included, in which the nine neighbours of a pixel are at fixed distances; what comes
out where the ring is gets thrown away. Each stretch of the source serves four planes of the output
at once, so that a loaded value is used twelve times; the innermost loop runs along the row and
needs no reduction, so it is vectorised without relaxing the order of additions.
"""

import numpy as np
from numba import njit

# Planes of the output that are worked out together.
GROUP = 4
# Pixels worked out together; the sums of a group stay in the first-level cache.
TILE = 512


@njit(cache=True, nogil=True)
def convolve(phases, step, weights, bias, rectify, out):
    """Convolve planes with 3 x 3 weights, at each pixel or at every other one.

    Parameters
    ----------
    phases : f32[1 or 4, c, rows, w + 2]
        With ``step`` 1, the padded planes. With ``step`` 2, their pixels at even rows and even
        columns, even and odd, odd and even, odd and odd, with h + 1 rows or more each and zeros
        to the width of the output.
    step : int
        Pixels from one output to the next, down and across: 1 or 2.
    weights : f32[groups, c, 3, 3, GROUP]
        By output plane, in groups; input plane; row; column. As correlation, not flipped.
    bias : f32[groups * GROUP]
    rectify : bool
        Whether negative outputs become 0.
    out : f32[k, h + 2, w + 2]
        Filled inside the ring; k may be less than groups * GROUP.
    """
    planes, height, width = out.shape
    source = phases.reshape(phases.shape[0], phases.shape[1], -1)
    flat = out.reshape(planes, -1)
    total = (height - 3) * width + width - 2
    sums = np.empty(GROUP * TILE, np.float32)
    odd = step - 1
    for start in range(0, total, TILE):
        n = min(TILE, total - start)
        for group in range(weights.shape[0]):
            for k in range(GROUP):
                sums[k * TILE : k * TILE + n] = bias[group * GROUP + k]
            for c in range(phases.shape[1]):
                for row in range(3):
                    even = 2 * odd * (row % 2)
                    at = start + row // step * width
                    left = source[even, c, at : at + n]
                    at += 1 - odd
                    centre = source[even + odd, c, at : at + n]
                    at += 1
                    right = source[even, c, at : at + n]
                    add_row(left, centre, right, weights[group, c, row], sums)
            for k in range(min(GROUP, planes - group * GROUP)):
                at = width + 1 + start
                target = flat[group * GROUP + k, at : at + n]
                store(sums[k * TILE : k * TILE + n], rectify, target)
    out[:, :, 0] = 0
    out[:, :, width - 1] = 0


@njit(cache=True, nogil=True)
def add_row(left, centre, right, taps, sums):
    """Add a stretch of the source, times f32[3, GROUP] taps, to the sums of a group."""
    a0, b0, c0, d0 = taps[0, 0], taps[0, 1], taps[0, 2], taps[0, 3]
    a1, b1, c1, d1 = taps[1, 0], taps[1, 1], taps[1, 2], taps[1, 3]
    a2, b2, c2, d2 = taps[2, 0], taps[2, 1], taps[2, 2], taps[2, 3]
    for x in range(left.size):
        p = left[x]
        q = centre[x]
        r = right[x]
        sums[x] += a0 * p + a1 * q + a2 * r
        sums[x + TILE] += b0 * p + b1 * q + b2 * r
        sums[x + 2 * TILE] += c0 * p + c1 * q + c2 * r
        sums[x + 3 * TILE] += d0 * p + d1 * q + d2 * r


@njit(cache=True, nogil=True)
def store(sums, rectify, target):
    """Write a row of sums, rectified or not."""
    zero = np.float32(0)
    if rectify:
        for x in range(sums.size):
            target[x] = max(sums[x], zero)
    else:
        target[:] = sums


@njit(cache=True, nogil=True)
def mix(planes, weights, bias, rectify, out):
    """Make each output plane a weighted sum of all planes (a 1 x 1 convolution, a linear layer).

    Parameters
    ----------
    planes : f32[c, n]
    weights : f32[groups, c, GROUP]
    bias : f32[groups * GROUP]
    rectify : bool
    out : f32[k, n]
        k may be less than groups * GROUP.
    """
    channels, total = planes.shape
    sums = np.empty(GROUP * TILE, np.float32)
    for start in range(0, total, TILE):
        n = min(TILE, total - start)
        for group in range(weights.shape[0]):
            for k in range(GROUP):
                sums[k * TILE : k * TILE + n] = bias[group * GROUP + k]
            for c in range(channels):
                add_plane(planes[c, start : start + n], weights[group, c], sums)
            for k in range(min(GROUP, out.shape[0] - group * GROUP)):
                target = out[group * GROUP + k, start : start + n]
                store(sums[k * TILE : k * TILE + n], rectify, target)


@njit(cache=True, nogil=True)
def add_plane(row, taps, sums):
    """Add a stretch of a plane, times f32[GROUP] taps, to the sums of a group."""
    a, b, c, d = taps[0], taps[1], taps[2], taps[3]
    for x in range(row.size):
        value = row[x]
        sums[x] += a * value
        sums[x + TILE] += b * value
        sums[x + 2 * TILE] += c * value
        sums[x + 3 * TILE] += d * value


@njit(cache=True, nogil=True)
def add_enlarged(planes, out):
    """Add padded planes to others of twice the size, each pixel to 2 x 2.

    Parameters
    ----------
    planes : f32[c, h + 2, w + 2]
    out : f32[c, 2 h + 2, 2 w + 2]
        Changed inside the ring.
    """
    for c in range(out.shape[0]):
        for y in range(out.shape[1] - 2):
            row = planes[c, 1 + y // 2]
            target = out[c, 1 + y]
            for x in range(planes.shape[2] - 2):
                value = row[1 + x]
                target[1 + 2 * x] += value
                target[2 + 2 * x] += value
