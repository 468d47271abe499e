"""Where the bytes of a GIF go."""

from __future__ import annotations

IMAGE, EXTENSION = 0x2C, 0x21


def first_and_rest(data: bytes) -> tuple[int, int]:
    """Return the bytes up to the end of the first image, and those of all other images.

    Each image counts with its graphic control; the trailer is left out.
    """
    position = 13 + _table_size(data[10])
    first = 0
    while data[position] in (IMAGE, EXTENSION):
        if data[position] == EXTENSION:
            position = _skip_sub_blocks(data, position + 2)
        else:
            position = _skip_sub_blocks(data, position + 11 + _table_size(data[position + 9]))
            first = first or position
    return first, position - first


def _table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_sub_blocks(data: bytes, position: int) -> int:
    while data[position]:
        position += data[position] + 1
    return position + 1
