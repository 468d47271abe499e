"""Score pictures of one source frame: everything that depends only on the source is kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from ssimgif.image import Canvas, luma, white
from ssimgif.metrics.banding import BandingReference
from ssimgif.metrics.ciede2000 import ColorReference, histogram_mean, histogram_percentile
from ssimgif.metrics.score import FrameScore
from ssimgif.metrics.ssim import SsimReference
from ssimgif.metrics.ssimulacra2 import LooksReference
from ssimgif.model import F32, F64, U8, Bool
from ssimgif.settings import Target

# Margin of a requirement that was not made.
NOT_ASKED = 9.0
# Points of SSIMULACRA2 that count as a margin of 1.
LOOKS_SCALE = 20.0


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one frame must reach; see `Target` for the units."""

    ssim: float
    looks: float
    delta_e: float
    delta_e_p95: float

    def margins(self, score: FrameScore) -> F64:
        """Return how far a score exceeds each requirement, on scales linear in log lambda.

        Returns
        -------
        f64[4]
            SSIM, looks, mean and 95th percentile of the colour difference.
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
            ]
        )

    def ssim_margin(self, ssim: float) -> float:
        """Return how far an SSIM exceeds what is required."""
        if not self.ssim:
            return NOT_ASKED
        return float(np.log((1.0 - self.ssim + 1e-6) / (1.0 - ssim + 1e-6)))


@dataclass(frozen=True, slots=True)
class LateScore:
    """A score of which only the SSIM is known yet; ``result()`` waits for all of it."""

    ssim: float
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

    Attributes
    ----------
    rgb : u8[h, w, 3]
        The source on white.
    opaque : bool[h, w]
    """

    def __init__(self, source: Canvas, target: Target, color_step: int = 1) -> None:
        self.rgb = white(source)
        self.opaque = source.opaque
        light = luma(self.rgb)
        self.ssim = SsimReference(light)
        self.color = ColorReference(self.rgb, color_step)
        self.banding = BandingReference(light)
        self.looks = LooksReference(self.rgb) if target.looks else None

    @property
    def weights(self) -> F32:
        """The weight of a squared luma error at each pixel, f32[h, w]."""
        return self.ssim.weights

    def contours_of(self, picture: U8) -> Bool:
        """Mark the pixels bool[h, w] of a picture that lie on a false contour."""
        return self.banding.contours(luma(picture))

    def reaches(self, picture: U8, ssim: float) -> bool:
        """Tell whether a picture's SSIM is at least as named, which is quick."""
        return self.ssim.reaches(luma(picture), ssim)

    def score_late(self, picture: U8, executor: Executor | None = None) -> LateScore:
        """Measure a picture's SSIM now, and the rest in the executor, or when it is asked for."""
        ssim = self.ssim.score(luma(picture))

        @cache
        def whole() -> FrameScore:
            looks = None if self.looks is None else self.looks.score(picture)
            return FrameScore(ssim, self.color.histogram(picture), looks)

        return LateScore(ssim, whole if executor is None else executor.submit(whole).result)

    def score(self, picture: U8, executor: Executor | None = None) -> FrameScore:
        """Score what a decoder shows, u8[h, w, 3] on white; an executor takes a part of it."""
        looks: Callable[[], float] | None = None
        if self.looks is not None:
            looks = partial(self.looks.score, picture)
            if executor is not None:
                looks = executor.submit(looks).result
        ssim, color = self.ssim.score(luma(picture)), self.color.histogram(picture)
        return FrameScore(ssim, color, None if looks is None else looks())
