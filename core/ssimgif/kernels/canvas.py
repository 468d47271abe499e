"""Comparing what two canvases show."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def differences(first, first_opaque, second, second_opaque, tolerance, out):
    """Tell which pixels look different.

    Parameters
    ----------
    first, second : u8[h, w, 3]
    first_opaque, second_opaque : bool[h, w]
    tolerance : int
        Opaque pixels are equal when no channel differs by more.
    out : bool[h, w]
    """
    height, width = first_opaque.shape
    for y in range(height):
        for x in range(width):
            differs = first_opaque[y, x] != second_opaque[y, x]
            if first_opaque[y, x] and second_opaque[y, x]:
                for j in range(3):
                    d = np.int32(first[y, x, j]) - np.int32(second[y, x, j])
                    differs |= d > tolerance or -d > tolerance
            out[y, x] = differs
