"""False contours of the last frames give smooth areas near them weight."""

import numpy as np
import pytest

from ssimgif.ratecontrol.masking import BANDED, DECAY, FULL_SHARE, MOST_WEIGHT, RADIUS, ContourGuard

NONE = np.zeros((60, 90), np.bool_)


def line(column):
    marks = NONE.copy()
    marks[10:50, column : column + 2] = True
    return marks


def share_around(marks, y, x):
    """Return the share of marked pixels in the square around one, slowly."""
    side = 2 * RADIUS + 1
    near = marks[max(y - RADIUS, 0) : y + RADIUS + 1, max(x - RADIUS, 0) : x + RADIUS + 1]
    return near.sum() / side**2


def test_without_contours_or_with_few_nothing_weighs_more():
    guard = ContourGuard()
    guard.note(NONE)
    assert guard.weight is None
    few = NONE.copy()
    few[20, : int(BANDED * few.size)] = True
    guard.note(few)
    assert guard.weight is None
    few[21, 0] = True
    guard.note(few)
    assert guard.weight.max() > 0


def test_weight_rises_with_the_share_of_contours_around():
    marks = line(40)
    marks[5:8, 80:84] = True
    guard = ContourGuard()
    guard.note(marks)
    assert guard.weight.shape == marks.shape
    for y, x in [(30, 40), (30, 28), (59, 45), (6, 82), (0, 89), (18, 80), (30, 0)]:
        expected = MOST_WEIGHT * min(share_around(marks, y, x) / FULL_SHARE, 1.0)
        assert guard.weight[y, x] == pytest.approx(expected, rel=1e-5)
    assert guard.weight[30, 0] == 0
    assert guard.weight[30, 40] == MOST_WEIGHT


def test_weight_fades_where_contours_are_gone_and_is_then_forgotten():
    guard = ContourGuard()
    guard.note(line(20))
    before = guard.weight
    guard.note(line(70))
    assert guard.weight[30, 20] == pytest.approx(DECAY * before[30, 20])
    assert guard.weight[30, 70] == MOST_WEIGHT
    assert before[30, 70] == 0, "another thread may still read the weight of before"
    for _ in range(30):
        guard.note(NONE)
    assert guard.weight is None
