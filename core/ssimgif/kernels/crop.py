"""What the pixels of a block gain by being drawn, summed over lines of a rectangle."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def held_errors(picture, out):
    """Weighted squared error of each pixel if the screen stays, f32[h * w].

    Infinite where it may not stay, 0 where it must. ``picture`` is that of the phrase search.
    """
    source, screen = picture.source, picture.screen
    for at in range(out.size):
        dy = source[0, at] - screen[0, at]
        db = source[1, at] - screen[1, at]
        dr = source[2, at] - screen[2, at]
        error = picture.luma_weight[at] * (dy * dy)
        error += picture.chroma_weight[at] * (db * db + dr * dr)
        mode = picture.hold_mode[at]
        out[at] = error if mode == 1 else np.inf if mode == 0 else 0


@njit(cache=True, nogil=True)
def line_gains(indices, transparent, held, floor, clear, lam, drawn, top, bottom, rows, columns):
    """Sum up what drawing is worth, in bits, over the rows and columns of some rows.

    Parameters
    ----------
    indices : u8[h, w]
    transparent : int
        The index of pixels that are not drawn.
    held, floor : f32[h, w]
        Weighted squared error of a pixel that stays as it is, and the least there can be.
    clear : bool[h, w]
        What must be inside the rectangle, at an infinite gain.
    lam : float
        Bits that one unit of error is worth.
    drawn : float
        Bits that drawing a pixel takes.
    top, bottom : int
        The rows to look at, half open.
    rows : f64[h], out
    columns : f64[w], out
    """
    columns[:] = 0
    for y in range(top, bottom):
        total = 0.0
        for x in range(indices.shape[1]):
            if clear[y, x]:
                gain = np.inf
            elif indices[y, x] == transparent:
                continue
            else:
                gain = lam * (held[y, x] - floor[y, x]) - drawn
            total += gain
            columns[x] += gain
        rows[y] = total


@njit(cache=True, nogil=True)
def changed_rectangle(indices, colors, transparent, rgb, opaque, clear, out):
    """Find the rectangle around the pixels that a block changes on the screen.

    Parameters
    ----------
    indices : u8[h, w]
    colors : u8[n, 3]
    transparent : int
        The index of pixels that stay as they are, or -1.
    rgb, opaque : u8[h, w, 3], bool[h, w]
        The screen there.
    clear : bool[h, w]
        What counts as changed in any case.
    out : i64[4], out
        First and last row, first and last column; the first beyond the last where there is none.
    """
    height, width = indices.shape
    top, bottom, left, right = height, -1, width, -1
    for y in range(height):
        for x in range(width):
            s = indices[y, x]
            changes = clear[y, x]
            if s != transparent and not changes:
                changes = (
                    not opaque[y, x]
                    or colors[s, 0] != rgb[y, x, 0]
                    or colors[s, 1] != rgb[y, x, 1]
                    or colors[s, 2] != rgb[y, x, 2]
                )
            if changes:
                top = min(top, y)
                bottom = y
                left = min(left, x)
                right = max(right, x)
    out[0] = top
    out[1] = bottom
    out[2] = left
    out[3] = right
