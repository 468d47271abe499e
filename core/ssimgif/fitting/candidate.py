"""One size and frame rate, tried on a probe: what quality fits, and how good that looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import numpy as np

from ssimgif.encoder import BudgetEncoder, ClipEncoder, EncodeJob, Equipment, make_job
from ssimgif.fitting.probe import Probe
from ssimgif.fitting.shown import ShownClip
from ssimgif.gif import reader
from ssimgif.model import Clip, Frame
from ssimgif.ratecontrol import quality_seen, usual_quality
from ssimgif.settings import Settings
from ssimgif.sources import edit, remember

# The effort at which their palettes are chosen.
LEVEL = 1
# A candidate this near to its limit, as a logarithm, needs no second attempt.
NEAR = 0.12
# One this far over it needs none either.
HOPELESS = 0.7
# Points of the quality seen for a factor of e in bytes, where one attempt has to do: near to the
# limit, and far from it.
POINTS, FAR_POINTS = 14.0, 30.0


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
    far : bool
        Whether what was tried is so far over the limit that the rest is little more than a guess.
    made : tuple of Made
        The attempts that this was concluded from.
    """

    shape: Shape
    quality: float
    bytes: float
    seen: float
    top: float
    full: bool
    far: bool = False
    made: tuple[Made, ...] = ()


class Trial:
    """Tries shapes on a probe.

    Parameters
    ----------
    part : Probe
    whole : EncodeJob
        Of the clip in full, with a limit of bytes.
    equipment : Equipment
    shown : ShownClip
        Of the probe's frames.

    Attributes
    ----------
    share : float or None
        Bytes of the probe for one of the whole clip, by what was tried first.
    """

    def __init__(
        self, part: Probe, whole: EncodeJob, equipment: Equipment, shown: ShownClip
    ) -> None:
        self.part = part
        self.settings = whole.settings
        self.target = whole.target
        self.equipment = equipment
        self.shown = shown
        self.share: float | None = None
        self.limit = float(whole.settings.max_bytes or 0)

    def of(self, shape: Shape, guess: float) -> Tried:
        """Try a shape at a quality that should fit, and once more where it is far from that."""
        with ExitStack() as files:
            encoder = self._encoder(shape, files)
            made = [self._at(encoder, min(guess, encoder.top))]
            first = made[0]
            excess = float(np.log(first.bytes / self.limit))
            if NEAR < excess < HOPELESS or (excess < -NEAR and first.quality < encoder.top):
                made.append(self._at(encoder, usual_quality(first.quality, -excess, encoder.top)))
        return self._concluded(shape, made, encoder.top)

    def _encoder(self, shape: Shape, files: ExitStack) -> BudgetEncoder:
        clip = remember(reshaped(self.part.clip, shape, self.settings))
        job = make_job(clip, self.settings, self.equipment)
        return BudgetEncoder(ClipEncoder(job.at(self.target, LEVEL), files), 0)

    def _at(self, encoder: BudgetEncoder, quality: float) -> Made:
        """Try a quality."""
        made = encoder.at(quality)
        if self.share is None:
            self.share = self.part.share(made.stream.read())
        seen = quality_seen(self.shown.score(played(made.stream)))
        return Made(quality, made.size / self.share, seen)

    def _concluded(self, shape: Shape, made: list[Made], top: float) -> Tried:
        """Read off what the limit allows, on the line through the attempts."""
        nearest = min(made, key=lambda one: abs(np.log(one.bytes / self.limit)))
        spare = float(np.log(self.limit / nearest.bytes))
        if nearest.quality >= top and spare >= 0:
            return Tried(shape, top, nearest.bytes, nearest.seen, top, True, made=tuple(made))
        slope = FAR_POINTS if spare < -HOPELESS else POINTS
        if len(made) == 2 and abs(np.log(made[1].bytes / made[0].bytes)) > NEAR:
            slope = (made[1].seen - made[0].seen) / float(np.log(made[1].bytes / made[0].bytes))
            slope = min(max(slope, 0.0), FAR_POINTS)
        quality = usual_quality(nearest.quality, spare, top)
        seen, far = nearest.seen + slope * spare, spare < -HOPELESS
        return Tried(shape, quality, self.limit, seen, top, False, far, tuple(made))


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
