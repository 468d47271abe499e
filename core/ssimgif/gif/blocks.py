"""The blocks of a GIF file, one after the other (GIF89a)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack, unpack
from typing import BinaryIO

import numpy as np

from ssimgif.errors import TOO_EARLY, DamagedError
from ssimgif.image import Area
from ssimgif.model import U8

NONE, BACKGROUND, PREVIOUS = 1, 2, 3

_EXTENSION, _IMAGE, _TRAILER = b"!", b",", b";"
_CONTROL, _APPLICATION = b"\xf9", b"\xff"
_LOOPING = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_TABLE, _INTERLACED = 0x80, 0x40
# Some old files number "restore to previous" 4.
_DISPOSALS = {2: BACKGROUND, 3: PREVIOUS, 4: PREVIOUS}


@dataclass(frozen=True, slots=True)
class Control:
    """A graphic control extension (GIF89a, 23).

    Attributes
    ----------
    flags : int
        Disposal, and whether there is a transparent index.
    delay : int
        Centiseconds.
    index : int
        Transparent if the flags say so.
    """

    flags: int = 0
    delay: int = 0
    index: int = 0

    def to_bytes(self, delay: int | None = None) -> bytes:
        """Return the extension as it stands in a file, or with another delay."""
        delay = self.delay if delay is None else delay
        return b"!\xf9\x04" + pack("<BHBB", self.flags, delay, self.index, 0)

    @property
    def disposal(self) -> int:
        """What happens to the image's area: 1 it stays, 2 is cleared, 3 shows what was before."""
        return _DISPOSALS.get(self.flags >> 2 & 7, NONE)

    @property
    def transparent(self) -> int:
        """The index that is not drawn, or -1."""
        return self.index if self.flags & 1 else -1


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """The logical screen (GIF89a, 18): its size in pixels, and the global colour table."""

    width: int
    height: int
    table: bytes

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width

    def with_room_for(self, area: Area) -> Screen:
        """Return the screen, as large as the first image needs; browsers enlarge it so."""
        width, height = area.left + area.width, area.top + area.height
        return Screen(max(self.width, width), max(self.height, height), self.table)


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """An image block with its graphic control (GIF89a, 20 to 23).

    Attributes
    ----------
    area : Area
        Its place on the logical screen; may reach beyond it.
    interlaced : bool
    table : bytes
        Its own colour table, empty where the global one holds.
    data : bytes
        LZW codes, joined from their sub-blocks.
    complete : bool
        Whether the file goes on to the end of the data.
    control : Control
    span : tuple of int
        Where the block begins and ends in the file, without its control.
    """

    area: Area
    interlaced: bool
    table: bytes
    minimum_code_size: int
    data: bytes
    complete: bool
    control: Control
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often to play the images again, from an application extension; 0 is for ever."""

    count: int

    @property
    def plays(self) -> int:
        """Total number of plays, 0 for ever."""
        return self.count + 1 if self.count else 0


def blocks(file: BinaryIO) -> Iterator[Screen | Image | Repeats]:
    """Yield the screen, then the images and the repeats as they stand in the file.

    A file may lack its end mark.

    Raises
    ------
    DamagedError
        Where no block goes on.
    """
    head = _exactly(file, 13)
    width, height, flags = unpack("<2HB", head[6:11])
    yield Screen(width, height, _table(file, flags))
    control = Control()
    while (kind := file.read(1)) not in (_TRAILER, b""):
        if kind == _IMAGE:
            yield _image(file, control)
            control = Control()
        elif kind == _EXTENSION:
            label = _exactly(file, 1)
            parts, complete = _sub_blocks(file)
            if not complete:
                raise DamagedError(TOO_EARLY)
            if label == _CONTROL and parts and len(parts[0]) >= 4:
                control = Control(*unpack("<BHB", parts[0][:4]))
            elif label == _APPLICATION and parts and parts[0] in _LOOPING:
                yield from (Repeats(*unpack("<H", p[1:3])) for p in parts[1:] if _is_loop(p))
        else:
            raise DamagedError(f"no block begins at byte {file.tell() - 1}")


def colors(table: bytes, transparent: int) -> U8:
    """Return what each index looks like, u8[256, 4]; a missing table is a gray ramp."""
    out = np.zeros((256, 4), np.uint8)
    out[:, 3] = 255
    rgb = np.frombuffer(table, np.uint8).reshape(-1, 3)
    out[: len(rgb), :3] = rgb
    if not table:
        out[:, :3] = np.arange(256)[:, None]
    if transparent >= 0:
        out[transparent] = 0
    return out


def _image(file: BinaryIO, control: Control) -> Image:
    start = file.tell() - 1
    left, top, width, height, flags = unpack("<4HB", _exactly(file, 9))
    table = _table(file, flags)
    code_size = _exactly(file, 1)[0]
    parts, complete = _sub_blocks(file)
    return Image(
        Area(left, top, width, height),
        bool(flags & _INTERLACED),
        table,
        code_size,
        b"".join(parts),
        complete,
        control,
        (start, file.tell()),
    )


def _is_loop(part: bytes) -> bool:
    return len(part) >= 3 and part[0] & 7 == 1


def _table(file: BinaryIO, flags: int) -> bytes:
    return _exactly(file, 3 << (flags & 7) + 1) if flags & _TABLE else b""


def _sub_blocks(file: BinaryIO) -> tuple[list[bytes], bool]:
    """Return the sub-blocks up to the empty one, and whether that one is there (GIF89a, 15)."""
    parts: list[bytes] = []
    while size := file.read(1):
        if size == b"\0":
            return parts, True
        parts.append(file.read(size[0]))
    return parts, False


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise DamagedError(TOO_EARLY)
    return data
