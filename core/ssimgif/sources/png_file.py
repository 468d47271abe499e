"""The chunks of a PNG file, and what they say of an animation (PNG, third edition, 5 and 11.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from struct import pack, unpack
from typing import BinaryIO
from zlib import crc32

from ssimgif.errors import TOO_EARLY, DamagedError
from ssimgif.sources.compositing import Area

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NONE, BACKGROUND, PREVIOUS = 0, 1, 2
SOURCE, OVER = 0, 1

_LARGEST_CHUNK = 0x7FFF_FFFF
_DEFAULT_DENOMINATOR = 100


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its type of four letters, its data, and whether its checksum is right."""

    kind: bytes
    data: bytes
    sound: bool = True

    @property
    def critical(self) -> bool:
        """Whether the picture can't be shown without it."""
        return not self.kind[0] & 0x20 or self.kind in (b"fcTL", b"fdAT")


@dataclass(frozen=True, slots=True)
class Header:
    """The image header, IHDR (11.2.1).

    Attributes
    ----------
    width, height : int
        Pixels.
    depth : int
        Bits of a sample.
    color_type : int
        0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha.
    rest : bytes
        Compression, filter and interlace method.
    """

    width: int
    height: int
    depth: int
    color_type: int
    rest: bytes

    @classmethod
    def read(cls, data: bytes) -> Header:
        """Read the data of the chunk."""
        if len(data) != 13:
            raise DamagedError("its header has not 13 bytes")
        width, height, depth, color_type = unpack(">2I2B", data[:10])
        return cls(width, height, depth, color_type, data[10:])

    def of_size(self, area: Area) -> Chunk:
        """Return the chunk of a picture of another size that is coded alike."""
        size = pack(">2I2B", area.width, area.height, self.depth, self.color_type)
        return Chunk(b"IHDR", size + self.rest)


@dataclass(frozen=True, slots=True)
class FrameControl:
    """How a frame is shown, fcTL (11.3.6.2).

    Attributes
    ----------
    area : Area
    delay : Fraction
        Seconds.
    disposal : int
        0 leaves the frame, 1 clears its area, 2 restores what was there before.
    blend : int
        0 replaces the area, 1 composites over it.
    """

    area: Area
    delay: Fraction
    disposal: int
    blend: int

    @classmethod
    def read(cls, data: bytes, header: Header) -> FrameControl:
        """Read the data of the chunk."""
        if len(data) != 26:
            raise DamagedError("a frame's header has not 26 bytes")
        _, width, height, left, top, numerator, denominator, disposal, blend = unpack(
            ">5I2H2B", data
        )
        inside = left + width <= header.width and top + height <= header.height
        if not (inside and width and height):
            raise DamagedError(f"a frame of {width}x{height} at {left},{top} is not inside it")
        delay = Fraction(numerator, denominator or _DEFAULT_DENOMINATOR)
        return cls(Area(left, top, width, height), delay, disposal, blend)


def chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks up to the end mark, without it.

    Raises
    ------
    DamagedError
        Where no chunk goes on, or a critical one is damaged.
    """
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise DamagedError("its signature is wrong")
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise DamagedError(TOO_EARLY)
        size, kind = int.from_bytes(head[:4]), head[4:]
        if kind == b"IEND":
            return
        if size > _LARGEST_CHUNK or not kind.isalpha():
            raise DamagedError(f"no chunk begins at byte {file.tell() - 8}")
        data = file.read(size)
        checksum = file.read(4)
        if len(data) < size or len(checksum) < 4:
            raise DamagedError(TOO_EARLY)
        chunk = Chunk(kind, data, crc32(data, crc32(kind)) == int.from_bytes(checksum))
        if chunk.critical and not chunk.sound:
            raise DamagedError(f"the checksum of {kind.decode('ascii')} is wrong")
        yield chunk


def png(parts: Iterable[Chunk]) -> bytes:
    """Return a PNG file of chunks."""
    out = bytearray(SIGNATURE)
    for part in (*parts, Chunk(b"IEND", b"")):
        checksum = crc32(part.data, crc32(part.kind))
        out += pack(">I", len(part.data)) + part.kind + part.data + pack(">I", checksum)
    return bytes(out)
