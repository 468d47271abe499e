"""Make the best GIF of a clip that fits a number of bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ssimgif.encoder.attempt import Attempt
from ssimgif.encoder.passes import ClipEncoder
from ssimgif.ratecontrol import (
    LOWEST_QUALITY,
    PalettePlan,
    eased,
    fit_budget,
    top_quality,
    usual_sizes,
)

# The least effort at which bytes grow evenly enough with quality to be searched by.
LEAST_LEVEL = 2
# Palettes are planned for the target, for ever so many points of quality below it, and for no less
# as long as looks are asked for; below that, colour tables are much of the file.
PLANS_APART, LEAST_PLANNED = 20.0, 35.0
# What is expected to take this many times the budget is not tried.
HOPELESS = 1.4


class BudgetEncoder:
    """Makes attempts at ever other qualities, none of them better than the job's target.

    Parameters
    ----------
    encoder : ClipEncoder
    max_bytes : int
    """

    def __init__(self, encoder: ClipEncoder, max_bytes: int) -> None:
        self.encoder = encoder
        self.job = encoder.job
        self.max_bytes = max_bytes
        self.level = max(self.job.level, LEAST_LEVEL)
        self.top = top_quality(self.job.target)
        self._planned: dict[float, Sequence[PalettePlan]] = {}

    def best(self, sizes: Mapping[float, float] | None = None) -> Attempt:
        """Return the attempt of the highest quality that fits, or the smallest.

        Parameters
        ----------
        sizes : mapping of float to float, optional
            Bytes that are to be expected by quality, where that is known.
        """
        made = {}
        if sizes is None or sizes[max(sizes)] <= HOPELESS * self.max_bytes:
            whole = self.encoder.best()
            if whole.size <= self.max_bytes:
                return whole
            made[self.top] = whole
        return fit_budget(self.at, sizes or usual_sizes(self.top), made, self.max_bytes)

    def at(self, quality: float) -> Attempt:
        """Return an attempt at a quality, which depends on nothing that was made before.

        What it comes out at is no shortfall, since no more was to be had.
        """
        job = self.job.at(eased(self.job.target, quality), self.level)
        made = self.encoder.coded(job, self._plans(quality))
        return replace(made, shortfalls=[], quality=quality if quality < self.top else None)

    def _plans(self, quality: float) -> Sequence[PalettePlan]:
        """Return the palettes of the nearest quality for which they are planned."""
        lower = round((self.top - quality) / PLANS_APART)
        least = LEAST_PLANNED if quality >= 0 else LOWEST_QUALITY
        near = max(self.top - PLANS_APART * lower, min(least, self.top))
        if near not in self._planned:
            target = eased(self.job.target, near)
            self._planned[near] = self.encoder.plans(self.job.at(target))
        return self._planned[near]
