"""What a place asks of a clip's pictures: their size, their number, how long they play."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from PIL import Image

from ssimgif.errors import SourceError
from ssimgif.model import U8, Clip, Frame
from ssimgif.places import Place
from ssimgif.sources.edit import resample, scale


def placed(clip: Clip, place: Place) -> Clip:
    """Return a clip that keeps to a place's limits of pixels, frames and length.

    Larger pictures are scaled down; those of an exact size are scaled up as well. A transparent
    border makes them square. Frames are dropped where they are too many.

    Parameters
    ----------
    clip : Clip
    place : Place

    Raises
    ------
    SourceError
        When the clip plays longer than it may.
    """
    durations = [frame.duration for frame in clip.frames()]
    length = sum(durations, Fraction(0))
    if place.seconds is not None and length > Fraction(place.seconds):
        raise SourceError(
            f"{clip.name} plays for {float(length):.3g} s, but a GIF there for at most"
            f" {place.seconds:g} s (--end or --speed shortens it)"
        )
    if place.frames is not None and len(durations) > place.frames:
        clip = resample(clip, (place.frames / length).limit_denominator(1000))
    size = sized(clip.width, clip.height, place)
    if size != (clip.width, clip.height):
        clip = scale(clip, size, Image.Resampling.LANCZOS)
    return bordered(clip, max(size)) if place.square and size[0] != size[1] else clip


def sized(width: int, height: int, place: Place) -> tuple[int, int]:
    """Return the size, pixels, at which a picture goes to a place, its border left out."""
    longer = max(width, height)
    if place.side is None or longer == place.side or (longer < place.side and not place.exact):
        return width, height
    share = Fraction(place.side, longer)
    return max(1, round(width * share)), max(1, round(height * share))


def bordered(clip: Clip, side: int) -> Clip:
    """Put every picture into the middle of a transparent square of a side, pixels."""
    left, top = (side - clip.width) // 2, (side - clip.height) // 2

    def frames() -> Iterator[Frame]:
        for frame in clip.frames():
            yield Frame(_bordered(frame.pixels, side, left, top), frame.duration)

    return replace(clip, width=side, height=side, open_frames=frames, has_alpha=True)


def _bordered(pixels: U8, side: int, left: int, top: int) -> U8:
    height, width = pixels.shape[:2]
    out = np.zeros((side, side, 4), np.uint8)
    out[top : top + height, left : left + width] = pixels
    return out
