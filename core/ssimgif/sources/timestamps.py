"""When each decoded frame is shown, whatever a container's time stamps are worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from av.video.frame import VideoFrame

# A frame, and its alpha where that is a stream of its own.
Pair = tuple[VideoFrame, VideoFrame | None]


@dataclass(frozen=True, slots=True)
class Clock:
    """How a stream's time stamps are read.

    Attributes
    ----------
    by_dts : bool
        Whether frames are shown by the order in which they were decoded: AVI, MXF and ASF state
        presentation times of H.264 and packed MPEG-4 in the order of their packets.
    origin : Fraction
        Stamp of the first frame, seconds.
    exact : bool
        Whether equal stamps mean that a frame is never on screen, as in the tables of AVIF.
    step : Fraction
        Time between frames that have neither stamps nor durations, seconds.
    """

    by_dts: bool = False
    origin: Fraction = Fraction(0)
    exact: bool = False
    step: Fraction = Fraction(1, 25)

    @classmethod
    def of(cls, first: Sequence[VideoFrame], *, exact: bool, step: Fraction) -> Clock:
        """Judge the stamps of a stream by its first frames, in the order they are shown."""
        by_dts = (
            not exact
            and not _rising([frame.pts for frame in first])
            and _rising([frame.dts for frame in first])
        )
        clock = cls(by_dts, exact=exact, step=step)
        return cls(by_dts, clock.stamp(first[0]) or Fraction(0), exact, step)

    def stamp(self, frame: VideoFrame) -> Fraction | None:
        """Return what a frame's stamp says, seconds."""
        ticks = frame.dts if self.by_dts else frame.pts
        if ticks is None or frame.time_base is None:
            return None
        return ticks * Fraction(frame.time_base)

    def times(self, frames: Iterable[Pair]) -> Iterator[tuple[Fraction, Pair]]:
        """Yield each frame with the time it is shown from, seconds, the first frame's being 0.

        Decoders give frames in the order they are shown. A stamp that is missing, or does not lie
        behind the one before, is replaced by the end of the frame before.
        """
        now: Fraction | None = None
        step = self.step
        for pair in frames:
            stamp = self.stamp(pair[0])
            time = stamp - self.origin if stamp is not None else None
            if now is not None and (time is None or (time <= now and not self.exact)):
                time = now + step
            time = time or Fraction(0)
            if now is not None and time > now:
                step = time - now
            now, step = time, own_duration(pair[0]) or step
            yield time, pair

    def shown(self, frames: Iterable[Pair]) -> Iterator[tuple[Fraction, Fraction, Pair]]:
        """Yield when each frame is shown, for how long, and the frame.

        The last frame stays for its own duration, or as long as the one before.
        """
        held: tuple[Fraction, Pair] | None = None
        last = self.step
        for time, pair in self.times(frames):
            if held is not None and time > held[0]:
                last = time - held[0]
                yield held[0], last, held[1]
            held = time, pair
        if held is not None:
            yield held[0], own_duration(held[1][0]) or last, held[1]


def own_duration(frame: VideoFrame) -> Fraction | None:
    """Return the duration that a frame states, seconds; None where it states none."""
    if not frame.duration or frame.time_base is None:
        return None
    return frame.duration * Fraction(frame.time_base)


def _rising(stamps: Sequence[int | None]) -> bool:
    """Tell whether each stamp lies behind the one before, as far as there are any."""
    known = [stamp for stamp in stamps if stamp is not None]
    return bool(known) and all(a < b for a, b in pairwise(known))
