"""Each source frame together with what the GIF shows at its middle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from ssimgif.gif import reader
from ssimgif.model import U8, Clip


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One source frame and the picture that stands for it.

    Attributes
    ----------
    index : int
        Of the source frame.
    start, duration : Fraction
        Seconds.
    block : int
        Number of the GIF's image block that is on screen at the frame's middle.
    source, shown : u8[h, w, 4]
        Straight alpha, sRGB.
    before : u8[h, w, 4] or None
        The source's frame before.
    """

    index: int
    start: Fraction
    duration: Fraction
    block: int
    source: U8
    shown: U8
    before: U8 | None


def pairs(clip: Clip, gif: BinaryIO) -> Iterator[Pair]:
    """Walk through a clip and its GIF in step, one picture of each at a time.

    Parameters
    ----------
    clip : Clip
        As it was encoded: cut, scaled and timed.
    gif : binary stream
        At its beginning.
    """
    blocks = reader.read(gif)
    shown, delay = next(blocks)
    block, end, start = 0, Fraction(delay, 100), Fraction(0)
    before = None
    for index, frame in enumerate(clip.frames()):
        middle = start + frame.duration / 2
        while end <= middle and (following := next(blocks, None)) is not None:
            shown, delay = following
            block, end = block + 1, end + Fraction(delay, 100)
        yield Pair(index, start, frame.duration, block, frame.pixels, shown, before)
        before = frame.pixels
        start += frame.duration
