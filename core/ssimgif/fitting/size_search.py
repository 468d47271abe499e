"""Climb to the size and the frame rate that look best: one with worse ones on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Protocol

import numpy as np

from ssimgif.fitting.candidate import Shape, Tried
from ssimgif.ratecontrol import usual_growth, usual_quality

# Bytes go with the width to this power, at the same quality.
WIDTH_POWER = 1.6
# The same of the frame rate.
FPS_POWER = 0.8
# The quality of the first size that is tried, before it is known how it looks when scaled up.
FIRST_QUALITY = 45.0


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
        self._step = step

    def whole(self) -> Tried:
        """Try the largest size with all of its frames, and all that is asked for."""
        return self._try(0, None, self.top)

    def climb(self) -> Tried:
        """Return the best size of all frames; the largest was tried."""
        whole = self.tried[0]
        lack = usual_growth(whole.quality, max(FIRST_QUALITY, whole.quality))
        scale = float(np.exp(-lack / WIDTH_POWER))
        widths = np.array([width for width, _ in self.sizes])
        start = int(np.abs(np.log(widths / (scale * widths[0]))).argmin())
        return self._climb(start, None, whole, {0: whole})

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
        known = dict(known)
        place = start
        if place not in known:
            known[place] = self._try(place, fps, self._guess(near, place, fps))
        while True:
            here = known[place]
            for other in self._neighbours(place, here):
                if other not in known:
                    known[other] = self._try(other, fps, self._guess(here, other, fps))
                if known[other].far and known[other].seen > here.seen:
                    known[other] = self._try(other, fps, known[other].quality)
                if known[other].seen > here.seen:
                    place = other
                    break
            else:
                return here

    def _neighbours(self, place: int, here: Tried) -> Iterator[int]:
        """Yield the next larger size, then the next smaller one; no smaller one of what fits."""
        if place > 0:
            yield place - 1
        if place + 1 < len(self.sizes) and not here.full:
            yield place + 1

    def _try(self, place: int, fps: Fraction | None, guess: float) -> Tried:
        width, height = self.sizes[place]
        found = self.trial.of(Shape(width, height, fps), guess)
        self.tried.append(found)
        self._step(len(self.tried))
        return found

    def _guess(self, near: Tried, place: int, fps: Fraction | None) -> float:
        """Return the quality that should fit at another size and rate, from one that does."""
        spare = WIDTH_POWER * float(np.log(near.shape.width / self.sizes[place][0]))
        if fps is not None and near.shape.fps is None:
            spare += FPS_POWER * float(np.log(2.0))
        return usual_quality(near.quality, spare, self.top)

    def _place(self, tried: Tried) -> int:
        return next(
            i
            for i, size in enumerate(self.sizes)
            if size == (tried.shape.width, tried.shape.height)
        )
