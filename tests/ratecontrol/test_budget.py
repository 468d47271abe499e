"""The search for a byte budget ends just below it, or says that nothing fits."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ssimgif.ratecontrol.budget import budget_target, fit_budget
from ssimgif.settings import Target


@dataclass
class Made:
    size: int
    ssim: float


def clip(scale: float, power: float, least: int = 0, most: int = 10**12):
    made: list[Made] = []

    def attempt(target: Target) -> Made:
        size = int(min(max(scale * (1 - target.mean) ** -power, least), most))
        made.append(Made(size, target.mean))
        return made[-1]

    return attempt, made


@pytest.mark.parametrize("power", [0.3, 0.7, 1.5])
@pytest.mark.parametrize("scale", [5_000, 60_000, 400_000])
def test_lands_within_the_slack(scale: float, power: float) -> None:
    attempt, made = clip(scale, power)
    budget = int(scale * (1 - 0.93) ** -power)
    best = fit_budget(attempt, budget, 0.03, 2.0)
    assert 0.97 * budget <= best.size <= budget
    assert len(made) <= 6


def test_everything_fits_a_large_budget() -> None:
    attempt, _ = clip(1_000, 0.5, most=40_000)
    assert fit_budget(attempt, 10**9, 0.03, 2.0).ssim > 0.999


def test_nothing_fits_gives_the_smallest() -> None:
    attempt, made = clip(1_000, 0.5, least=1_500)
    best = fit_budget(attempt, 500, 0.03, 2.0)
    assert best.size == 1_500
    assert best.size == min(one.size for one in made)


def test_the_colour_guard_gives_way_only_at_low_quality() -> None:
    assert budget_target(0.95, 2.0).delta_e == 2.0
    assert budget_target(0.70, 2.0).delta_e > 2.0
