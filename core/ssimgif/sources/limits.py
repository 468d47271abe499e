"""Bounds on what a source may ask of memory and time, each with the option that raises it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from ssimgif.errors import SourceError
from ssimgif.model import U8, Clip, Frame, Notes
from ssimgif.settings import MAX_FRAMES, MAX_PIXELS

# What lasts longer has a damaged time in it; a GIF would need a frame for every 655 s.
LONGEST_HOURS = 24
DEFAULT_FPS = Fraction(10)
STILL_DURATION = Fraction(1, 10)
STILL_NOTE = "a still image: the GIF has one frame"
_SHORTEST_DELAY = Fraction(11, 1000)
_DEFAULT_DELAY = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest picture and the longest clip that are accepted.

    Attributes
    ----------
    max_frames : int
    max_pixels : int
        Width times height of one frame.
    """

    max_frames: int = MAX_FRAMES
    max_pixels: int = MAX_PIXELS

    def check_size(self, name: str, width: int, height: int) -> None:
        """Raise SourceError for a picture without pixels or with too many."""
        if width < 1 or height < 1:
            # FFmpeg says 0x0 of sizes that it refuses, too.
            raise SourceError(f"{name} tells no size, or a larger one than can be read")
        if width * height > self.max_pixels:
            raise SourceError(
                f"{name} is {width}x{height}, over the limit of {self.max_pixels} pixels"
                " (--max-pixels raises it)"
            )

    def check_count(self, name: str, frames: int | None) -> None:
        """Raise SourceError for too many frames."""
        if frames is not None and frames > self.max_frames:
            raise SourceError(
                f"{name} has more than {self.max_frames} frames (--max-frames raises the limit)"
            )

    def while_read(self, clip: Clip) -> Clip:
        """Return the clip with its frames and seconds counted as they are read.

        Reading raises SourceError at the first frame that is too many, or too long.
        """

        def frames() -> Iterator[Frame]:
            seconds = Fraction(0)
            for number, frame in enumerate(clip.frames(), 1):
                self.check_count(clip.name, number)
                seconds += frame.duration
                if seconds > LONGEST_HOURS * 3600:
                    raise SourceError(
                        f"{clip.name} lasts longer than {LONGEST_HOURS} hours at frame {number}"
                    )
                yield frame

        return replace(clip, open_frames=frames)


def time_on_screen(delay: Fraction) -> Fraction:
    """Return how long an animation's frame is shown; like browsers, 10 ms and less are 100 ms."""
    return delay if delay >= _SHORTEST_DELAY else _DEFAULT_DELAY


def still(clip: Clip) -> Clip:
    """Return a clip of one frame as a still image, which lasts as stills do and says so."""

    def frames() -> Iterator[Frame]:
        return (replace(frame, duration=STILL_DURATION) for frame in clip.frames())

    clip.notes.add(STILL_NOTE)
    return replace(clip, open_frames=frames, loop=0)


def one_picture(read: Callable[[], U8], name: str, notes: Notes) -> Clip:
    """Return a clip of the picture u8[h, w, 4] that ``read`` returns, each time it is read anew."""
    height, width = read().shape[:2]
    frames = partial(_one_frame, read)
    return Clip(width, height, frames, name=name, notes=notes)


def _one_frame(read: Callable[[], U8]) -> Iterator[Frame]:
    yield Frame(read(), STILL_DURATION)
