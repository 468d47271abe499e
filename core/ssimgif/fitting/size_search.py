"""Climb to the size and the frame rate that look best: one with worse ones on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import exp, inf, log
from typing import Protocol

import numpy as np

from ssimgif.fitting.candidate import Shape, Tried
from ssimgif.ratecontrol import usual_growth, usual_quality

# Bytes go with the width to this power, at the same quality.
WIDTH_POWER = 1.6
# The same where widths differ little.
NEAR_POWER = 2.0
# The same of the frame rate.
FPS_POWER = 0.8
# About the quality that is best where a smaller picture is better than a worse one.
USUAL_QUALITY = 55.0
# All is tried at full size where it should take no more than so many times the limit, as a
# logarithm.
HOPELESS = 0.5
# What seems to look worse by so much, by an attempt far off the limit, needs no nearer one.
WORSE = 10.0
MOST_ATTEMPTS = 3


class Trying(Protocol):
    """What tries a shape at a quality that should fit; see `Trial`."""

    def of(self, shape: Shape, guess: float) -> Tried:
        """Try a shape."""


class SizeSearch:
    """Climbs over sizes, then over frame rates.

    Parameters
    ----------
    trial : Trial
    sizes : sequence of (int, int)
        Widths and heights, from the largest on.
    top : float
        The quality that is asked for.
    step : callable
        Told how many shapes were tried.

    Attributes
    ----------
    tried : list of Tried
        In order.
    whole : Tried or None
        Among them: the largest size with all frames.
    """

    def __init__(
        self,
        trial: Trying,
        sizes: Sequence[tuple[int, int]],
        top: float,
        step: Callable[[int], object],
    ) -> None:
        self.trial = trial
        self.sizes = sizes
        self.top = top
        self.tried: list[Tried] = []
        self.whole: Tried | None = None
        self._step = step

    def all_fits(self) -> bool:
        """Tell whether all that is asked for fits at the largest size, with all frames."""
        place = self._nearest(self.sizes[0][0] / 2)
        if place:
            half = self._try(place, None, USUAL_QUALITY)
            lack = WIDTH_POWER * log(self.sizes[0][0] / half.shape.width)
            if lack + usual_growth(half.quality, self.top) - half.room > HOPELESS:
                return False
        self.whole = self._try(0, None, self.top)
        return self.whole.full

    def climb(self) -> Tried:
        """Return the best size of all frames, once `all_fits` is known."""
        known = {self._place(one): one for one in self.tried if not one.far}
        near = self.tried[-1]
        lack = usual_growth(near.quality, max(USUAL_QUALITY, near.quality)) - near.room
        start = self._nearest(near.shape.width * exp(-lack / WIDTH_POWER))
        return self._climb(start, None, near, known)

    def slower(self, fps: Fraction) -> Tried:
        """Return the best size at a lower frame rate, from that of the best so far on."""
        best = self.best
        return self._climb(self._place(best), fps, best, {})

    @property
    def best(self) -> Tried:
        """What looks best so far; of equals, the larger."""
        return max(self.tried, key=lambda one: (not one.far, one.seen, one.shape.width))

    def _climb(
        self, start: int, fps: Fraction | None, near: Tried, known: dict[int, Tried]
    ) -> Tried:
        """Go to better neighbours until there are none."""
        place = start
        if place not in known:
            known[place] = self._settled(place, fps, near)
        while True:
            here = known[place]
            for other in self._neighbours(place, here):
                if other not in known:
                    known[other] = self._settled(other, fps, here, here.seen - WORSE)
                if known[other].seen > here.seen:
                    place = other
                    break
            else:
                return here

    def _settled(self, place: int, fps: Fraction | None, near: Tried, least: float = -inf) -> Tried:
        """Try a size at the quality that should fit, by one that does.

        Where that is far off, it is tried again, unless it seems not to reach a least quality.
        """
        found = self._try(place, fps, self._guess(near, place, fps))
        for _ in range(MOST_ATTEMPTS - 1):
            if not found.far or found.seen < least:
                break
            found = self._try(place, fps, found.quality)
        return found

    def _neighbours(self, place: int, here: Tried) -> Iterator[int]:
        """Yield the next larger size and the next smaller one; no smaller one of what fits.

        The one comes first that is nearer to the usual quality.
        """
        larger = [place - 1] if place > 0 else []
        smaller = [place + 1] if place + 1 < len(self.sizes) and not here.full else []
        yield from smaller + larger if here.quality < USUAL_QUALITY else larger + smaller

    def _try(self, place: int, fps: Fraction | None, guess: float) -> Tried:
        width, height = self.sizes[place]
        found = self.trial.of(Shape(width, height, fps), guess)
        self.tried.append(found)
        self._step(len(self.tried))
        return found

    def _guess(self, near: Tried, place: int, fps: Fraction | None) -> float:
        """Return the quality that should fit at another size and rate, from one that does."""
        spare = near.room + WIDTH_POWER * log(near.shape.width / self.sizes[place][0])
        if fps is not None and near.shape.fps is None:
            spare += FPS_POWER * log(2.0)
        return usual_quality(near.quality, spare, self.top)

    def _nearest(self, width: float) -> int:
        """Return the place of the size whose width is nearest."""
        widths = np.array([size[0] for size in self.sizes])
        return int(np.abs(np.log(widths / width)).argmin())

    def _place(self, tried: Tried) -> int:
        return next(
            i
            for i, size in enumerate(self.sizes)
            if size == (tried.shape.width, tried.shape.height)
        )
