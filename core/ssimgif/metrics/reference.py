"""Score pictures of one source frame: everything that depends only on the source is kept."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from threading import Lock

import numpy as np

from ssimgif.host import bands, start, together, workers
from ssimgif.image import Area, Canvas, luma, white
from ssimgif.metrics.banding import BandingReference
from ssimgif.metrics.ciede2000 import histogram_mean, histogram_percentile
from ssimgif.metrics.comparison import Comparison, Source, compare, is_small
from ssimgif.metrics.error_weights import DISTANCE, Prices, error_weights
from ssimgif.metrics.missed import Missed, MissedReference
from ssimgif.metrics.picture import Picture, grown, union, whole
from ssimgif.metrics.score import NONE_MISSED, FrameScore
from ssimgif.metrics.ssim import RADIUS, SsimReference
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
# How far a pixel changes the weights of errors: by the variance around it, what is smooth beside
# that, and the window of what an error touches.
WEIGHTS_REACH = 2 * RADIUS + DISTANCE
# Rows of a band of them that one thread works out.
LEAST_ROWS = 128


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
        return np.array(
            [
                self.ssim_margin(score.ssim),
                self.looks_margin(score.looks),
                np.log(self.delta_e / max(mean, 1e-3)),
                np.log(self.delta_e_p95 / max(p95, 1e-3)),
                self.local_margin(score.local),
                self.missed_margin(score.missed),
            ]
        )

    def looks_margin(self, looks: float | None) -> float:
        """Return how far looks exceed what is required."""
        if not self.looks or looks is None:
            return NOT_ASKED
        return (looks - self.looks) / LOOKS_SCALE

    def local_margin(self, local: float | None) -> float:
        """Return how far the worst places' error is below what is allowed."""
        if not self.local or local is None:
            return NOT_ASKED
        return float(LOCAL_SCALE * np.log(self.local / max(local, 1e-3)))

    def missed_margin(self, missed: Missed) -> float:
        """Return how far fewer changes are missed than may be."""
        if not self.local or not missed.changes:
            return NOT_ASKED
        # What frames before have missed too much, the ones after make up for.
        most = missed.missable + min(self.missed_room, 0.0)
        if most < 1:
            left = missed.missable + self.missed_room if missed.changes >= FEW_CHANGES else 0.0
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
    previous : FrameReference, optional
        Of the frame before, by the same target: what is the same in it is taken over.

    Attributes
    ----------
    rgb : u8[h, w, 3]
        The source on white.
    opaque : bool[h, w]
    """

    def __init__(
        self,
        source: Canvas,
        target: Target,
        color_step: int = 1,
        before: U8 | None = None,
        previous: FrameReference | None = None,
    ) -> None:
        self.rgb = np.ascontiguousarray(white(source))
        self.opaque = source.opaque
        self._target = target
        self._before = before
        self._previous = previous
        self._recent: list[Comparison] = []
        self._inherited: list[tuple[Comparison, Area | None]] = []
        self._entering = Lock()
        self._moved: Area | None = whole(self.rgb.shape)
        self._prices: Prices | None = None
        if previous is None:
            measured = bool(target.looks), bool(target.local)
            self._source = Source(Picture(self.rgb), color_step, *measured)
        else:
            self._source, self._moved = previous._source.following(self.rgb)
        self.changes = None if before is None else MissedReference(before, self._luma)
        self._banding: BandingReference | None = None

    def of_like(self, source: Canvas) -> FrameReference:
        """Return the reference of another source frame, of which this one may tell much."""
        return FrameReference(source, self._target, previous=self)

    def anew(self, previous: FrameReference | None) -> FrameReference:
        """Return a reference of the same frame to which no picture was compared.

        Parameters
        ----------
        previous : FrameReference or None
            Of the frame before, where this one has one: of its pictures much may be told.
        """
        # What is worked out of the source is shared; the frame before is of no more use then.
        _ = self.prices, self.banding
        self._previous = None
        other = copy(self)
        other._previous, other._recent, other._inherited = previous, [], []
        other._entering = Lock()
        return other

    @property
    def ssim(self) -> SsimReference:
        """SSIM to the source."""
        return self._source.ssim

    @property
    def banding(self) -> BandingReference:
        """False contours beside the source."""
        if self._banding is None:
            self._banding = BandingReference(self._luma)
        return self._banding

    @property
    def prices(self) -> Prices:
        """What an error costs at each pixel."""
        if self._prices is None:
            self._prices = self._prices_like_before() or self._prices_anew()
        return self._prices

    def _prices_anew(self) -> Prices:
        """Return what errors cost, worked out by bands of rows."""
        parts = bands(len(self.rgb), least=LEAST_ROWS)
        if len(parts) == 1:
            return error_weights(self.ssim, self.changes)
        height, width = self.rgb.shape[:2]
        prices = Prices.empty(height, width)

        def work_out(part: tuple[int, int]) -> None:
            first, last = part
            band = Area(0, first, width, last - first)
            prices.put(band.slices, self._prices_within(band))

        together(work_out, parts)
        return prices

    def _prices_within(self, area: Area) -> Prices:
        """Return what errors cost in a rectangle, by what is around it."""
        around = grown(area, WEIGHTS_REACH, self.rgb.shape)
        light, before = self._luma[around.slices], self._before
        changes = None if before is None else MissedReference(before[around.slices], light)
        prices = error_weights(SsimReference(light), changes)
        return prices.within(area.moved(-around.left, -around.top).slices)

    def _prices_like_before(self) -> Prices | None:
        """Return what errors cost by what they do in the frame before, where that is known."""
        previous = self._previous
        if previous is None or previous._prices is None:
            return None
        # Where that one changed, its changes had a price.
        area = union(self._moved, previous._moved)
        if area is None:
            return previous._prices
        if not is_small(area, self.rgb):
            return None
        touched = grown(area, WEIGHTS_REACH, self.rgb.shape)
        prices = previous._prices.copy()
        prices.put(touched.slices, self._prices_within(touched))
        return prices

    @property
    def _luma(self) -> U8:
        return self._source.picture.luma

    def contours_of(self, picture: U8) -> Bool:
        """Mark the pixels bool[h, w] of a picture that lie on a false contour."""
        return self.banding.contours(luma(picture))

    def places(self, picture: U8) -> F32 | None:
        """Return how bad each place of a picture is, f32[h, w]; None where it is not measured."""
        local = self._source.local
        return None if local is None else local.map_of(self._compare(picture).local_errors)

    def meets(self, picture: U8, requirement: Requirement) -> FrameScore | None:
        """Return the score of a picture that meets a requirement; a bad one is soon found out."""
        compared = self._compare(picture)
        light, least = compared.picture.luma, requirement.ssim
        enough = compared.ssim >= least if compared.quick else self.ssim.reaches(light, least)
        if not enough or requirement.missed_margin(self.missed(light)) < 0:
            return None
        score = self.score(picture)
        return score if (requirement.margins(score) >= 0).all() else None

    def missed(self, light: U8) -> Missed:
        """Count the changes that are missed by a picture of luma u8[h, w]."""
        return NONE_MISSED if self.changes is None else self.changes.score(light)

    def glance(self, picture: U8) -> tuple[float, Missed]:
        """Measure the SSIM and the missed changes alone, which takes little."""
        compared = self._compare(picture)
        return compared.ssim, self.missed(compared.picture.luma)

    def looks(self, picture: U8) -> float | None:
        """Measure the looks alone; None where they are not measured."""
        return self._compare(picture).looks

    def score_late(self, picture: U8) -> LateScore:
        """Measure SSIM and missed changes now, the rest by other threads or when asked for."""
        compared = self._compare(picture)
        ssim, missed = compared.ssim, self.missed(compared.picture.luma)

        def complete() -> FrameScore:
            looks, local = compared.looks, compared.local
            return FrameScore(ssim, compared.color, looks, None, local, missed)

        return LateScore(ssim, missed, start(complete))

    def score(self, picture: U8) -> FrameScore:
        """Score what a decoder shows, u8[h, w, 3] on white."""
        compared = self._compare(picture)
        if workers() > 1 and not compared.complete:
            compared.picture.halve()
        local, looks = start(lambda: compared.local), start(lambda: compared.looks)
        ssim, color = compared.ssim, compared.color
        missed = self.missed(compared.picture.luma)
        return FrameScore(ssim, color, looks(), None, local(), missed)

    def _compare(self, picture: U8) -> Comparison:
        """Compare a picture by what is known of another, or of the frame before."""
        with self._entering:
            if self._previous is not None:
                self._inherited = [(one, self._moved) for one in self._previous._recent]
                self._previous = None
            if any(one.complete for one in self._recent):
                self._inherited = []
            known = [*((one, None) for one in self._recent), *self._inherited]
        found = compare(self._source, np.ascontiguousarray(picture), known)
        with self._entering:
            if all(found is not one for one in self._recent):
                # The first is what is on screen, from which all others differ by what they draw.
                # Little can be told by one at which there was but a glance.
                recent = [one for one in self._recent if one.complete] or self._recent
                self._recent = [*recent[:1], *recent[1:][-1:], found]
        return found
