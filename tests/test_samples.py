"""Which frames stand for a scene."""

from __future__ import annotations

import numpy as np

from ssimgif.model import Scene
from ssimgif.samples import spread_frames, typical_run


def histograms(*colors: int) -> np.ndarray:
    return np.eye(8, dtype=np.float32)[list(colors)]


def test_a_colour_that_only_one_frame_has_is_among_the_samples() -> None:
    found = spread_frames(Scene(0, 9), 3, histograms(0, 0, 0, 0, 0, 5, 0, 0, 1))
    assert found == [0, 5, 8]


def test_no_frame_is_taken_twice_and_none_is_of_another_scene() -> None:
    alike = histograms(*[2] * 12)
    assert len(set(spread_frames(Scene(3, 9), 4, alike))) == 4
    assert all(3 <= index < 9 for index in spread_frames(Scene(3, 9), 4, alike))
    assert spread_frames(Scene(3, 5), 4, alike) == [3, 4]


def test_the_second_run_makes_up_for_a_quiet_first_one() -> None:
    changes = np.zeros(30, np.float32)
    changes[20:24] = 1.0
    # One change in 29 frames on the average: a run of 4 should have about one.
    start = typical_run(Scene(0, 30), 4, changes)
    assert changes[start : start + 4].sum() == 1
    steady = np.full(30, 0.5, np.float32)
    assert abs(typical_run(Scene(0, 30), 4, steady) - 15) <= 1
