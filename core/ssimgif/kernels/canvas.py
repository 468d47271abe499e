"""Comparing what two canvases show, and drawing on them."""

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


@njit(cache=True, nogil=True)
def copy_colors(rgba, out):
    """Copy the colours of u8[h, w, 4] to u8[h, w, 3]."""
    height, width = out.shape[:2]
    for y in range(height):
        for x in range(width):
            for j in range(3):
                out[y, x, j] = rgba[y, x, j]


@njit(cache=True, nogil=True)
def draw_block(indices, colors, transparent, top, left, rgb, opaque):
    """Draw a block on a canvas.

    Parameters
    ----------
    indices : u8[h, w]
    colors : u8[n, 3]
    transparent : int
        The index of pixels that stay as they are, or -1.
    top, left : int
        Where the block is.
    rgb, opaque : u8[H, W, 3], bool[H, W]
        The canvas, changed in place.
    """
    height, width = indices.shape
    for y in range(height):
        for x in range(width):
            s = indices[y, x]
            if s != transparent:
                for j in range(3):
                    rgb[top + y, left + x, j] = colors[s, j]
                opaque[top + y, left + x] = True
