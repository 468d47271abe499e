"""How good a GIF looks where it is shown: scaled to a size, each picture as long as it stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import numpy as np
from PIL import Image

from ssimgif.host import together
from ssimgif.metrics import (
    BINS,
    ClipScore,
    FrameScore,
    LocalReference,
    LooksReference,
    on_white,
    summarise,
)
from ssimgif.model import U8, Frame

Size = tuple[int, int]
# Frames that are compared side by side, so that few are in memory.
AT_ONCE = 8


@dataclass(frozen=True, slots=True, eq=False)
class ShownFrame:
    """A source frame at the size at which it is shown, that pictures of any size are compared with.

    Smaller pictures are scaled up as browsers do it, smoothly (bicubic); larger ones down.
    """

    size: Size
    duration: Fraction
    looks: LooksReference
    local: LocalReference

    @classmethod
    def of(cls, frame: Frame, size: Size) -> ShownFrame:
        """Show a frame of the source."""
        rgb = _scaled(on_white(frame.pixels), size)
        return cls(size, frame.duration, LooksReference(rgb), LocalReference(rgb))

    def score(self, picture: U8) -> FrameScore:
        """Score what is on screen, u8[h, w, 3]; SSIM and colours are left out."""
        rgb = _scaled(picture, self.size)
        return FrameScore(
            ssim=1.0,
            color=np.zeros(BINS, np.int64),
            looks=self.looks.score(rgb),
            local=self.local.score(rgb),
        )


class ShownClip:
    """Source frames that several GIFs are compared with, of any size and frame rate.

    Parameters
    ----------
    frames : iterable of Frame
        They are kept at the size at which they are shown.
    size : (int, int)
        Width and height at which they are shown, pixels.
    """

    def __init__(self, frames: Iterable[Frame], size: Size) -> None:
        self._frames = together(lambda frame: ShownFrame.of(frame, size), [*frames])

    def score(self, shown: Iterable[Frame]) -> ClipScore:
        """Score a clip of the same duration over all source frames."""
        durations = [one.duration for one in self._frames]
        pictures = on_screen(shown, durations)
        pairs = [*zip(self._frames, pictures, strict=True)]
        return summarise(together(lambda pair: pair[0].score(pair[1]), pairs), durations)


def score_shown(source: Iterable[Frame], shown: Iterable[Frame], size: Size) -> ClipScore:
    """Score a clip as `ShownClip` does, with few frames in memory at once."""
    durations: list[Fraction] = []

    def noted() -> Iterator[Fraction]:
        for frame in left:
            waiting.append(frame)
            yield frame.duration

    left, waiting = iter(source), list[Frame]()
    pictures = on_screen(shown, noted())
    scores: list[FrameScore] = []
    while some := list(islice(pictures, AT_ONCE)):
        frames, waiting[:] = waiting[: len(some)], waiting[len(some) :]
        durations += [frame.duration for frame in frames]
        pairs = [*zip(frames, some, strict=True)]
        scores += together(lambda pair: ShownFrame.of(pair[0], size).score(pair[1]), pairs)
    return summarise(scores, durations)


def on_screen(shown: Iterable[Frame], durations: Iterable[Fraction]) -> Iterator[U8]:
    """Yield the picture u8[h, w, 3] on screen at the middle of each of some lengths of time."""
    left = iter(shown)
    frame = next(left)
    picture, end, begins = on_white(frame.pixels), frame.duration, Fraction(0)
    for duration in durations:
        while end <= begins + duration / 2 and (following := next(left, None)) is not None:
            end += following.duration
            picture = on_white(following.pixels)
        yield picture
        begins += duration


def _scaled(rgb: U8, size: Size) -> U8:
    """Scale a picture u8[h, w, 3] to a width and a height as a browser shows it."""
    height, width = rgb.shape[:2]
    if (width, height) == size:
        return rgb
    image = Image.fromarray(np.ascontiguousarray(rgb))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC))
