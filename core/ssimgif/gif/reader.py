"""Reading a GIF back as a viewer shows it, with Pillow: another decoder than our own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from struct import error as StructError
from typing import BinaryIO

import numpy as np
from PIL import GifImagePlugin, Image, UnidentifiedImageError
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

# Other programs' choice of how Pillow lays pictures over one another holds for a whole process, and
# with some of them it shows wrong colours; imageio makes such a choice when it reads a GIF.
_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_FIRST
_choosing = threading.Lock()

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
                with _own_strategy():
                    image.seek(number)
                    pixels = np.array(image.convert("RGBA"))
            except EOFError:
                return
            yield pixels, int(image.info.get("duration", 0)) // 10
            number += 1


@contextmanager
def _opened(source: Source) -> Iterator[GifImageFile]:
    name = os.fspath(source) if isinstance(source, str | os.PathLike) else "the stream"
    try:
        with _own_strategy():
            image = Image.open(source, formats=["GIF"])
        with image:
            assert isinstance(image, GifImageFile)
            yield image
    except UnidentifiedImageError as error:
        raise SourceError(f"{name} is not a GIF") from error
    except _BROKEN as error:
        raise SourceError(f"{name} can't be read as a GIF: {error}") from error


@contextmanager
def _own_strategy() -> Iterator[None]:
    with _choosing:
        others = GifImagePlugin.LOADING_STRATEGY
        GifImagePlugin.LOADING_STRATEGY = _STRATEGY
        try:
            yield
        finally:
            GifImagePlugin.LOADING_STRATEGY = others
