"""Colour tables: their size in the file, and the smallest table for what a frame uses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssimgif.model import U8, Palette

MAX_COLORS = 256


def table_size(colors: int) -> int:
    """Return the entries a table of ``colors`` (1..256) takes in a file: a power of two, 2..256."""
    if not 1 <= colors <= MAX_COLORS:
        raise ValueError(f"a colour table has 1..{MAX_COLORS} entries, not {colors}")
    return max(2, 1 << (colors - 1).bit_length())


def minimum_code_size(colors: int) -> int:
    """Return the LZW minimum code size (2..8) for indices below ``colors`` (GIF89a, 22).

    ``colors`` may be less than the table's: it is enough that all indices of the block fit.
    """
    return max(2, table_size(colors).bit_length() - 1)


def padded(palette: Palette) -> bytes:
    """Return the table as it stands in a file: RGB triplets, filled up with black."""
    missing = table_size(len(palette.colors)) - len(palette.colors)
    return palette.colors.tobytes() + bytes(3 * missing)


def with_transparent(palette: Palette) -> Palette:
    """Return the palette with a transparent entry, added at the end if it has none.

    Raises
    ------
    ValueError
        When all 256 entries are colours.
    """
    if palette.transparent is not None:
        return palette
    count = len(palette.colors)
    if count == MAX_COLORS:
        raise ValueError("a palette of 256 colours has no room for a transparent entry")
    return Palette(np.vstack([palette.colors, np.zeros((1, 3), np.uint8)]), transparent=count)


def by_use(palette: Palette, uses: NDArray[np.integer]) -> tuple[Palette, U8]:
    """Put the most used entries first, and drop those without use.

    Frames that need only the first entries can then be coded with a smaller minimum code size.

    Parameters
    ----------
    palette : Palette
    uses : integers[n], n up to 256
        How many pixels have each index; entries of the palette beyond n have none.

    Returns
    -------
    palette : Palette
        At least one entry. ``transparent`` is None when it had no use.
    renamed : u8[256]
        The new index of each old one, for ``renamed[indices]``.

    Raises
    ------
    ValueError
        When an index outside the palette has a use.
    """
    if uses[len(palette.colors) :].any():
        raise ValueError("an index is outside the palette")
    order = np.argsort(-uses, kind="stable")[: max(1, int(np.count_nonzero(uses)))]
    renamed = np.zeros(MAX_COLORS, np.uint8)
    renamed[order] = np.arange(len(order), dtype=np.uint8)
    transparent = palette.transparent
    if transparent is not None:
        transparent = int(renamed[transparent]) if transparent in order else None
    return Palette(palette.colors[order], transparent), renamed


def compact(indices: U8, palette: Palette) -> tuple[U8, Palette]:
    """Rename the indices of one picture, any shape, into its own smallest palette by `by_use`."""
    ordered, renamed = by_use(palette, np.bincount(indices.ravel(), minlength=MAX_COLORS))
    return renamed[indices], ordered
