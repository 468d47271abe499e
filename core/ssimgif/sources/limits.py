"""Bounds on what a source may ask of memory and time, each with the option that raises it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ssimgif.errors import SourceError

STILL_DURATION = Fraction(1, 10)
STILL_NOTE = "a still image: the GIF has one frame"


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest picture and the longest clip that are accepted.

    Attributes
    ----------
    max_frames : int
    max_pixels : int
        Width times height of one frame.
    """

    max_frames: int = 20_000
    max_pixels: int = 50_000_000

    def check_size(self, name: str, width: int, height: int) -> None:
        """Raise SourceError for a picture without pixels or with too many."""
        if width < 1 or height < 1:
            raise SourceError(f"{name} is {width}x{height}: there is nothing to show")
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
