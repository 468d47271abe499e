"""A finished GIF taken apart into the packets that FFmpeg's GIF muxer puts together again.

The first packet has the header, the screen descriptor, the global colour table and the first
picture; the others have a picture each. Loop count and trailer are the muxer's.
"""

from __future__ import annotations

from dataclasses import dataclass

_HEADER_BYTES = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
_CONTROL_START = b"\x21\xf9\x04"
_LOOP = b"\x0bNETSCAPE2.0\x03\x01"


@dataclass(frozen=True, slots=True)
class GifPacket:
    """A picture of a GIF with what stands before it.

    Attributes
    ----------
    data : bytes
    delay : int
        Centiseconds.
    """

    data: bytes
    delay: int


@dataclass(frozen=True, slots=True)
class GifBlocks:
    """A GIF in parts.

    Attributes
    ----------
    width, height : int
    plays : int
        Total number, 0 for ever.
    packets : tuple of GifPacket
    """

    width: int
    height: int
    plays: int
    packets: tuple[GifPacket, ...]


def split_gif(gif: bytes) -> GifBlocks:
    """Take a GIF apart.

    Parameters
    ----------
    gif : bytes
        A whole GIF without faults, such as `ssimgif.encode` makes.
    """
    width, height = int.from_bytes(gif[6:8], "little"), int.from_bytes(gif[8:10], "little")
    position = _HEADER_BYTES + _table_bytes(gif[10])
    pending, delay, plays = gif[:position], 0, 1
    packets = []
    while gif[position] != _TRAILER:
        start = position
        if gif[position] == _IMAGE:
            position = _after_sub_blocks(gif, position + 10 + _table_bytes(gif[position + 9]) + 1)
            packets.append(GifPacket(pending + gif[start:position], delay))
            pending, delay = b"", 0
            continue
        kind = gif[position + 1]
        position = _after_sub_blocks(gif, position + 2)
        if kind == _GRAPHIC_CONTROL:
            pending += gif[start:position]
            delay = int.from_bytes(gif[start + 4 : start + 6], "little")
        elif kind == _APPLICATION and gif.startswith(_LOOP, start + 2):
            at = start + 2 + len(_LOOP)
            repeats = int.from_bytes(gif[at : at + 2], "little")
            plays = repeats + 1 if repeats else 0
    return GifBlocks(width, height, plays, tuple(packets))


def _table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_sub_blocks(gif: bytes, position: int) -> int:
    while gif[position]:
        position += gif[position] + 1
    return position + 1


def with_last_delay(gif: bytes, delay: int) -> bytes:
    """Return a GIF whose last picture stays for ``delay`` centiseconds.

    Parameters
    ----------
    gif : bytes
        A whole GIF whose last picture has a graphic control extension.
    """
    last = split_gif(gif).packets[-1].data
    at = gif.rindex(last) + last.index(_CONTROL_START) + len(_CONTROL_START) + 1
    return gif[:at] + delay.to_bytes(2, "little") + gif[at + 2 :]
