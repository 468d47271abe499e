"""Code a finished block once more: the least bytes for the very pixels that it shows."""

from __future__ import annotations

import numpy as np

from ssimgif.gif import lzw
from ssimgif.gif.parsing import smallest
from ssimgif.kernels.ties import find_ties
from ssimgif.model import U8, Bool, Palette

# Choosing between ties never makes data smaller than the longest phrases do by more than this.
TIES = 1.5
# Data up to here is looked at closely. Of photographs, which take more, hardly 1 % can be saved.
CLOSELY = 12_000


def reparsed(
    data: bytes, minimum_code_size: int, palette: Palette, screen: U8, opaque: Bool
) -> bytes:
    """Return the shortest LZW data that shows what a block shows.

    The codings are the one given, the longest phrases of the same indices, and, for pixels that
    equal the screen, those of all their indices, of none and of whichever makes phrases grow
    longest. Where there are few bytes, clear codes and phrases that look ahead are searched, too.

    Parameters
    ----------
    data : bytes
    minimum_code_size : int
    palette : Palette
    screen : u8[h, w, 3]
        What is on screen in the block's rectangle.
    opaque : bool[h, w]
        Where that is anything at all.
    """
    indices = lzw.decode(data, minimum_code_size, opaque.size)
    greedy = lzw.encode(indices, minimum_code_size)
    least = min(data, greedy, key=len)
    if len(greedy) > TIES * len(data):
        return least
    own, held = _ties(indices, palette, screen, opaque)
    if len(least) <= CLOSELY:
        return min(least, smallest(own, held, palette.transparent, minimum_code_size), key=len)
    if held.any() and palette.transparent is not None:
        free = lzw.encode_ties(own, held, palette.transparent, minimum_code_size)
        least = min(least, free, key=len)
    return least


def _ties(indices: U8, palette: Palette, screen: U8, opaque: Bool) -> tuple[U8, Bool]:
    """Return each pixel's own index, and where the transparent one shows the same, both [n]."""
    own, held = indices.copy(), np.zeros(indices.size, np.bool_)
    if palette.transparent is not None:
        table = palette.colors.astype(np.int64) @ [1 << 16, 1 << 8, 1]
        entries = np.delete(np.arange(len(table)), palette.transparent)
        entries = entries[np.argsort(table[entries], kind="stable")]
        given = (own, palette.transparent, table[entries], entries)
        find_ties(*given, np.ascontiguousarray(screen).ravel(), opaque.ravel(), held)
    return own, held
