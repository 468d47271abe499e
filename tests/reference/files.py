"""GIF and PNG files put together block by block, for what no encoder here writes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from pathlib import Path
from struct import pack

import numpy as np

from ssimgif.gif import lzw
from ssimgif.model import U8


@dataclass
class GifImage:
    """An image of palette indices u8[h, w] at a place; ``data`` replaces its LZW codes.

    Without ``control`` there is no word of its disposal, transparency and delay.
    """

    indices: U8
    left: int = 0
    top: int = 0
    disposal: int = 0
    transparent: int | None = None
    delay: int = 10
    interlaced: bool = False
    table: bytes = b""
    data: bytes | None = None
    control: bool = True

    def to_bytes(self) -> bytes:
        """Return the control and the image block."""
        flags = self.disposal << 2 | (self.transparent is not None)
        out = b"!\xf9\x04" + pack("<BHBB", flags, self.delay, self.transparent or 0, 0)
        out = out if self.control else b""
        height, width = self.indices.shape
        packed = 0x40 * self.interlaced
        if self.table:
            packed |= 0x80 | (len(self.table) // 3).bit_length() - 2
        out += b"," + pack("<4HB", self.left, self.top, width, height, packed) + self.table
        rows = self.indices
        if self.interlaced:
            rows = np.concatenate([rows[0::8], rows[4::8], rows[2::4], rows[1::2]])
        data = lzw.encode(rows, 8) if self.data is None else self.data
        return out + b"\x08" + sub_blocks(data)


def sub_blocks(data: bytes) -> bytes:
    """Return data cut into sub-blocks, with the empty one at the end."""
    parts = [data[i : i + 255] for i in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def loop_block(repeats: int, name: bytes = b"NETSCAPE2.0") -> bytes:
    """Return an application extension that states repeats."""
    return b"!\xff\x0b" + name + sub_blocks(b"\x01" + pack("<H", repeats))


def write_gif(
    path: Path,
    width: int,
    height: int,
    blocks: list[GifImage | bytes],
    table: bytes = bytes(range(256)) * 3,
    end: bytes = b";",
) -> Path:
    """Write images and raw blocks; the table has 256 colours where there is one."""
    head = b"GIF89a" + pack("<2H3B", width, height, 0xF7 if table else 0x70, 0, 0) + table
    parts = [block if isinstance(block, bytes) else block.to_bytes() for block in blocks]
    path.write_bytes(head + b"".join(parts) + end)
    return path


@dataclass
class PngFrame:
    """Samples of a frame, u8[h, w, ...] or big-endian u16, and how it is shown."""

    samples: np.ndarray  # type: ignore[type-arg]
    left: int = 0
    top: int = 0
    disposal: int = 0
    blend: int = 0
    delay: tuple[int, int] = (1, 10)

    def data(self) -> bytes:
        """Return the compressed rows, without filters."""
        rows = self.samples.reshape(len(self.samples), -1)
        return zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))

    def control(self, number: int) -> bytes:
        """Return the data of fcTL."""
        height, width = self.samples.shape[:2]
        place = pack(">5I", number, width, height, self.left, self.top)
        return place + pack(">2H2B", *self.delay, self.disposal, self.blend)


def chunk(kind: bytes, data: bytes = b"", wrong: bool = False) -> bytes:
    """Return a chunk, with a wrong checksum if asked for."""
    checksum = zlib.crc32(kind + data) ^ wrong
    return pack(">I", len(data)) + kind + data + pack(">I", checksum)


@dataclass
class Png:
    """A PNG file: ``more`` goes before the picture data, ``default`` is no frame."""

    width: int
    height: int
    frames: list[PngFrame]
    color_type: int = 6
    depth: int = 8
    more: bytes = b""
    default: PngFrame | None = None
    plays: int = 0
    animated: bool = True
    end: bytes = field(default_factory=lambda: chunk(b"IEND"))

    def write(self, path: Path) -> Path:
        """Write it."""
        size = pack(">2I5B", self.width, self.height, self.depth, self.color_type, 0, 0, 0)
        out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size)
        if self.animated:
            out += chunk(b"acTL", pack(">2I", len(self.frames), self.plays))
        out += self.more
        if self.default is not None:
            out += chunk(b"IDAT", self.default.data())
        number = 0
        for frame in self.frames:
            if self.animated:
                out += chunk(b"fcTL", frame.control(number))
                number += 1
            if b"IDAT" not in out:
                out += chunk(b"IDAT", frame.data())
            else:
                out += chunk(b"fdAT", pack(">I", number) + frame.data())
                number += 1
        path.write_bytes(out + self.end)
        return path
