"""The search for a byte budget ends just below it, or says that nothing fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sin

import numpy as np
import pytest

from ssimgif.ratecontrol.budget import fit_budget, near_budget, usual_sizes

TOP = 60.0


@dataclass
class Made:
    size: int
    quality: float


def clip(size: Callable[[float], float]) -> tuple[Callable[[float], Made], list[Made]]:
    made: list[Made] = []

    def attempt(quality: float) -> Made:
        made.append(Made(int(size(quality)), quality))
        return made[-1]

    return attempt, made


def fitted(size: Callable[[float], float], budget: int) -> tuple[Made, int]:
    """Return what fits, when all of the target does not, and how many attempts it took."""
    attempt, made = clip(size)
    best = fit_budget(attempt, usual_sizes(TOP), {TOP: attempt(TOP)}, budget)
    return best, len(made)


def power(scale: float, steepness: float) -> Callable[[float], float]:
    return lambda quality: scale * 2 ** ((quality - TOP) * steepness / 10)


def stepped(quality: float) -> float:
    """Bytes of a clip that gets a palette a frame from quality 40 on."""
    return power(100_000, 0.6)(quality) * (2.6 if quality >= 40 else 1.0)


def uneven(quality: float) -> float:
    """Bytes that grow by fits and starts, as those of flat clips do."""
    return power(100_000, 0.5)(quality) * (1 + 0.08 * sin(quality / 3))


@pytest.mark.parametrize("steepness", [0.3, 0.7, 1.5])
@pytest.mark.parametrize("share", [0.9, 0.5, 0.2])
def test_nearly_all_of_the_budget_is_used(steepness: float, share: float) -> None:
    size = power(100_000, steepness)
    budget = max(int(share * 100_000), int(1.2 * size(-70)))
    best, attempts = fitted(size, budget)
    assert 0.95 * budget <= best.size <= budget
    assert attempts <= 6


def test_a_guess_that_is_good_saves_attempts() -> None:
    size = power(80_000, 0.8)
    attempt, made = clip(lambda quality: 0.8 * size(quality))
    sizes = {quality: size(quality) for quality in (-80.0, 0.0, 20.0, 40.0, 60.0)}
    best = fit_budget(attempt, sizes, {}, 30_000)
    assert 0.95 * 30_000 <= best.size <= 30_000
    assert len(made) <= 5


@pytest.mark.parametrize("size", [stepped, uneven, power(100_000, 0.4)])
def test_a_larger_budget_never_gives_less_quality(size: Callable[[float], float]) -> None:
    budgets = np.geomspace(1_000, 0.99 * size(TOP), 40).astype(int)
    qualities = [fitted(size, budget)[0].quality for budget in budgets]
    assert qualities == sorted(qualities)
    assert len(set(qualities)) > 10


def test_what_lies_on_the_near_side_of_a_step_is_found() -> None:
    best, _ = fitted(stepped, 50_000)
    assert best.size <= 50_000
    assert best.quality >= 37


def test_nothing_fits_gives_the_smallest() -> None:
    attempt, made = clip(lambda quality: max(1_500.0, power(100_000, 1)(quality)))
    best = fit_budget(attempt, usual_sizes(TOP), {TOP: attempt(TOP)}, 500)
    assert best.size == 1_500
    assert best.size == min(one.size for one in made)
    assert len(made) <= 3


@pytest.mark.parametrize("steepness", [0.3, 0.8, 1.5])
@pytest.mark.parametrize("off", [0.8, 1.0, 1.25])
def test_from_a_quality_that_about_fits_two_or_three_attempts_do(
    steepness: float, off: float
) -> None:
    size, budget = power(100_000, steepness), 50_000
    attempt, made = clip(size)
    sizes = {quality: off * usual for quality, usual in usual_sizes(TOP).items()}
    first = min(sizes, key=lambda quality: abs(off * size(quality) / budget - 1))
    best = near_budget(attempt, sizes, first, budget)
    assert 0.95 * budget <= best.size <= budget
    assert len(made) <= 3


def test_all_that_is_asked_for_needs_no_more_bytes() -> None:
    attempt, made = clip(power(40_000, 0.5))
    assert near_budget(attempt, usual_sizes(TOP), TOP, 50_000).quality == TOP
    assert len(made) == 1


def test_where_bytes_stand_still_the_highest_quality_is_tried() -> None:
    attempt, made = clip(lambda quality: 40_000 if quality < 58 else 44_000)
    assert near_budget(attempt, usual_sizes(TOP), 50.0, 50_000).quality == TOP
    assert len(made) == 3
