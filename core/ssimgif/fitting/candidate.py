"""One size and frame rate, tried on an excerpt: what quality fits, and how good that looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import numpy as np

from ssimgif.encoder import BudgetEncoder, ClipEncoder, Equipment, make_job
from ssimgif.fitting.excerpt import Excerpt
from ssimgif.fitting.shown import ShownClip
from ssimgif.gif import reader
from ssimgif.model import Frame
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
    """

    shape: Shape
    quality: float
    bytes: float
    seen: float
    top: float
    full: bool


class Trial:
    """Tries shapes on an excerpt.

    Parameters
    ----------
    part : Excerpt
    settings : Settings
        With a limit of bytes.
    equipment : Equipment
    shown : ShownClip
        Of the excerpt's frames.

    Attributes
    ----------
    share : float or None
        Bytes of the excerpt for one of the whole clip, by what was tried first.
    """

    def __init__(
        self,
        part: Excerpt,
        settings: Settings,
        equipment: Equipment,
        shown: ShownClip,
    ) -> None:
        self.part = part
        self.settings = settings
        self.equipment = equipment
        self.shown = shown
        self.share: float | None = None
        self.limit = float(settings.max_bytes or 0)

    def of(self, shape: Shape, guess: float) -> Tried:
        """Try a shape at a quality that should fit, and once more where it is far from that."""
        with ExitStack() as files:
            encoder = self._encoder(shape, files)
            made = [self._at(encoder, min(guess, encoder.top))]
            first = made[0]
            excess = float(np.log(first[1] / self.limit))
            if NEAR < excess < HOPELESS or (excess < -NEAR and first[0] < encoder.top):
                made.append(self._at(encoder, usual_quality(first[0], -excess, encoder.top)))
        return self._concluded(shape, made, encoder.top)

    def _encoder(self, shape: Shape, files: ExitStack) -> BudgetEncoder:
        asked = Settings(
            width=shape.width,
            height=shape.height,
            fps=shape.fps,
            scale_filter=self.settings.scale_filter,
        )
        job = make_job(remember(edit(self.part.clip, asked)), self.settings, self.equipment)
        return BudgetEncoder(ClipEncoder(job.at(job.target, LEVEL), files), 0)

    def _at(self, encoder: BudgetEncoder, quality: float) -> tuple[float, float, float]:
        """Return a quality, the bytes of the whole clip, and the quality that is seen."""
        made = encoder.at(quality)
        if self.share is None:
            self.share = self.part.share(made.stream.read())
        return quality, made.size / self.share, quality_seen(self.shown.score(played(made.stream)))

    def _concluded(self, shape: Shape, made: list[tuple[float, float, float]], top: float) -> Tried:
        """Read off what the limit allows, on the line through the attempts."""
        nearest = min(made, key=lambda one: abs(np.log(one[1] / self.limit)))
        spare = float(np.log(self.limit / nearest[1]))
        if nearest[0] >= top and spare >= 0:
            return Tried(shape, top, nearest[1], nearest[2], top, True)
        slope = FAR_POINTS if spare < -HOPELESS else POINTS
        if len(made) == 2 and abs(np.log(made[1][1] / made[0][1])) > NEAR:
            slope = (made[1][2] - made[0][2]) / float(np.log(made[1][1] / made[0][1]))
            slope = min(max(slope, 0.0), FAR_POINTS)
        quality = usual_quality(nearest[0], spare, top)
        return Tried(shape, quality, self.limit, nearest[2] + slope * spare, top, False)


def played(gif: BinaryIO) -> Iterator[Frame]:
    """Yield the pictures of a GIF, from its beginning, as they are shown."""
    gif.seek(0)
    for pixels, delay in reader.read(gif):
        yield Frame(pixels, Fraction(max(delay, 1), 100))
    gif.seek(0)
