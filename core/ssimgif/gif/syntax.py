"""The blocks of a GIF as bytes (GIF89a, 15 to 27)."""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack

from ssimgif.gif.tables import padded
from ssimgif.image import Area
from ssimgif.model import Disposal, Palette

TRAILER = b"\x3b"

_CONTROL_BYTES, _DESCRIPTOR_BYTES = 8, 10
_TABLE_FLAG = 0x80
_LONGEST_SUB_BLOCK = 255


def data_bytes(length: int) -> int:
    """Return what ``length`` bytes of LZW data take in a file, cut into sub-blocks."""
    return 1 + length + -(-length // _LONGEST_SUB_BLOCK) + 1


def overhead_bytes(palette: Palette | None = None) -> int:
    """Return what a frame takes besides `data_bytes`; give its palette if its table is local."""
    table = 0 if palette is None else len(padded(palette))
    return _CONTROL_BYTES + _DESCRIPTOR_BYTES + table


def head(width: int, height: int, table: bytes) -> bytes:
    """Return header, logical screen descriptor and global colour table.

    The logical screen's colour resolution bits are left 0: no decoder uses them.
    """
    return b"GIF89a" + pack("<2H3B", width, height, _table_flags(table), 0, 0) + table


def loop(plays: int) -> bytes:
    """Return the NETSCAPE2.0 block. It counts repeats, so one play is to have no block."""
    if plays == 1:
        return b""
    return b"\x21\xff\x0bNETSCAPE2.0" + pack("<2BHB", 3, 1, max(0, plays - 1), 0)


def control(disposal: Disposal, delay: int, transparent: int | None) -> bytes:
    """Return the graphic control extension (GIF89a, 23), empty if it would say nothing."""
    if transparent is None and delay == 0 and disposal is Disposal.NONE:
        return b""
    flags = int(disposal) << 2 | (transparent is not None)
    return b"\x21\xf9" + pack("<2BH2B", 4, flags, delay, transparent or 0, 0)


def image(area: Area, table: bytes, code_size: int, data: bytes) -> Iterator[bytes]:
    """Yield an image: its descriptor, local colour table, if any, and LZW data in sub-blocks."""
    yield b"\x2c" + pack("<4HB", area.left, area.top, area.width, area.height, _table_flags(table))
    yield table + bytes([code_size])
    for start in range(0, len(data), _LONGEST_SUB_BLOCK):
        part = data[start : start + _LONGEST_SUB_BLOCK]
        yield bytes([len(part)]) + part
    yield b"\x00"


def _table_flags(table: bytes) -> int:
    """Return the flag of a table and its size, as both descriptors have it (GIF89a, 18 and 20)."""
    return _TABLE_FLAG | (len(table) // 3).bit_length() - 2 if table else 0
