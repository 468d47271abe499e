"""The samples of a MIFF image: how they are laid out, packed and scaled."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssimgif_imagemagick.header import Header
from ssimgif_imagemagick.stream import ByteReader, MiffError

GRAYS = frozenset({"gray", "lineargray", "rec601luma", "rec709luma"})
_ZLIB = frozenset({"zip", "lzw"})
_OTHER_PACKINGS = frozenset({"bzip", "lzma", "zstd"})
_LARGEST_CHUNK = 1 << 28
# Bounds of what a float sample can be: a step of 16 bits is 1.5e-5, and white is 1.
_SMALLEST_FLOAT, _LARGEST_FLOAT = 1e-6, 1e4


@dataclass(frozen=True, slots=True)
class Layout:
    """How the pixels of an image are stored.

    Attributes
    ----------
    color_samples : int
        Samples of a pixel without alpha: 1 for indices and gray, 3, or 4 for CMYK.
    has_alpha : bool
    alpha_inverted : bool
        Whether alpha is opacity's opposite, as ImageMagick 6 writes it in run lengths.
    bytes_each : int
        Bytes of a sample.
    floating : bool
        Whether the header says that samples are floating-point.
    little : bool
        Byte order of samples; a colour map is always big-endian.
    packing : str
        ``none``, ``zip`` or ``rle``.
    """

    color_samples: int
    has_alpha: bool
    alpha_inverted: bool
    bytes_each: int
    floating: bool
    little: bool
    packing: str

    @property
    def samples(self) -> int:
        """Samples of a pixel."""
        return self.color_samples + self.has_alpha

    def dtype(self, kind: str) -> np.dtype[Any]:
        """Return the type of a sample, of kind ``u`` or ``f``."""
        return np.dtype(f"{'<' if self.little else '>'}{kind}{self.bytes_each}")


def layout_of(header: Header) -> Layout:
    """Return the layout that a header states.

    Raises
    ------
    MiffError
        For what can't be read.
    """
    depth = header.number("depth", 8)
    bits = next((bits for bits in (8, 16, 32, 64) if depth <= bits), 0)
    form = header.fields.get("quantum:format", header.fields.get("quantum-format", "")).lower()
    floating = form in ("floating-point", "float") and not header.indexed and bits > 8
    if not bits or depth == 0 or (bits == 64 and not floating):
        raise MiffError(f"its depth is {depth} bits; 8, 16 and 32 can be read (add -depth 16)")
    if form == "signed":
        raise MiffError("its samples are signed (add -define quantum:format=unsigned)")
    if header.number("number-meta-channels", 0):
        raise MiffError("it has meta channels (add -channel RGBA -separate -combine)")
    packing = _packing(header)
    return Layout(
        color_samples=_color_samples(header),
        has_alpha=header.has_alpha,
        alpha_inverted=packing == "rle" and "alpha-trait" not in header.fields,
        bytes_each=bits // 8,
        floating=floating,
        little=packing != "rle" and header.word("endian", "msb") == "lsb",
        packing=packing,
    )


def _color_samples(header: Header) -> int:
    space = header.word("colorspace", "srgb")
    if header.indexed:
        if space == "cmyk":
            raise MiffError("it has a colour map in CMYK (add -colorspace sRGB)")
        return 1
    if space in GRAYS:
        return 1
    return 4 if space == "cmyk" else 3


def _packing(header: Header) -> str:
    name = header.word("compression", "none")
    if name in _OTHER_PACKINGS:
        raise MiffError(f"it is packed by {name} (add -compress zip or none)")
    if name in _ZLIB:
        if "version" not in header.fields:
            raise MiffError("it is packed as before version 1 of the format")
        return "zip"
    return "rle" if name == "rle" else "none"


def read_samples(reader: ByteReader, layout: Layout, columns: int, rows: int) -> NDArray[Any]:
    """Read the pixels of an image.

    Returns
    -------
    array[rows, columns, samples]
        Unsigned integers of their full range, or floats 0..1.
    """
    pixels = columns * rows
    size = pixels * layout.samples * layout.bytes_each
    if layout.packing == "rle":
        data = _read_runs(reader, layout.samples * layout.bytes_each, pixels)
    elif layout.packing == "zip":
        data = _read_zip(reader, size)
    else:
        data = reader.read(size)
    return _typed(data, layout).reshape(rows, columns, layout.samples)


def _typed(data: bytes, layout: Layout) -> NDArray[Any]:
    """Give samples their type.

    ImageMagick says "floating-point" of integers too, where the image was once read from a file of
    floats. Integers of a picture make floats that no picture has.
    """
    if layout.floating:
        floats = np.frombuffer(data, layout.dtype("f"))
        greatest = _LARGEST_FLOAT if layout.bytes_each > 2 else 1.0
        size = np.abs(floats)
        if layout.bytes_each > 4 or bool(
            (((size >= _SMALLEST_FLOAT) & (size <= greatest)) | (size == 0)).all()
        ):
            return floats
    return np.frombuffer(data, layout.dtype("u"))


def _read_zip(reader: ByteReader, size: int) -> bytes:
    """Read zlib's stream, which is cut into pieces that begin with their length."""
    unpack = zlib.decompressobj()
    pieces, left = [], size
    while left:
        length = int.from_bytes(reader.read(4), "big")
        if not 0 < length <= _LARGEST_CHUNK:
            raise MiffError("its packed data is damaged")
        chunk = reader.read(length)
        while chunk and left:
            try:
                piece = unpack.decompress(chunk, left)
            except zlib.error:
                raise MiffError("its packed data is damaged") from None
            pieces.append(piece)
            left -= len(piece)
            chunk = unpack.unconsumed_tail
            if not piece:
                break
        if unpack.eof and left:
            raise MiffError("its packed data ends too early")
    return b"".join(pieces)


def _read_runs(reader: ByteReader, pixel_bytes: int, pixels: int) -> bytes:
    """Read packets of a pixel and a byte that says how many more of it there are."""
    pieces, left = [], pixels
    while left:
        size = pixel_bytes + 1
        buffered = np.frombuffer(reader.peek(size), np.uint8)
        packets = buffered[: min(len(buffered) // size, left) * size].reshape(-1, size)
        counts = packets[:, -1].astype(np.int64) + 1
        ends = np.cumsum(counts)
        used = int(np.searchsorted(ends, left)) + 1
        packets, counts = packets[:used], counts[:used]
        reader.skip(len(packets) * size)
        run = np.repeat(packets[:, :-1], counts, axis=0)[:left]
        pieces.append(run.tobytes())
        left -= len(run)
    return b"".join(pieces)


def to_bytes(samples: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale samples to 0..255, rounded; floats are 0..1."""
    match samples.dtype.kind, samples.dtype.itemsize:
        case "u", 1:
            return samples
        case "u", 2:
            return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)
        case "u", _:
            return ((samples.astype(np.uint64) * 255 + (1 << 31)) // 0xFFFFFFFF).astype(np.uint8)
    unit = np.nan_to_num(samples.astype(np.float32)).clip(0, 1)
    return (unit * 255 + 0.5).astype(np.uint8)


def to_unit(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Scale samples to 0..1."""
    if samples.dtype.kind == "f":
        return np.nan_to_num(samples.astype(np.float64)).clip(0, 1)
    return samples / float(np.iinfo(samples.dtype).max)
