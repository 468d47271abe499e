"""Colour histograms: weighted bins of RGB, and the set of distinct colours."""

import numpy as np
from numba import njit

EMPTY = np.uint32(0xFFFFFFFF)


@njit(cache=True, nogil=True)
def add_to_histogram(pixels, weights, bits, bins):
    """Add weighted pixels to bins of RGB.

    Parameters
    ----------
    pixels : u8[n, 3]
    weights : f32[n]
    bits : int
        Bits of each channel that select the bin, 1..8.
    bins : f64[2 ** (3 * bits), 4]
        Sums of weight, weight * R, weight * G and weight * B; changed in place.
    """
    shift = 8 - bits
    for i in range(pixels.shape[0]):
        r = np.int64(pixels[i, 0])
        g = np.int64(pixels[i, 1])
        b = np.int64(pixels[i, 2])
        k = ((r >> shift) << (2 * bits)) | ((g >> shift) << bits) | (b >> shift)
        w = np.float64(weights[i])
        bins[k, 0] += w
        bins[k, 1] += w * r
        bins[k, 2] += w * g
        bins[k, 3] += w * b


@njit(cache=True, nogil=True)
def add_distinct_colors(pixels, table, colors, count):
    """Add the colours of pixels to a set, until the set is full.

    Parameters
    ----------
    pixels : u8[n, 3]
    table : u32[m]
        Open-addressing hash table of 24-bit colours, m a power of two greater than the
        set's capacity; empty slots hold 2**32 - 1. Changed in place.
    colors : u8[capacity, 3]
        The colours in the order they were met. Changed in place.
    count : int
        Colours in the set so far.

    Returns
    -------
    int
        Colours in the set now; ``capacity`` also when there are more.
    """
    mask = np.uint32(table.shape[0] - 1)
    last = EMPTY
    for i in range(pixels.shape[0]):
        key = (
            (np.uint32(pixels[i, 0]) << np.uint32(16))
            | (np.uint32(pixels[i, 1]) << np.uint32(8))
            | np.uint32(pixels[i, 2])
        )
        if key == last:
            continue
        last = key
        if count == colors.shape[0]:
            return count
        slot = ((key * np.uint32(2654435761)) >> np.uint32(16)) & mask
        while table[slot] != EMPTY and table[slot] != key:
            slot = (slot + np.uint32(1)) & mask
        if table[slot] == EMPTY:
            table[slot] = key
            colors[count, 0] = pixels[i, 0]
            colors[count, 1] = pixels[i, 1]
            colors[count, 2] = pixels[i, 2]
            count += 1
    return count
