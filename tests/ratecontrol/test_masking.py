"""Faults of the last frames and trials give errors there weight."""

import numpy as np
import pytest

from ssimgif.ratecontrol.masking import (
    BANDED,
    DECAY,
    FULL_SHARE,
    MISSED_RAISE,
    MOST_MISSED_RAISE,
    MOST_PLACE,
    MOST_RAISE,
    MOST_WEIGHT,
    PLACE_DECAY,
    RADIUS,
    ContourGuard,
    PlaceGuard,
)

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


def test_errors_weigh_more_where_places_are_worse_than_the_limit():
    errors = np.ones((60, 90), np.float32)
    errors[20:41, 30:51] = 3.0
    guard = PlaceGuard()
    guard.note_worst(errors, 2.0)
    assert guard.weight.shape == errors.shape
    assert guard.weight[30, 40] == pytest.approx(9 / 4), "the square of 3 over 2"
    assert guard.weight[5, 80] == 1
    errors[30, 40] = 100
    guard.note_worst(errors, 2.0)
    assert guard.weight.max() == MOST_PLACE
    assert guard.weight[30, 52] <= 9 / 4 * MOST_RAISE


def test_missed_changes_weigh_more_and_others_as_before():
    guard = PlaceGuard()
    guard.note_missed(np.array([0, 91]), (60, 90))
    before = guard.weight
    assert before[0, 0] == before[1, 1] == MISSED_RAISE
    assert before.sum() == 60 * 90 + 2 * (MISSED_RAISE - 1)
    for _ in range(4):
        guard.note_missed(np.array([91]), (60, 90))
    assert guard.weight[1, 1] == MOST_MISSED_RAISE
    assert guard.weight[0, 0] == MISSED_RAISE
    assert before[1, 1] == MISSED_RAISE, "another thread may still read the weight of before"


def test_bad_places_fade_from_frame_to_frame_and_missed_changes_are_those_of_one():
    guard = PlaceGuard()
    guard.fade()
    assert guard.weight is None
    guard.note_worst(np.full((60, 90), 3.0, np.float32), 1.5)
    guard.note_missed(np.array([7]), (60, 90))
    assert guard.weight[30, 40] == 4
    assert guard.weight[0, 7] == guard.worst[0, 7] * MISSED_RAISE
    guard.fade()
    assert guard.weight[30, 40] == pytest.approx(4**PLACE_DECAY)
    assert guard.missed is None
    for _ in range(8):
        guard.fade()
    assert guard.weight is None
