"""Means over squares, one pixel at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def slow_mean_around(plane: NDArray[np.generic], radius: int) -> NDArray[np.float64]:
    """Return the mean in the square around each pixel of [h, w], zeros beyond the borders."""
    out = np.empty(plane.shape)
    for y, x in np.ndindex(*plane.shape):
        rows = slice(max(y - radius, 0), y + radius + 1)
        near = plane[rows, max(x - radius, 0) : x + radius + 1]
        out[y, x] = near.sum(dtype=np.float64) / (2 * radius + 1) ** 2
    return out
