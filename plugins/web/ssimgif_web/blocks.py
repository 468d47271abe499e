"""The sizes of a GIF's image blocks."""

from __future__ import annotations

from typing import BinaryIO

HEADER = 13
EXTENSION, IMAGE = 0x21, 0x2C
GRAPHIC_CONTROL = 0xF9


def block_sizes(gif: BinaryIO) -> list[int]:
    """Return the bytes of each image, its graphic control and colour table included."""
    header = gif.read(HEADER)
    gif.read(_table_bytes(header[10]))
    sizes = []
    begin = gif.tell()
    while (kind := gif.read(1)) in (b"\x21", b"\x2c"):
        if kind[0] == EXTENSION:
            if gif.read(1)[0] == GRAPHIC_CONTROL:
                begin = gif.tell() - 2
            _skip_sub_blocks(gif)
        else:
            gif.read(_table_bytes(gif.read(9)[8]) + 1)
            _skip_sub_blocks(gif)
            sizes.append(gif.tell() - begin)
            begin = gif.tell()
    return sizes


def _table_bytes(flags: int) -> int:
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def _skip_sub_blocks(gif: BinaryIO) -> None:
    while size := gif.read(1)[0]:
        gif.seek(size, 1)
