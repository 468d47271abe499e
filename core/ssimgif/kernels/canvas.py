"""Comparing what two canvases show, and drawing on them."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.jit import helper, kernel


@kernel
def differences(first, first_opaque, second, second_opaque, tolerance, out):
    """Tell which pixels look different.

    Parameters
    ----------
    first, second : u8[3 * n]
    first_opaque, second_opaque : bool[n]
    tolerance : u8
        Opaque pixels are equal when no channel differs by more.
    out : bool[n]
    """
    for i in range(out.size):
        far = False
        for j in range(3):
            one, other = first[3 * i + j], second[3 * i + j]
            far |= np.uint8(max(one, other) - min(one, other)) > tolerance
        here, there = first_opaque[i], second_opaque[i]
        out[i] = (here != there) | (here & there & far)


@kernel
def copy_colors(rgba, out):
    """Copy the colours of u8[4 * n] to u8[3 * n]."""
    for i in range(out.size // 3):
        for j in range(3):
            out[3 * i + j] = rgba[4 * i + j]


@kernel
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


@kernel
def draw_rows(indices, width, colors, rows, canvas):
    """Draw the pixels of an image that show anything.

    Parameters
    ----------
    indices : u8[n]
        Row by row; the last ones may be missing.
    width : int
        Of the image.
    colors : u32[256]
        Of each index, 0 if it is not drawn.
    rows : i64[h]
        Where each row of the image goes.
    canvas : u32[h', w']
        Changed in place; it may be smaller than the image.
    """
    for i in range(-(-indices.size // width)):
        y = rows[i]
        if y < canvas.shape[0]:
            for x in range(min(canvas.shape[1], indices.size - i * width)):
                color = colors[indices[i * width + x]]
                if color != 0:
                    canvas[y, x] = color


@kernel
def difference_bounds(one, other, bounds):
    """Find the smallest rectangle outside which two planes are equal.

    Parameters
    ----------
    one, other : u8[h, w]
    bounds : i64[4], out
        First and last row and column, half open; no rows where all is equal.
    """
    height, width = one.shape
    top, bottom, left, right = 0, height, width, 0
    while top < height and not _differ(one[top], other[top]):
        top += 1
    while bottom > top and not _differ(one[bottom - 1], other[bottom - 1]):
        bottom -= 1
    for y in range(top, bottom):
        for x in range(left):
            if one[y, x] != other[y, x]:
                left = x
                break
        for x in range(width - 1, right - 1, -1):
            if one[y, x] != other[y, x]:
                right = x + 1
                break
        if left == 0 and right == width:
            break
    bounds[0], bounds[1], bounds[2], bounds[3] = top, bottom, left, right


@helper
def _differ(one, other):
    different = np.uint8(0)
    for x in range(one.shape[0]):
        # Cast at each step: in wider numbers this would take eight times as long.
        different = np.uint8(different | np.uint8(one[x] ^ other[x]))
    return different != 0
