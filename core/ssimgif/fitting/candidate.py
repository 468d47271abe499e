"""One size and frame rate, tried on a probe: what quality fits, and how good that looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import BinaryIO

import numpy as np

from ssimgif.encoder import ClipEncoder, EncodeJob, make_job
from ssimgif.fitting.probe import Probe
from ssimgif.fitting.shown import ShownClip
from ssimgif.gif import reader
from ssimgif.model import Clip, Frame
from ssimgif.ratecontrol import (
    PalettePlan,
    eased,
    quality_seen,
    top_quality,
    usual_growth,
    usual_quality,
)
from ssimgif.settings import Settings
from ssimgif.sources import edit, remember

# The efforts at which their palettes are chosen and they are coded.
PLAN_LEVEL, LEVEL = 1, 2
# What is tried is near to its limit where it is no farther off, as a logarithm.
NEAR = 0.2
# Points of the quality seen for a point of the one asked for.
POINTS = 1.2


@dataclass(frozen=True, slots=True)
class Shape:
    """Width and height, pixels, and frames a second; None keeps the source's."""

    width: int
    height: int
    fps: Fraction | None


@dataclass(frozen=True, slots=True)
class Made:
    """An attempt: the quality asked for, the bytes of the whole clip, the quality that is seen."""

    quality: float
    bytes: float
    seen: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What a shape comes to within the limit.

    Attributes
    ----------
    shape : Shape
    quality : float
        That fits, by what was tried.
    bytes : float
        Of the whole clip at that quality, about.
    seen : float
        The quality that is seen then.
    top : float
        The quality that is asked for.
    full : bool
        Whether it fits with all of that.
    room : float
        The logarithm of the limit over the bytes, 0 unless it is full.
    far : bool
        Whether what was tried is so far off the limit that the rest is little more than a guess.
    made : Made or None
        The attempt that this was concluded from.
    """

    shape: Shape
    quality: float
    bytes: float
    seen: float
    top: float
    full: bool
    room: float = 0.0
    far: bool = False
    made: Made | None = None


class Trial:
    """Tries shapes on a probe.

    The palettes of a frame rate are chosen at the first size that is tried and serve all others.

    Parameters
    ----------
    part : Probe
    whole : EncodeJob
        Of the clip in full, with a limit of bytes.
    shown : ShownClip
        Of the probe's frames.
    files : ExitStack
        Closes the temporary files of the attempts.

    Attributes
    ----------
    share : float or None
        Bytes of the probe for one of the whole clip, by what was tried first.
    """

    def __init__(self, part: Probe, whole: EncodeJob, shown: ShownClip, files: ExitStack) -> None:
        self.part = part
        self.settings = whole.settings
        self.target = whole.target
        self.equipment = whole.equipment.silent()
        self.shown = shown
        self.share: float | None = None
        self.limit = float(whole.settings.max_bytes or 0)
        self._files = files
        self._first: dict[Fraction | None, tuple[EncodeJob, Sequence[PalettePlan]]] = {}

    def of(self, shape: Shape, guess: float) -> Tried:
        """Try a shape at a quality that should fit, and conclude what does."""
        job, plans = self._planned(shape)
        top = top_quality(self.target)
        made = self._at(job, plans, min(guess, top))
        spare = float(np.log(self.limit / made.bytes))
        quality = usual_quality(made.quality, spare, top)
        growth = usual_growth(made.quality, quality)
        seen = made.seen + POINTS * (quality - made.quality)
        size = made.bytes * float(np.exp(growth))
        full = quality >= top and growth <= spare
        room = spare - growth if full else 0.0
        return Tried(shape, quality, size, seen, top, full, room, abs(growth) > NEAR, made)

    def _planned(self, shape: Shape) -> tuple[EncodeJob, Sequence[PalettePlan]]:
        """Return a shape's job, and palettes for it."""
        clip = remember(reshaped(self.part.clip, shape, self.settings))
        if shape.fps not in self._first:
            job = make_job(clip, self.settings, self.equipment)
            encoder = ClipEncoder(job, self._files)
            self._first[shape.fps] = job, encoder.plans(job.at(self.target, PLAN_LEVEL))
        job, plans = self._first[shape.fps]
        return replace(job, clip=clip), plans

    def _at(self, job: EncodeJob, plans: Sequence[PalettePlan], quality: float) -> Made:
        """Try a quality."""
        encoder = ClipEncoder(job, self._files)
        made = encoder.coded(job.at(eased(self.target, quality), LEVEL), plans)
        if self.share is None:
            self.share = self.part.share(made.stream.read())
        seen = quality_seen(self.shown.score(played(made.stream)))
        return Made(quality, made.size / self.share, seen)


def reshaped(clip: Clip, shape: Shape, settings: Settings) -> Clip:
    """Return a clip at another size and frame rate."""
    asked = Settings(
        width=shape.width,
        height=shape.height,
        fps=shape.fps,
        scale_filter=settings.scale_filter,
    )
    return edit(clip, asked)


def played(gif: BinaryIO) -> Iterator[Frame]:
    """Yield the pictures of a GIF, from its beginning, as they are shown."""
    gif.seek(0)
    for pixels, delay in reader.read(gif):
        yield Frame(pixels, Fraction(max(delay, 1), 100))
    gif.seek(0)
