"""Counting the colours of pictures."""

import numpy as np
from numba import njit

# Of each channel that make up a bin's number.
BITS = 6


@njit(cache=True, nogil=True)
def add_pixels(pixels, weights, sums, found):
    """Add pixels to the bins of their colours.

    Parameters
    ----------
    pixels : u8[n, 3]
    weights : f32[n]
    sums : f64[2 ** (3 * BITS), 4]
        Weighted sums of red, green, blue and 1, by bin: red's bits first, then green's. All 0
        when called.
    found : i64[2 ** (3 * BITS)]
        Its first places are filled with the bins that have got any weight, as they came.

    Returns
    -------
    int
        How many those are.
    """
    drop = 8 - BITS
    count = 0
    for i in range(pixels.shape[0]):
        red, green, blue = np.int64(pixels[i, 0]), np.int64(pixels[i, 1]), np.int64(pixels[i, 2])
        key = ((red >> drop) << (2 * BITS)) | ((green >> drop) << BITS) | (blue >> drop)
        weight = np.float64(weights[i])
        if weight > 0.0 and sums[key, 3] == 0.0:
            found[count] = key
            count += 1
        sums[key, 0] += weight * red
        sums[key, 1] += weight * green
        sums[key, 2] += weight * blue
        sums[key, 3] += weight
    return count
