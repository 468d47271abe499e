"""Luma and the edges where banding is likely."""

import numpy as np
from numba import njit

# A gradient below this many levels is flat.
FLAT = 1.0
BOX = 7
# Gradients count in units of this many levels, and no more than `LARGEST` of them.
UNIT = 8.0
LARGEST = 8.0


@njit(cache=True, nogil=True)
def fill_banding_inputs(pixels, out):
    """Set f32[2, h, w] to `banding_inputs` of u8[h, w, 3]."""
    height, width = out.shape[1:]
    luma, edges = out[0], out[1]
    for y in range(height):
        for x in range(width):
            luma[y, x] = (
                np.float32(0.299) * pixels[y, x, 0]
                + np.float32(0.587) * pixels[y, x, 1]
                + np.float32(0.114) * pixels[y, x, 2]
            )
    flat = np.empty((height, width), np.float32)
    for y in range(height):
        below = min(y + 1, height - 1)
        for x in range(width):
            right = min(x + 1, width - 1)
            across = luma[y, right] - luma[y, x]
            down = luma[below, x] - luma[y, x]
            gradient = np.sqrt(across * across + down * down)
            flat[y, x] = max(np.float32(0), np.float32(1) - gradient / np.float32(FLAT))
            edges[y, x] = min(gradient / np.float32(UNIT), np.float32(LARGEST))
    reach = BOX // 2
    rows = np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            total = np.float32(0)
            for i in range(x - reach, x + reach + 1):
                total += flat[y, min(max(i, 0), width - 1)]
            rows[y, x] = total
    share = np.float32(1 / (BOX * BOX))
    for y in range(height):
        for x in range(width):
            total = np.float32(0)
            for i in range(y - reach, y + reach + 1):
                total += rows[min(max(i, 0), height - 1), x]
            weight = total * share
            edges[y, x] *= weight * weight
