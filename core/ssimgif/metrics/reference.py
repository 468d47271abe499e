"""Score pictures of one source frame: everything that depends only on the source is kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np

from ssimgif.image import Canvas, luma, white
from ssimgif.metrics.banding import BandingReference
from ssimgif.metrics.ciede2000 import ColorReference, histogram_mean, histogram_percentile
from ssimgif.metrics.error_weights import error_weights
from ssimgif.metrics.local import LocalReference
from ssimgif.metrics.missed import Missed, MissedReference
from ssimgif.metrics.score import NONE_MISSED, FrameScore
from ssimgif.metrics.ssim import SsimReference
from ssimgif.metrics.ssimulacra2 import LooksReference
from ssimgif.model import F32, F64, U8, Bool
from ssimgif.target import Target

# Margin of a requirement that was not made.
NOT_ASKED = 9.0
# Points of SSIMULACRA2 that count as a margin of 1, and by what power of the worst places' error
# and of the share of missed changes theirs grow.
LOOKS_SCALE = 20.0
LOCAL_SCALE = 2.0
MISSED_SCALE = 0.5
# One of the changes may be missed in a frame whose share is less, if the frames before have left it
# that; none where they are fewer than these.
FEW_CHANGES = 8
# A share of changes that allows none.
NONE = 0.4
# Requirements that a frame has; those of means over the picture come first, then the worst places.
PARTS = 6
MEANS = LOCAL = 4


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one frame must reach; see `Target` for the units.

    ``missed_room`` tells how many more changes may be missed than is the frame's share, since the
    frames before have left so many, and ``missed_anyway`` how many are missed whatever is done.
    """

    ssim: float
    looks: float
    delta_e: float
    delta_e_p95: float
    local: float = 0.0
    missed_room: float = 0.0
    missed_anyway: int = 0

    def margins(self, score: FrameScore) -> F64:
        """Return how far a score exceeds each requirement, on scales linear in log lambda.

        Returns
        -------
        f64[6]
            SSIM, looks, mean and 95th percentile of the colour difference, worst places, missed
            changes.
        """
        mean, p95 = histogram_mean(score.color), histogram_percentile(score.color, 95)
        looks = NOT_ASKED
        ssim = self.ssim_margin(score.ssim)
        if self.looks and score.looks is not None:
            looks = (score.looks - self.looks) / LOOKS_SCALE
        return np.array(
            [
                ssim,
                looks,
                np.log(self.delta_e / max(mean, 1e-3)),
                np.log(self.delta_e_p95 / max(p95, 1e-3)),
                self.local_margin(score.local),
                self.missed_margin(score.missed),
            ]
        )

    def local_margin(self, local: float | None) -> float:
        """Return how far the worst places' error is below what is allowed."""
        if not self.local or local is None:
            return NOT_ASKED
        return float(LOCAL_SCALE * np.log(self.local / max(local, 1e-3)))

    def missed_margin(self, missed: Missed) -> float:
        """Return how far fewer changes are missed than may be."""
        if not self.local or not missed.changes:
            return NOT_ASKED
        most = missed.missable
        if most < 1:
            left = most + self.missed_room if missed.changes >= FEW_CHANGES else 0.0
            most = 1.0 if left >= 1 else NONE
        most = max(most, self.missed_anyway)
        return float(MISSED_SCALE * np.log((2 * most + 0.5) / (most + missed.missed)))

    def ssim_margin(self, ssim: float) -> float:
        """Return how far an SSIM exceeds what is required."""
        if not self.ssim:
            return NOT_ASKED
        return float(np.log((1.0 - self.ssim + 1e-6) / (1.0 - ssim + 1e-6)))


@dataclass(frozen=True, slots=True)
class LateScore:
    """A score whose SSIM and missed changes are known; ``result()`` waits for all of it."""

    ssim: float
    missed: Missed
    result: Callable[[], FrameScore]


class FrameReference:
    """The source frame as the metrics see it.

    Parameters
    ----------
    source : Canvas
        Transparent areas count as white.
    target : Target
        Decides whether looks are measured.
    color_step : int
        Colour differences are measured in every ``color_step``-th row.
    before : u8[h, w] or None
        Luma of the frame before, if there is one.

    Attributes
    ----------
    rgb : u8[h, w, 3]
        The source on white.
    opaque : bool[h, w]
    """

    def __init__(
        self, source: Canvas, target: Target, color_step: int = 1, before: U8 | None = None
    ) -> None:
        self.rgb = white(source)
        self.opaque = source.opaque
        light = luma(self.rgb)
        self.ssim = SsimReference(light)
        self.color = ColorReference(self.rgb, color_step)
        self.banding = BandingReference(light)
        self.looks = LooksReference(self.rgb) if target.looks else None
        self.local = LocalReference(self.rgb) if target.local else None
        self.changes = None if before is None else MissedReference(before, light)

    @cached_property
    def _prices(self) -> tuple[F32, F32]:
        return error_weights(self.ssim, self.changes)

    @property
    def weights(self) -> F32:
        """The weight of a squared luma error at each pixel, f32[h, w]."""
        return self._prices[0]

    @property
    def chroma_gain(self) -> F32:
        """How much more than elsewhere an error of chroma weighs at each pixel, f32[h, w]."""
        return self._prices[1]

    def contours_of(self, picture: U8) -> Bool:
        """Mark the pixels bool[h, w] of a picture that lie on a false contour."""
        return self.banding.contours(luma(picture))

    def reaches(self, picture: U8, ssim: float) -> bool:
        """Tell whether a picture's SSIM is at least as named, which is quick."""
        return self.ssim.reaches(luma(picture), ssim)

    def missed(self, light: U8) -> Missed:
        """Count the changes that are missed by a picture of luma u8[h, w]."""
        return NONE_MISSED if self.changes is None else self.changes.score(light)

    def score_late(self, picture: U8, executor: Executor | None = None) -> LateScore:
        """Measure SSIM and missed changes now, the rest in the executor or when asked for."""
        light = luma(picture)
        ssim, missed = self.ssim.score(light), self.missed(light)

        @cache
        def whole() -> FrameScore:
            looks, local = self._looks_and_local(picture)
            return FrameScore(ssim, self.color.histogram(picture), looks, None, local, missed)

        result = whole if executor is None else executor.submit(whole).result
        return LateScore(ssim, missed, result)

    def score(self, picture: U8, executor: Executor | None = None) -> FrameScore:
        """Score what a decoder shows, u8[h, w, 3] on white; an executor takes a part of it."""
        others: Callable[[], tuple[float | None, float | None]]
        others = partial(self._looks_and_local, picture)
        if executor is not None:
            others = executor.submit(others).result
        light = luma(picture)
        ssim, missed, color = (
            self.ssim.score(light),
            self.missed(light),
            self.color.histogram(picture),
        )
        looks, local = others()
        return FrameScore(ssim, color, looks, None, local, missed)

    def _looks_and_local(self, picture: U8) -> tuple[float | None, float | None]:
        return (
            None if self.looks is None else self.looks.score(picture),
            None if self.local is None else self.local.score(picture),
        )
