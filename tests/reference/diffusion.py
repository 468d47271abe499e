"""Serpentine Floyd-Steinberg on one channel, as the textbook has it."""

import numpy as np
from numpy.typing import NDArray


def floyd_steinberg(gray: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the index of a level for each pixel of f64[h, w]."""
    wanted = gray.copy()
    out = np.zeros(gray.shape, np.intp)
    height, width = gray.shape
    for y in range(height):
        step = 1 if y % 2 == 0 else -1
        for x in range(width)[::step]:
            value = min(max(wanted[y, x], 0.0), 255.0)
            out[y, x] = np.abs(levels - value).argmin()
            error = value - levels[out[y, x]]
            for dy, dx, share in ((0, 1, 7), (1, -1, 3), (1, 0, 5), (1, 1, 1)):
                if y + dy < height and 0 <= x + dx * step < width:
                    wanted[y + dy, x + dx * step] += error * share / 16
    return out
