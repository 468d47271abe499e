"""What the pixels of a block gain by being drawn, summed over lines of a rectangle."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.jit import helper, kernel
from ssimgif.kernels.phrase_search import CB, CHROMA, CR, HOLD, LUMA, Y


@kernel
def held_errors(picture, out):
    """Weighted squared error of each pixel if the screen stays, f32[h * w].

    Infinite where it may not stay, 0 where it must. ``picture`` is that of the phrase search.
    """
    source, screen = picture.source, picture.screen
    for at in range(out.size):
        dy = source[at, Y] - screen[at, Y]
        db = source[at, CB] - screen[at, CB]
        dr = source[at, CR] - screen[at, CR]
        error = source[at, LUMA] * (dy * dy) + source[at, CHROMA] * (db * db + dr * dr)
        mode = screen[at, HOLD]
        out[at] = error if mode == 1 else np.inf if mode == 0 else 0


@kernel
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


@kernel
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
    picture = (indices, colors, transparent, rgb, opaque, clear)
    top, bottom = 0, height - 1
    while top < height and _first_change(picture, top, 0, width) == width:
        top += 1
    while bottom > top and _first_change(picture, bottom, 0, width) == width:
        bottom -= 1
    left, right = width, -1
    for y in range(top, bottom + 1):
        left = min(left, _first_change(picture, y, 0, left))
        while right < width - 1:
            x = _first_change(picture, y, right + 1, width)
            if x == width:
                break
            right = x
    out[0] = top
    out[1] = bottom if top < height else -1
    out[2] = left
    out[3] = right


@helper
def _first_change(picture, y, start, stop):
    """Return the first column of a row, from start on, that a block changes; stop if none."""
    indices, colors, transparent, rgb, opaque, clear = picture
    for x in range(start, stop):
        if clear[y, x]:
            return x
        s = indices[y, x]
        if s != transparent:
            if not opaque[y, x]:
                return x
            for j in range(3):
                if colors[s, j] != rgb[y, x, j]:
                    return x
    return stop
