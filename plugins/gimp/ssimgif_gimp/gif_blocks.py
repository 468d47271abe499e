"""Where the bytes of a GIF go."""

from __future__ import annotations

from collections.abc import Iterator

IMAGE, EXTENSION, GRAPHIC_CONTROL = 0x2C, 0x21, 0xF9
HEADER_BYTES = 13


def image_blocks(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the bytes of each image and its delay in centiseconds.

    An image counts with all that comes before it, so the first one has the header, too.
    """
    begin, position, delay = 0, HEADER_BYTES + _table_size(data[10]), 0
    while data[position] in (IMAGE, EXTENSION):
        if data[position] == EXTENSION:
            if data[position + 1] == GRAPHIC_CONTROL:
                delay = int.from_bytes(data[position + 4 : position + 6], "little")
            position = _skip_sub_blocks(data, position + 2)
        else:
            position = _skip_sub_blocks(data, position + 11 + _table_size(data[position + 9]))
            yield position - begin, delay
            begin, delay = position, 0


def _table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_sub_blocks(data: bytes, position: int) -> int:
    while data[position]:
        position += data[position] + 1
    return position + 1
