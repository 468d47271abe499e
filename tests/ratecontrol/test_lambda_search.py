"""The search for lambda lands just above every requirement, from any start."""

from __future__ import annotations

import numpy as np
import pytest

from ssimgif.ratecontrol.lambda_search import Experience, Trial, estimate_root, least_valid, search

LIMITS = (-6.0, 14.0)


def frame(root: float, slopes: tuple[float, ...] = (0.4, 1.2), bend: float = 0.02):
    """A made-up frame that is valid from ``root`` on; the second margin is never the limit."""

    def evaluate(x: float) -> Trial[None]:
        distance = x - root
        margins = np.array([slopes[0] * distance - bend * distance**2, slopes[1] * distance + 0.5])
        return Trial(x, margins, int(1000 * np.exp(0.3 * x)), None)

    return evaluate


@pytest.mark.parametrize("start", [-5.0, 0.0, 3.9, 4.1, 9.0])
def test_lands_within_the_tolerance_above_the_root(start: float) -> None:
    experience = Experience(start, np.full(2, 0.5))
    trials = search(frame(4.0), experience, most=12, tolerance=0.05, limits=LIMITS)
    best = least_valid(trials)
    assert best is not None
    assert 4.0 <= best.x <= 4.1
    assert 4.0 <= experience.x <= best.x


def test_a_good_start_needs_few_trials() -> None:
    experience = Experience(4.05, np.full(2, 0.4))
    trials = search(frame(4.0), experience, most=8, tolerance=0.06, limits=LIMITS)
    assert len(trials) <= 2


def test_what_no_lambda_reaches_ends_at_the_limit() -> None:
    trials = search(
        frame(99.0), Experience(4.0, np.full(2, 0.5)), most=20, tolerance=0.05, limits=LIMITS
    )
    assert least_valid(trials) is None
    assert trials[-1].x == LIMITS[1]


def test_the_root_between_two_trials_is_that_of_the_worst_margin() -> None:
    low = Trial(0.0, np.array([-1.0, -3.0]), 10, None)
    high = Trial(4.0, np.array([1.0, 1.0]), 20, None)
    assert estimate_root([low, high], np.full(2, 0.5)) == pytest.approx(3.0)


def test_the_smallest_valid_trial_wins_even_where_bytes_do_not_rise() -> None:
    trials = [
        Trial(1.0, np.array([-0.1]), 5, "invalid"),
        Trial(2.0, np.array([0.1]), 30, "large"),
        Trial(3.0, np.array([0.2]), 20, "small"),
    ]
    best = least_valid(trials)
    assert best is not None
    assert best.payload == "small"


def test_a_step_that_changed_nothing_is_followed_by_a_longer_one() -> None:
    def cliff(x: float) -> Trial[None]:
        margin = 0.1 if x >= 3.0 else -0.01
        return Trial(x, np.array([margin]), 100, None)

    experience = Experience(2.0, np.full(1, 3.0))
    trials = search(cliff, experience, most=4, tolerance=0.06, limits=LIMITS)
    assert least_valid(trials) is not None
