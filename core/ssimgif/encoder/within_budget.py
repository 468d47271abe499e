"""Make the best GIF of a clip that fits a number of bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ssimgif.encoder.attempt import Attempt
from ssimgif.encoder.passes import ClipEncoder
from ssimgif.model import Clip
from ssimgif.ratecontrol import (
    LOWEST_QUALITY,
    PalettePlan,
    eased,
    fit_budget,
    near_budget,
    top_quality,
    usual_sizes,
)

# The least effort at which bytes grow evenly enough with quality to be searched by.
LEAST_LEVEL = 2
# Palettes are planned for the target, for ever so many points of quality below it, and for no less
# as long as looks are asked for; below that, colour tables are much of the file.
PLANS_APART, LEAST_PLANNED = 20.0, 35.0


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
        self._made: dict[float, Attempt] = {}

    def best(self) -> Attempt:
        """Return the attempt of the highest quality that fits, or the smallest."""
        whole = self.encoder.best()
        if whole.size <= self.max_bytes:
            return whole
        return fit_budget(self.at, usual_sizes(self.top), {self.top: whole}, self.max_bytes)

    def near(self, quality: float, sizes: Mapping[float, float]) -> Attempt:
        """Return about the same as `best`, from a quality that about fits.

        Parameters
        ----------
        quality : float
        sizes : mapping of float to float
            Bytes that are to be expected by quality.
        """

        def attempt(other: float) -> Attempt:
            return self.at(other, quality if abs(other - quality) < PLANS_APART else other)

        return near_budget(attempt, sizes, quality, self.max_bytes)

    def at(self, quality: float, planned: float | None = None) -> Attempt:
        """Return an attempt at a quality, which depends on nothing that was made before.

        What it comes out at below the top is no shortfall, since no more was to be had.

        Parameters
        ----------
        quality : float
        planned : float, optional
            The quality that its palettes are for, if not the same.
        """
        if quality not in self._made:
            job = self.job.at(eased(self.job.target, quality), self.level)
            made = self.encoder.coded(job, self._plans(quality if planned is None else planned))
            if quality < self.top:
                made = replace(made, shortfalls=[], quality=quality)
            self._made[quality] = made
        return self._made[quality]

    def resized(self, clip: Clip) -> BudgetEncoder:
        """Return one for another size of the clip, with the same palettes."""
        settings = replace(self.job.settings, width=clip.width, height=clip.height)
        job = replace(self.job, clip=clip, settings=settings)
        other = BudgetEncoder(ClipEncoder(job, self.encoder.files), self.max_bytes)
        other._planned = self._planned
        return other

    def _plans(self, quality: float) -> Sequence[PalettePlan]:
        """Return the palettes of the nearest quality for which they are planned."""
        lower = round((self.top - quality) / PLANS_APART)
        least = LEAST_PLANNED if quality >= 0 else LOWEST_QUALITY
        near = max(self.top - PLANS_APART * lower, min(least, self.top))
        if near not in self._planned:
            target = eased(self.job.target, near)
            self._planned[near] = self.encoder.plans(self.job.at(target))
        return self._planned[near]
