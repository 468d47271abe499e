"""Find the best quality whose GIF fits a number of bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log
from typing import Protocol, TypeVar

import numpy as np

from ssimgif.model import F64
from ssimgif.ratecontrol.quality_scale import LOWEST_QUALITY, usual_growth

# Points of quality between two targets that are told apart.
STEP = 0.5
# A GIF that fits and has this share of the budget is good enough.
USED = 0.955
# The share of a limit of bytes that a GIF is to have: what is aimed at.
AIMED_SHARE = 0.975
# How many attempts to hit it are made where the quality that fits is about known.
MOST_GUESSES = 3
# Two sizes that differ by no more than this, as a logarithm, tell nothing of how they go on.
LEVEL = 0.005
# What is expected to take so many times the budget, or to fit it so many times, is not tried, after
# no, one, two and more attempts.
FORESEEN = (1.4, 1.15, 1.1, 1.06)


class Sized(Protocol):
    """Anything that takes a number of bytes."""

    @property
    def size(self) -> int:
        """Bytes."""


Attempt = TypeVar("Attempt", bound=Sized)


def usual_sizes(top: float) -> dict[float, float]:
    """Return how bytes usually grow with quality, up to ``top``, where they are 1."""
    qualities = np.linspace(LOWEST_QUALITY, top, 32).tolist()
    return {quality: float(np.exp(-usual_growth(quality, top))) for quality in qualities}


def fit_budget(
    attempt: Callable[[float], Attempt],
    sizes: Mapping[float, float],
    made: Mapping[float, Attempt],
    max_bytes: int,
) -> Attempt:
    """Return the attempt of the highest quality that fits, or the smallest where none does.

    The range of qualities is halved until what fits is known to a step. Of two budgets, the larger
    one then never ends at a lower quality, however unevenly bytes grow: both go the same way until
    something fits the larger one alone, and stay on two sides of it. Where it is foreseeable
    whether something fits, it is not made.

    Parameters
    ----------
    attempt : callable
        Makes the GIF for a quality; what it makes must depend on the quality alone.
    sizes : mapping of float to float
        Bytes that are to be expected by quality, up to a factor.
    made : mapping of float to Attempt
        What was made and does not fit: that of the highest quality that may be tried, or nothing.
    max_bytes : int
    """
    found = dict(made)
    while (step := _next_step(sizes, found, max_bytes)) is not None:
        found[_quality(step)] = one = attempt(_quality(step))
        if USED * max_bytes <= one.size <= max_bytes:
            break
    fitting = [quality for quality, one in found.items() if one.size <= max_bytes]
    best = max(fitting) if fitting else min(found, key=lambda quality: found[quality].size)
    return found[best]


def near_budget(
    attempt: Callable[[float], Attempt],
    sizes: Mapping[float, float],
    quality: float,
    max_bytes: int,
) -> Attempt:
    """Return as `fit_budget` does, with fewer attempts, from a quality that about fits.

    Parameters
    ----------
    attempt, sizes, max_bytes
        As there.
    quality : float
        The first that is tried, a full `STEP` or the highest.
    """
    found: dict[float, Attempt] = {}
    top = max(sizes)
    while quality not in found and len(found) < MOST_GUESSES:
        found[quality] = one = attempt(quality)
        least = 0.0 if quality >= top else USED
        if least * max_bytes <= one.size <= max_bytes:
            return one
        quality = top if _level(found) else _fitting(sizes, found, AIMED_SHARE * max_bytes)
    return fit_budget(attempt, sizes, found, max_bytes)


def full_step(quality: float, top: float) -> float:
    """Return the first quality of a full step that is not below one, at most ``top``."""
    return min(_quality(_step(quality)), top)


def _level(found: Mapping[float, Sized]) -> bool:
    """Tell whether the two highest qualities take about the same bytes."""
    sizes = [found[quality].size for quality in sorted(found)[-2:]]
    return len(sizes) > 1 and abs(log(sizes[1] / sizes[0])) < LEVEL


def _fitting(sizes: Mapping[float, float], found: Mapping[float, Sized], aim: float) -> float:
    """Return the highest quality of which no more bytes are to be expected."""
    expected, top = _expected(sizes, found), max(sizes)
    steps = [full_step(_quality(step), top) for step in range(_step(top) + 1)]
    return next((quality for quality in reversed(steps) if expected(quality) <= aim), steps[0])


def _next_step(
    sizes: Mapping[float, float], found: Mapping[float, Sized], max_bytes: int
) -> int | None:
    """Halve the range from its beginning, as far as is known or foreseeable; None at the end."""
    known = {_step(quality): one.size <= max_bytes for quality, one in found.items()}
    expected = _expected(sizes, found)
    margin = FORESEEN[min(len(found), len(FORESEEN) - 1)]
    low, high = -1, _step(max((*found, max(sizes))))
    while high - low > 1:
        middle = (low + high) // 2
        excess = expected(_quality(middle)) / max_bytes
        if middle not in known and 1 / margin < excess < margin:
            return middle
        if known.get(middle, excess < 1):
            low = middle
        else:
            high = middle
    return next((step for step in (low, high) if step >= 0 and step not in known), None)


def _expected(
    sizes: Mapping[float, float], found: Mapping[float, Sized]
) -> Callable[[float], float]:
    """Return the bytes by quality, along a curve that is bent through what was found."""
    qualities = np.array(sorted(sizes))
    curve = _rising([np.log(sizes[quality]) for quality in qualities])
    known = np.array(sorted(found))
    if known.size:
        logs = np.array([np.log(found[quality].size) for quality in known])
        bend = logs - np.interp(known, qualities, curve)
        qualities, curve = _merged(qualities, curve, known)
        curve = curve + np.interp(qualities, known, bend)
    return lambda quality: float(np.exp(np.interp(quality, qualities, curve)))


def _merged(qualities: F64, curve: F64, more: F64) -> tuple[F64, F64]:
    """Return a curve with more points on its lines."""
    merged = np.union1d(qualities, more)
    return merged, np.interp(merged, qualities, curve)


def _rising(logs: list[float]) -> F64:
    """Return logarithms of sizes that never fall."""
    return np.asarray(np.maximum.accumulate(logs))


def _step(quality: float) -> int:
    """Return the number of the first step that is not below a quality."""
    return max(0, int(np.ceil((quality - LOWEST_QUALITY) / STEP - 1e-6)))


def _quality(step: int) -> float:
    return LOWEST_QUALITY + STEP * step
