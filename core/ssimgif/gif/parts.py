"""A finished GIF taken apart into its images."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import accumulate

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


def bytes_by_frame(gif: bytes, durations: list[Fraction]) -> list[int]:
    """Return what each frame takes: the images that come with it, none where nothing changes.

    Parameters
    ----------
    gif : bytes
    durations : list of Fraction
        Seconds that each frame is shown.
    """
    images = gif_blocks(gif).images
    ends = list(accumulate(image.delay for image in images))
    sizes, done = [], 0
    for end, duration in zip(accumulate(durations), durations, strict=True):
        shown = 1 + bisect_right(ends, 100 * (end - duration / 2), hi=len(images) - 1)
        sizes.append(sum(len(image.data) for image in images[done:shown]))
        done = max(done, shown)
    return sizes
