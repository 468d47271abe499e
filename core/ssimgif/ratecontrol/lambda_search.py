"""Find the least lambda, and so the fewest bytes, at which a frame meets its requirement.

Quality rises with lambda, the price of distortion in bits. Each margin (of SSIM, of looks, of
colour) is nearly a straight line over log lambda, so a secant lands within a few trials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

import numpy as np

from ssimgif.model import F64

Payload = TypeVar("Payload")

DEFAULT_SLOPE = 0.5
FARTHEST_STEP = 2.5
NARROWEST = 1e-3
# A step that leaves more than this share of what lacked was far too short.
STAGNANT = 0.7
MORE_UNTIL_VALID = 3
# How near its remembered margin a first trial must come to be as good as the search was then.
SETTLED = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Trial(Generic[Payload]):
    """What one lambda gave.

    Attributes
    ----------
    x : float
        Natural logarithm of lambda.
    margins : f64[k]
        How far each requirement is exceeded; the trial is valid when none is negative.
    size : int
        Bytes.
    payload : object
        The coded frame.
    """

    x: float
    margins: F64
    size: int
    payload: Payload

    @property
    def valid(self) -> bool:
        """Whether every requirement is met."""
        return bool((self.margins >= 0).all())


@dataclass(slots=True)
class Experience:
    """What earlier searches taught: where lambda was, and how steep the margins are."""

    x: float
    slopes: F64

    def copy(self) -> Experience:
        """Return one that learns by itself."""
        return Experience(self.x, self.slopes.copy())

    def learn(self, low: Trial[Payload], high: Trial[Payload]) -> None:
        """Take the slopes between two trials into the running mean."""
        if high.x - low.x < NARROWEST:
            return
        seen = (high.margins - low.margins) / (high.x - low.x)
        self.slopes = 0.7 * self.slopes + 0.3 * np.clip(seen, 0.1, 3.0)


def search(
    evaluate: Callable[[float], Trial[Payload]],
    experience: Experience,
    *,
    most: int,
    tolerance: float,
    limits: tuple[float, float],
    settled: float | None = None,
) -> list[Trial[Payload]]:
    """Try lambdas until the least valid one is known to within a tolerance.

    Parameters
    ----------
    evaluate : callable
        Codes and scores the frame at a natural log of lambda.
    experience : Experience
        Where to begin; updated.
    most : int
        Greatest number of trials; a few more where none of them is valid.
    tolerance : float
        Accepted distance, in log lambda, between the valid trial and the estimated root.
    limits : (float, float)
        Range of log lambda.
    settled : float or None
        Least margin where an earlier search of the same frame ended, at the point where this one
        begins: a first trial that comes out as it did then is the last.

    Returns
    -------
    list of Trial
        All trials, in order of lambda.
    """
    trials: list[Trial[Payload]] = []
    point = experience.x
    for count in range(1, most + MORE_UNTIL_VALID + 1):
        trials.append(evaluate(point))
        if settled is not None and count == 1 and _settles(trials[0], settled):
            break
        trials.sort(key=lambda trial: trial.x)
        root = estimate_root(trials, experience.slopes)
        best = least_valid(trials)
        if best is not None and (count >= most or best.x - root <= tolerance):
            break
        point = min(max(root + tolerance / 2, limits[0]), limits[1])
        if any(abs(point - trial.x) < NARROWEST for trial in trials):
            break
    for one, other in pairwise(trials):
        experience.learn(one, other)
    found = least_valid(trials)
    experience.x = trials[-1].x
    if found is not None:
        root = estimate_root(trials, experience.slopes)
        experience.x = max(min(found.x, root + tolerance / 2), limits[0])
    return trials


def _settles(trial: Trial[Payload], settled: float) -> bool:
    return trial.valid == (settled >= 0) and abs(float(trial.margins.min()) - settled) <= SETTLED


def least_valid(trials: list[Trial[Payload]]) -> Trial[Payload] | None:
    """Return the valid trial with the fewest bytes, or None."""
    return min((trial for trial in trials if trial.valid), key=lambda t: t.size, default=None)


def estimate_root(trials: list[Trial[Payload]], slopes: F64) -> float:
    """Estimate the least log lambda at which no margin is negative.

    Between an invalid trial and the next valid one the margins are taken as straight lines; beyond
    the trials they go on with the slopes given.
    """
    valid = [trial for trial in trials if trial.valid]
    if not valid:
        last = trials[-1]
        lack = np.minimum(last.margins, 0.0)
        step = float((-lack / slopes).max()) + 0.05
        if len(trials) > 1 and last.margins.min() < STAGNANT * trials[-2].margins.min():
            step = max(step, 2 * (last.x - trials[-2].x))
        return last.x + min(step, FARTHEST_STEP)
    high = min(valid, key=lambda trial: trial.x)
    below = [trial for trial in trials if trial.x < high.x]
    if not below:
        return high.x - min(float((high.margins / slopes).min()), FARTHEST_STEP)
    low = below[-1]
    share = 0.0
    for at_low, at_high in zip(low.margins, high.margins, strict=True):
        if at_low < 0:
            share = max(share, float(-at_low / max(at_high - at_low, 1e-9)))
    return low.x + share * (high.x - low.x)
