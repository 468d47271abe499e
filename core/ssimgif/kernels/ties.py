"""Which pixels of a block could have their own index as well as the transparent one."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.jit import helper, kernel


@helper
def _packed(rgb, i):
    """Return the colour of pixel ``i`` of u8[3 * n] as one number."""
    return np.int64(rgb[3 * i]) << 16 | np.int64(rgb[3 * i + 1]) << 8 | np.int64(rgb[3 * i + 2])


@helper
def _index_of(color, colors, entries):
    """Return the entry of a colour, or -1; ``colors`` are in rising order."""
    low, high = 0, colors.size
    while low < high:
        middle = (low + high) // 2
        if colors[middle] < color:
            low = middle + 1
        else:
            high = middle
    return entries[low] if low < colors.size and colors[low] == color else -1


@kernel
def find_ties(indices, transparent, colors, entries, rgb, opaque, held):
    """Find where the screen shows what a block draws, or could draw.

    Parameters
    ----------
    indices : u8[n]
        What the block draws; in place, pixels that stay get the index of their colour, if any.
    transparent : int
    colors, entries : i64[k]
        The palette's colours as 0xRRGGBB in rising order, and their indices, without the
        transparent one.
    rgb : u8[3 * n]
        The screen.
    opaque : bool[n]
        Where it shows anything.
    held : bool[n], out
        Where both the index and the transparent one show the same.
    """
    before, found = np.int64(-1), np.int64(-1)
    for i in range(indices.size):
        held[i] = False
        if not opaque[i]:
            continue
        color = _packed(rgb, i)
        if color != before:
            before, found = color, np.int64(_index_of(color, colors, entries))
        if indices[i] == transparent:
            held[i] = found >= 0
            if found >= 0:
                indices[i] = found
        else:
            held[i] = indices[i] == found
