"""A MIFF file or stream as a clip."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from ssimgif import Clip, Frame, SourceError
from ssimgif_imagemagick.canvas import canvas_size, compose
from ssimgif_imagemagick.header import MAGIC, Header, read_header
from ssimgif_imagemagick.images import MiffImage, read_images
from ssimgif_imagemagick.stream import ByteReader, MiffError

STDIN = "-"
_DEFAULT_DELAY = Fraction(1, 10)
_LONGEST_IGNORED_DELAY = Fraction(1, 100)
_TEMPORARY_NAME = re.compile(r"magick-[\w-]+")


def open_miff(source: Any, options: Mapping[str, Any]) -> Clip | None:
    """Open a source that holds MIFF; return None, with nothing read, for any other.

    Parameters
    ----------
    source : path, "-" or binary stream
        A stream must be seekable or have ``peek``; standard input has it.
    options : mapping
        Those of the hook ``ssimgif_open_clip``.

    Raises
    ------
    SourceError
        When it is MIFF, but damaged or over a limit.
    """
    if source == STDIN:
        if sys.stdin is None or sys.stdin.isatty():
            return None
        return _open_stream(sys.stdin.buffer, "standard input", options)
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        return _open_file(path, _name(path), options) if _is_miff_file(path) else None
    return _open_stream(source, "the stream", options)


def _name(path: Path) -> str:
    """Return what messages call a file; ImageMagick's temporary names say nothing to a person."""
    return "ImageMagick's image" if _TEMPORARY_NAME.fullmatch(path.name) else path.name


def _is_miff_file(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return _is_magic(file.read(len(MAGIC)))
    except (OSError, ValueError):
        return False


def _is_magic(head: bytes) -> bool:
    return head[:1].lower() + head[1:] == MAGIC


def _open_stream(stream: BinaryIO, name: str, options: Mapping[str, Any]) -> Clip | None:
    """Copy a stream to a temporary file, since a clip is read more than once."""
    if not _is_magic(_head(stream)):
        return None
    handle, name_of_copy = tempfile.mkstemp(".miff", "ssimgif-")
    copy = Path(name_of_copy)
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
        clip = _open_file(copy, name, options)
    except BaseException as error:
        copy.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = (error.strerror or str(error)).lower()
            raise SourceError(f"{name} can't be copied to {copy}: {reason}") from None
        raise
    weakref.finalize(clip.open_frames, copy.unlink, missing_ok=True)
    return clip


def _head(stream: BinaryIO) -> bytes:
    """Return the first bytes of a stream and leave them unread."""
    peek: Callable[[int], bytes] | None = getattr(stream, "peek", None)
    if peek is not None:
        return peek(len(MAGIC))[: len(MAGIC)]
    try:
        start = stream.tell()
        head = stream.read(len(MAGIC))
        stream.seek(start)
    except (OSError, AttributeError):
        return b""
    return head


def _open_file(path: Path, name: str, options: Mapping[str, Any]) -> Clip:
    """Read a file through once, so that damage anywhere in it is found here."""
    still = 1 / Fraction(options["fps"]) if options.get("fps") else _DEFAULT_DELAY
    headers: list[Header] = []
    for image in _images(path, name, options):
        headers.append(image.header)
        if len(headers) > options["max_frames"]:
            raise SourceError(
                f"{name} has more than {options['max_frames']} frames"
                " (--max-frames raises the limit)"
            )
    if not headers:
        raise SourceError(f"{name} has no images")
    with _in_words(name):
        width, height = canvas_size(headers)
        _check_size(name, options, width, height)
        durations = [_duration(header.delay, still) for header in headers]
        plays = headers[0].number("iterations", 0)

    def frames() -> Iterator[Frame]:
        pictures = compose(_images(path, name, options), width, height)
        for pixels, duration in zip(pictures, durations, strict=True):
            yield Frame(pixels, duration)

    has_alpha = any(bool((frame.pixels[..., 3] != 255).any()) for frame in frames())
    return Clip(width, height, frames, plays, len(headers), has_alpha, name)


def _images(path: Path, name: str, options: Mapping[str, Any]) -> Iterator[MiffImage]:
    def check(width: int, height: int) -> None:
        _check_size(name, options, width, height)

    with _in_words(name), path.open("rb") as file:
        yield from read_images(file, check)


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    try:
        yield
    except MiffError as error:
        raise SourceError(f"{name} is a MIFF that can't be read: {error}") from None
    except OSError as error:
        raise SourceError(f"{name} can't be read: {error.strerror or error}") from None


def _check_size(name: str, options: Mapping[str, Any], width: int, height: int) -> None:
    if width * height > options["max_pixels"]:
        raise SourceError(
            f"{name} is {width}x{height}, over the limit of {options['max_pixels']} pixels"
            " (--max-pixels raises it)"
        )


def _duration(delay: Fraction, still: Fraction) -> Fraction:
    """Return the time on screen; as in browsers, 10 ms and less are no time at all."""
    return delay if delay > _LONGEST_IGNORED_DELAY else still


def first_header(path: Path) -> Header:
    """Return what precedes the first image of a file.

    Raises
    ------
    SourceError
        When it is no MIFF.
    """
    name = _name(path)
    with _in_words(name), path.open("rb") as file:
        header = read_header(ByteReader(file))
    if header is None:
        raise SourceError(f"{name} has no images")
    return header
