"""Pictures as one number a pixel, 0 where nothing shows: what changes between two of them.

Colours are kept in an open-addressing hash table of `SLOTS` numbers, 0 where it is free.
"""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.jit import helper, kernel

SLOTS = 1024


@kernel
def clear_hidden(pixels, out):
    """Copy pixels u32[n], with 0 for those whose alpha, the highest byte, is 0."""
    for i in range(out.size):
        out[i] = pixels[i] if pixels[i] >> np.uint32(24) else np.uint32(0)


@kernel
def changed_rectangle(before, after, out):
    """Find the rectangle around the pixels that differ.

    Parameters
    ----------
    before, after : u32[h, w]
    out : i64[4], out
        Top, bottom, left and right, half open; bottom is not below top where nothing differs.
    """
    height, width = after.shape
    top, bottom = 0, height
    while top < height and _first(before, after, top, 0, width) == width:
        top += 1
    while bottom > top and _first(before, after, bottom - 1, 0, width) == width:
        bottom -= 1
    left, right = width, 0
    for y in range(top, bottom):
        left = min(left, _first(before, after, y, 0, left))
        x = width
        while x > right and before[y, x - 1] == after[y, x - 1]:
            x -= 1
        right = max(right, x)
    out[0], out[1], out[2], out[3] = top, bottom, left, right


@helper
def _first(before, after, y, start, stop):
    """Return the first column of a row that differs, stop if none."""
    x = start
    while x < stop and before[y, x] == after[y, x]:
        x += 1
    return x


@kernel
def count_changes(before, after):
    """Return how many pixels differ, and how many of them show nothing any more."""
    changed = vanished = 0
    for y in range(after.shape[0]):
        for x in range(after.shape[1]):
            if before[y, x] != after[y, x]:
                changed += 1
                vanished += after[y, x] == 0
    return changed, vanished


@kernel
def rough_indices(before, after, out):
    """Give each pixel of ``out`` u8[h * w] a number: 0 where it stays, else one for its colour."""
    width = after.shape[1]
    for y in range(after.shape[0]):
        for x in range(width):
            color = after[y, x]
            number = (color * np.uint32(2_654_435_761) >> np.uint32(24)) | np.uint32(1)
            out[y * width + x] = number if before[y, x] != color else 0


@kernel
def vanished_pixels(before, after, out):
    """Tell which pixels show nothing any more; ``out`` is bool[h, w]."""
    for y in range(after.shape[0]):
        for x in range(after.shape[1]):
            out[y, x] = before[y, x] != 0 and after[y, x] == 0


@helper
def _slot(keys, color):
    """Return the slot of a colour, or the free one where it would go."""
    slot = np.int64(color * np.uint32(2_654_435_761) >> np.uint32(22)) & (SLOTS - 1)
    while keys[slot] != 0 and keys[slot] != color:
        slot = (slot + 1) & (SLOTS - 1)
    return slot


@kernel
def enter_colors(colors, keys, numbers):
    """Enter the number of each of at most 256 colours u32[n] into an empty table.

    ``keys`` u32[SLOTS] and ``numbers`` u8[SLOTS] are the table.
    """
    for i in range(colors.size):
        slot = _slot(keys, colors[i])
        keys[slot] = colors[i]
        numbers[slot] = i


@kernel
def collect_colors(before, after, all_of_them, keys):
    """Collect the colours of the pixels that change, or of all that show anything.

    Parameters
    ----------
    before, after : u32[h, w]
    all_of_them : bool
    keys : u32[SLOTS]
        Empty; afterwards it has the colours.

    Returns
    -------
    int
        How many there are, 257 if more than 256.
    """
    found, last = 0, np.uint32(0)
    for y in range(after.shape[0]):
        for x in range(after.shape[1]):
            color = after[y, x]
            wanted = all_of_them or before[y, x] != color
            if not wanted or color == 0 or color == last:  # noqa: PLR1714
                continue
            last = color
            slot = _slot(keys, color)
            if keys[slot] == 0:
                found += 1
                if found > 256:
                    return found
                keys[slot] = color
    return found


@kernel
def lay_out(before, after, keys, numbers, transparent, most, indices, held):
    """Give each pixel its index, and tell where the transparent one shows the same.

    Parameters
    ----------
    before, after : u32[h, w]
    keys, numbers : u32[SLOTS], u8[SLOTS]
        The colours and their indices.
    transparent : int
        -1 where there is none.
    most : int
        Pixels that stay as they are have no greater index of their own.
    indices : u8[h * w], out
    held : u8[h * w], out

    Returns
    -------
    bool
        Whether each pixel has an index that is right.
    """
    width = after.shape[1]
    for y in range(after.shape[0]):
        for x in range(width):
            at, color = y * width + x, after[y, x]
            slot = _slot(keys, color)
            known = color != 0 and keys[slot] == color and numbers[slot] != transparent
            stays = before[y, x] == color and transparent >= 0
            held[at] = False
            if known and (not stays or numbers[slot] <= most):
                indices[at] = numbers[slot]
                held[at] = stays
            elif stays:
                indices[at] = transparent
            else:
                return False
    return True
