"""Inputs as streams of PyAV's frames, in the colours that a player shows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from statistics import median_low

from av.video.frame import VideoFrame

from ssimgif import Clip, Frame, SettingsError, open_clip
from ssimgif_ffmpeg.layout import lay_out
from ssimgif_ffmpeg.options import Cut, Input
from ssimgif_ffmpeg.pictures import from_rgba
from ssimgif_ffmpeg.running import FilterGraph
from ssimgif_ffmpeg.timeline import TICK, ticks, time_of

PEEK = 16


@dataclass(frozen=True, slots=True)
class Stream:
    """Frames of one size and kind, to be read once.

    Attributes
    ----------
    frames : iterator of VideoFrame
        Timed in `TICK`.
    width, height : int
    format : str
        ``rgba`` or ``rgb24``.
    rate : Fraction
        Frames a second, as far as the first frames tell.
    """

    frames: Iterator[VideoFrame]
    width: int
    height: int
    format: str
    rate: Fraction


class Source:
    """An input of the command; `stream` may be called as often as needed.

    Raises
    ------
    SourceError, SettingsError, FilterError
        From the constructor, when it can't be read.
    """

    def __init__(self, spec: Input, max_frames: int, max_pixels: int, allow_sources: bool) -> None:
        self.name = spec.name
        self._cut = spec.cut
        self._clip: Clip | None = None
        if not spec.generated:
            # Of a piece, the frames that a stage is given are counted.
            piece = spec.cut.start is not None or spec.cut.length is not None
            options = {
                "fps": spec.cut.rate,
                "max_frames": sys.maxsize if piece else max_frames,
                "max_pixels": max_pixels,
            }
            self._clip = open_clip(spec.name, options)
            self.name = self._clip.name
        elif not allow_sources:
            raise SettingsError("-f lavfi makes its own frames; --allow-sources permits it")

    @property
    def loop(self) -> int:
        """Total number of plays, 0 for ever."""
        return self._clip.loop if self._clip else 0

    @property
    def remarks(self) -> list[str]:
        """What is to be said of it, with its name; complete once its frames were read."""
        notes = self._clip.notes if self._clip else ()
        return [one if one.startswith(self.name) else f"{self.name}: {one}" for one in notes]

    def stream(self) -> Stream:
        """Return the frames, from the first one on."""
        if self._clip is None:
            return _generated(self.name, self._cut)
        clip = self._clip
        timed = _timed(clip, self._cut)
        first = list(islice(timed, PEEK))
        frames = (
            from_rgba(
                frame.pixels, clip.has_alpha, ticks(start), max(1, ticks(frame.duration)), TICK
            )
            for start, frame in chain(first, timed)
        )
        usual = median_low([frame.duration for _, frame in first]) if first else Fraction(1, 25)
        kind = "rgba" if clip.has_alpha else "rgb24"
        rate = (1 / usual).limit_denominator(100_000)
        return Stream(frames, clip.width, clip.height, kind, rate)


def _timed(clip: Clip, cut: Cut) -> Iterator[tuple[Fraction, Frame]]:
    """Yield frames that begin within the cut, with when they begin."""
    start = cut.start or Fraction(0)
    # At another rate frames begin elsewhere.
    begins, frames = clip.frames_from(start if cut.rate is None else Fraction(0))
    for frame in frames:
        shown = frame if cut.rate is None else Frame(frame.pixels, 1 / cut.rate)
        if cut.length is not None and begins >= start + cut.length:
            return
        if begins >= start:
            yield begins - start, shown
        begins += shown.duration


def _generated(text: str, cut: Cut) -> Stream:
    """Run a graph that has no inputs."""
    layout = lay_out(text, allow_sources=True)
    if layout.inputs or len(layout.outputs) != 1 or layout.stages():
        raise SettingsError(f"-f lavfi needs a graph of no inputs and one output, not {text!r}")
    graph = FilterGraph(layout, range(len(layout.nodes)), [], [layout.outputs[0].pad], "rgba")

    def frames() -> Iterator[VideoFrame]:
        start = cut.start or Fraction(0)
        for _, frame in graph.run([]):
            begins = time_of(frame) or Fraction(0)
            if cut.length is not None and begins >= start + cut.length:
                return
            if begins >= start:
                frame.pts, frame.time_base = ticks(begins - start), TICK
                yield frame

    found = frames()
    first = next(found, None)
    if first is None:
        raise SettingsError(f"-f lavfi {text!r} makes no frames")
    rate = Fraction(25)
    return Stream(chain([first], found), first.width, first.height, "rgba", rate)
