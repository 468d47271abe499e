"""Colour tables: their size in the file, and the transparent entry."""

from __future__ import annotations

import numpy as np

from ssimgif.model import Palette

MAX_COLORS = 256


def table_size(colors: int) -> int:
    """Return the entries a table of ``colors`` (1..256) takes in a file: a power of two, 2..256."""
    if not 1 <= colors <= MAX_COLORS:
        raise ValueError(f"a colour table has 1..{MAX_COLORS} entries, not {colors}")
    return max(2, 1 << (colors - 1).bit_length())


def table_bytes(colors: int) -> int:
    """Return the bytes that a table of ``colors`` (1..256) takes in a file."""
    return 3 * table_size(colors)


def minimum_code_size(colors: int) -> int:
    """Return the LZW minimum code size (2..8) for indices below ``colors`` (GIF89a, 22).

    ``colors`` may be less than the table's: it is enough that all indices of the block fit.
    """
    return max(2, table_size(colors).bit_length() - 1)


def padded(palette: Palette) -> bytes:
    """Return the table as it stands in a file: RGB triplets, filled up with black."""
    return palette.colors.tobytes().ljust(table_bytes(len(palette.colors)), b"\0")


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
