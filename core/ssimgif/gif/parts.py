"""A finished GIF taken apart into its images."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from ssimgif.gif.blocks import Control, Image, Repeats, Screen, blocks

_HEAD_BYTES = 13


@dataclass(frozen=True, slots=True)
class ImageBlock:
    """An image of a GIF.

    Attributes
    ----------
    data : bytes
        Graphic control extension, if there is one, descriptor, colour table and LZW data.
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
    head : bytes
        Header, screen descriptor and global colour table.
    images : tuple of ImageBlock
    """

    width: int
    height: int
    plays: int
    head: bytes
    images: tuple[ImageBlock, ...]


def gif_blocks(gif: bytes) -> GifBlocks:
    """Take a GIF apart (GIF89a, 17 to 27).

    Parameters
    ----------
    gif : bytes
        A whole GIF without faults, such as `ssimgif.encode` makes.
    """
    screen, plays = Screen(0, 0, b""), 1
    images = []
    for block in blocks(BytesIO(gif)):
        match block:
            case Screen():
                screen = block
            case Repeats():
                plays = block.plays
            case Image():
                start, end = block.span
                control = b"" if block.control == Control() else block.control.to_bytes()
                images.append(ImageBlock(control + gif[start:end], block.control.delay))
    head = gif[: _HEAD_BYTES + len(screen.table)]
    return GifBlocks(screen.width, screen.height, plays, head, tuple(images))
