"""A finished GIF taken apart into its images."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

_HEADER_BYTES = 13
_IMAGE, _TRAILER = 0x2C, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOP = b"\x0bNETSCAPE2.0\x03\x01"


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
    width, height = int.from_bytes(gif[6:8], "little"), int.from_bytes(gif[8:10], "little")
    position = _HEADER_BYTES + _table_bytes(gif[10])
    head, control, delay, plays = gif[:position], b"", 0, 1
    images = []
    while gif[position] != _TRAILER:
        start = position
        if gif[position] == _IMAGE:
            position = _after_sub_blocks(gif, position + 10 + _table_bytes(gif[position + 9]) + 1)
            images.append(ImageBlock(control + gif[start:position], delay))
            control, delay = b"", 0
            continue
        kind = gif[position + 1]
        position = _after_sub_blocks(gif, position + 2)
        if kind == _GRAPHIC_CONTROL:
            control = gif[start:position]
            delay = int.from_bytes(gif[start + 4 : start + 6], "little")
        elif kind == _APPLICATION and gif.startswith(_LOOP, start + 2):
            at = start + 2 + len(_LOOP)
            repeats = int.from_bytes(gif[at : at + 2], "little")
            plays = repeats + 1 if repeats else 0
    return GifBlocks(width, height, plays, head, tuple(images))


def _table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_sub_blocks(gif: bytes, position: int) -> int:
    while gif[position]:
        position += gif[position] + 1
    return position + 1


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
