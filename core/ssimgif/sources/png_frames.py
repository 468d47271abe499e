"""PNG pictures and animations: each coded picture becomes a file of its own, read by Pillow.

Pillow's own way with animations is passed by, for it mixes alpha values and loses pictures that
are to be restored. Chunks that the picture doesn't need never reach it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from struct import unpack
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ssimgif.errors import DamagedError, SourceError
from ssimgif.model import U8, Clip, Frame, Notes
from ssimgif.sources import bitmaps, gamut
from ssimgif.sources.compositing import Area, draw_over
from ssimgif.sources.limits import Limits, time_on_screen
from ssimgif.sources.png_file import (
    BACKGROUND,
    OVER,
    PREVIOUS,
    Chunk,
    FrameControl,
    Header,
    chunks,
    png,
)
from ssimgif.sources.salvage import NoFrameError, checked
from ssimgif.sources.stills import still, still_picture

_GRAY, _RGB = 0, 2
_LARGEST_PROFILE = 16 << 20
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """A coded picture.

    Attributes
    ----------
    header : Header
        Of the file.
    shared : dict of bytes to bytes
        Data of the chunks that hold for all pictures, by their type.
    control : FrameControl or None
        None where the picture is no frame of the animation.
    data : bytes
        What its IDAT or fdAT chunks hold.
    """

    header: Header
    shared: dict[bytes, bytes]
    control: FrameControl | None
    data: bytes

    @property
    def area(self) -> Area:
        """Its place on the canvas."""
        if self.control is not None:
            return self.control.area
        return Area(0, 0, self.header.width, self.header.height)

    @property
    def animation(self) -> tuple[int, int]:
        """Frames and plays of the animation, as acTL has them; no frames where there is none."""
        data = self.shared.get(b"acTL", b"")
        return unpack(">2I", data) if len(data) == 8 else (0, 0)


def open_png(path: Path, name: str, limits: Limits) -> Clip:
    """Open a picture or an animation; one whose frames are all damaged is a still.

    The file is read through once, so that damage anywhere in it is found here.

    Raises
    ------
    SourceError
        When it has no picture that can be shown, or is over a limit.
    """
    notes = Notes()
    try:
        first = next(_pictures(path, name, limits, notes))
    except DamagedError as error:
        raise SourceError(f"{name} is damaged: {error}") from None
    count, plays = first.animation
    if count:
        limits.check_count(name, count)
        animation = Clip(
            first.header.width,
            first.header.height,
            lambda: _frames(path, name, limits, notes),
            loop=plays,
            name=name,
            notes=notes,
        )
        try:
            return still(checked(animation)) if count == 1 else checked(animation)
        except NoFrameError as error:
            notes.add(str(error), damage=True)
    return still_picture(partial(read_still, path, name, limits, notes), name, notes)


def read_still(path: Path, name: str, limits: Limits, notes: Notes) -> U8:
    """Return the picture that viewers without animation show, upright, u8[h, w, 4].

    Raises
    ------
    SourceError
        When it is damaged or over a limit.
    """
    first = pixels = None
    try:
        for picture in _pictures(path, name, limits, notes):
            if first is None:
                first, pixels = picture, _pixels(picture, name, notes)
    except DamagedError as error:
        if pixels is None:
            raise SourceError(f"{name} is damaged: {error}") from None
        notes.add(f"{name} is damaged: {error}", damage=True)
    assert first is not None and pixels is not None
    exif = first.shared.get(b"eXIf")
    return pixels if exif is None else _turned(pixels, exif, name, notes)


def _check_size(name: str, header: Header, limits: Limits) -> None:
    if header.width * header.height > bitmaps.most_pixels():
        raise bitmaps.too_large(name)
    limits.check_size(name, header.width, header.height)


def _frames(path: Path, name: str, limits: Limits, notes: Notes) -> Iterator[Frame]:
    canvas: U8 | None = None
    animated = (one for one in _pictures(path, name, limits, notes) if one.control is not None)
    for picture in animated:
        control = picture.control
        assert control is not None
        if canvas is None:
            canvas = np.zeros((picture.header.height, picture.header.width, 4), np.uint8)
            left = picture.animation[0]
        place = control.area.of(canvas)
        before = place.copy()
        pixels = _pixels(picture, name, notes)
        if control.blend == OVER:
            draw_over(place, pixels)
        else:
            place[...] = pixels
        yield Frame(canvas.copy(), time_on_screen(control.delay))
        left -= 1
        if not left:
            return
        if control.disposal == PREVIOUS:
            place[...] = before
        elif control.disposal == BACKGROUND:
            place[...] = 0
    raise DamagedError("it has fewer frames than it says")


def _pictures(path: Path, name: str, limits: Limits, notes: Notes) -> Iterator[_Picture]:
    """Yield the coded pictures as they stand in the file.

    Raises
    ------
    DamagedError
        Where the file can't be read any further; a picture that has begun is yielded before.
    SourceError
        When it is over a limit.
    """
    header: Header | None = None
    control: FrameControl | None = None
    shared: dict[bytes, bytes] = {}
    data = bytearray()
    with path.open("rb") as file:
        try:
            for chunk in chunks(file):
                if not chunk.sound:
                    kind = chunk.kind.decode("ascii")
                    notes.add(f"{name} is damaged: the checksum of {kind} is wrong", damage=True)
                elif chunk.kind == b"IHDR":
                    header = Header.read(chunk.data)
                    _check_size(name, header, limits)
                elif header is None:
                    raise DamagedError("it does not begin with a header")
                elif chunk.kind == b"fcTL":
                    if data:
                        yield _Picture(header, shared, control, bytes(data))
                    data.clear()
                    control = FrameControl.read(chunk.data, header)
                elif chunk.kind == b"IDAT":
                    data += chunk.data
                elif chunk.kind == b"fdAT":
                    data += chunk.data[4:]
                else:
                    shared.setdefault(chunk.kind, chunk.data)
        except DamagedError:
            if header is not None and data:
                yield _Picture(header, shared, control, bytes(data))
            raise
    if header is None or not data:
        raise DamagedError("it has no picture in it")
    yield _Picture(header, shared, control, bytes(data))


def _pixels(picture: _Picture, name: str, notes: Notes) -> U8:
    """Decode a picture, u8[h, w, 4] in sRGB.

    Raises
    ------
    DamagedError
    """
    header, shared = picture.header, picture.shared
    keyed = header.color_type in (_GRAY, _RGB) and b"tRNS" in shared
    kinds = (b"PLTE",) if keyed else (b"PLTE", b"tRNS")
    common = [Chunk(kind, shared[kind]) for kind in kinds if kind in shared]
    file = png((header.of_size(picture.area), *common, Chunk(b"IDAT", picture.data)))
    with bitmaps.damage():
        image = Image.open(BytesIO(file), formats=("PNG",))
        image.load()
    pixels = _in_srgb(image, shared, name, notes)
    if keyed:
        pixels[_transparent(picture, image)] = 0
    return pixels


def _in_srgb(image: Image.Image, shared: dict[bytes, bytes], name: str, notes: Notes) -> U8:
    """Return a picture's pixels; what cICP says of them goes before a profile (11.3.2.6)."""
    codes = shared.get(b"cICP", b"")[:2]
    if len(codes) < 2 or not gamut.differs(*codes):
        return bitmaps.to_rgba(image, name, notes, _profile(shared.get(b"iCCP")))
    return gamut.to_srgb(bitmaps.to_rgba(image, name, notes).astype(np.uint16) * 257, *codes)


