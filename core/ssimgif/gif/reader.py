"""Reading a GIF back as a viewer shows it, with Pillow: another decoder than our own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from struct import error as StructError
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.GifImagePlugin import GifImageFile

from ssimgif.errors import SourceError
from ssimgif.model import U8

_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    IndexError,
    StructError,
    Image.DecompressionBombError,
)

Source = str | os.PathLike[str] | BinaryIO


def read(source: Source) -> Iterator[tuple[U8, int]]:
    """Yield what is on screen after each block, and the block's delay.

    Parameters
    ----------
    source : path or binary stream

    Yields
    ------
    pixels : u8[h, w, 4]
        Straight alpha, 0 or 255.
    delay : int
        Centiseconds, as the file says.

    Raises
    ------
    SourceError
        When the file can't be read or is broken.
    """
    with _opened(source) as image:
        number = 0
        while True:
            try:
                image.seek(number)
            except EOFError:
                return
            pixels = np.array(image.convert("RGBA"))
            yield pixels, int(image.info.get("duration", 0)) // 10
            number += 1


@contextmanager
def _opened(source: Source) -> Iterator[GifImageFile]:
    name = os.fspath(source) if isinstance(source, str | os.PathLike) else "the stream"
    try:
        with Image.open(source, formats=["GIF"]) as image:
            assert isinstance(image, GifImageFile)
            yield image
    except UnidentifiedImageError as error:
        raise SourceError(f"{name} is not a GIF") from error
    except _BROKEN as error:
        raise SourceError(f"{name} can't be read as a GIF: {error}") from error