def _profile(data: bytes | None) -> bytes | None:
    """Return the colour profile in iCCP, empty if it can't be read (11.3.2.3)."""
    if data is None:
        return None
    packed = data.partition(b"\0")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, _LARGEST_PROFILE)
    except zlib.error:
        return b""


def _transparent(picture: _Picture, image: Image.Image) -> NDArray[np.bool_]:
    """Return where a picture has the one colour that tRNS makes transparent (11.3.1.1)."""
    depth, key = picture.header.depth, picture.shared[b"tRNS"]
    levels = (1 << depth) - 1
    if picture.header.color_type == _GRAY and len(key) == 2:
        samples = np.asarray(image).astype(np.int64)
        # Pillow spreads samples of 2 and 4 bits over 0..255.
        scale = 255 // levels if depth in (2, 4) else 1
        alike: NDArray[np.bool_] = samples == scale * (int.from_bytes(key) & levels)
        return alike
    if picture.header.color_type == _RGB and len(key) == 6:
        if depth == 16:
            return _transparent_in_16_bits(picture)
        color = np.array(unpack(">3H", key)) & levels
        same: NDArray[np.bool_] = (np.asarray(image) == color).all(axis=2)
        return same
    return np.zeros((image.height, image.width), np.bool_)


def _transparent_in_16_bits(picture: _Picture) -> NDArray[np.bool_]:
    """As above, by FFmpeg's decoder: Pillow drops the lower byte of RGB samples."""
    key = Chunk(b"tRNS", picture.shared[b"tRNS"])
    file = png((picture.header.of_size(picture.area), key, Chunk(b"IDAT", picture.data)))
    context = av.CodecContext.create("png", "r")
    try:
        frames = [*context.decode(av.Packet(file)), *context.decode(None)]
    except av.error.FFmpegError as error:
        raise DamagedError(str(error)) from None
    rgba: NDArray[Any] = frames[0].to_ndarray(format="rgba")
    hidden: NDArray[np.bool_] = rgba[..., 3] == 0
    return hidden


def _turned(pixels: U8, exif: bytes, name: str, notes: Notes) -> U8:
    """Turn a picture as its Exif data say; broken ones are noted."""
    image = Image.fromarray(pixels)
    try:
        given = Image.Exif()
        given.load(exif)
        image.getexif()[_ORIENTATION] = given.get(_ORIENTATION, 1)
        return np.array(ImageOps.exif_transpose(image))
    except Exception:
        notes.add(f"{name} is damaged: {bitmaps.BROKEN_EXIF}", damage=True)
        return pixels
