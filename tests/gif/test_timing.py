from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssimgif.gif.timing import MAX_DELAY, MIN_DELAY, Slot, plan, shown_at_middle, split

HALF = Fraction(1, 2)
DURATIONS = st.lists(
    st.fractions(Fraction(1, 1000), 3, max_denominator=90_000), min_size=1, max_size=60
)


def starts(delays):
    return [0, *accumulate(delays)][:-1]


@given(DURATIONS)
def test_drift_floor_and_order(durations):
    slots = plan(durations)
    total = sum(durations) * 100
    assert abs(sum(s.delay for s in slots) - max(total, MIN_DELAY)) <= HALF
    assert all(MIN_DELAY <= s.delay <= MAX_DELAY for s in slots)
    sources = [s.source for s in slots]
    assert sources == sorted(set(sources))
    assert sources[0] >= 0 and sources[-1] < len(durations)


@given(st.lists(st.fractions(Fraction(2, 100), 2, max_denominator=90_000), min_size=1, max_size=80))
def test_frames_of_2_centiseconds_or_more_all_start_within_half_a_centisecond(durations):
    slots = plan(durations)
    assert [s.source for s in slots] == list(range(len(durations)))
    exact = starts(100 * d for d in durations)
    assert all(
        abs(a - b) <= HALF for a, b in zip(starts(s.delay for s in slots), exact, strict=True)
    )


@given(DURATIONS)
def test_each_slot_shows_the_middle_one_of_the_frames_judged_by_it(durations):
    slots = plan(durations)
    shown = shown_at_middle(slots, durations)
    assert len(shown) == len(durations)
    assert shown == sorted(shown)
    for number, slot in enumerate(slots):
        judged = [i for i, s in enumerate(shown) if s == number]
        assert judged[(len(judged) - 1) // 2] == slot.source


@pytest.mark.parametrize(("fps", "least"), [(50, 1.0), (60, 0.83), (100, 0.5), (144, 0.33)])
def test_fast_clips_keep_as_many_frames_as_browsers_can_show(fps, least):
    durations = [Fraction(1, fps)] * 288
    slots = plan(durations)
    assert len(slots) >= int(least * len(durations))
    right = [slots[s].source == i for i, s in enumerate(shown_at_middle(slots, durations))]
    assert sum(right) == len(slots)
    assert abs(sum(s.delay for s in slots) - 28_800 / fps) <= 0.5


def test_fifteen_frames_a_second_do_not_drift():
    delays = [s.delay for s in plan([Fraction(1, 15)] * 30)]
    assert delays == [7, 6, 7] * 10
    assert sum(delays) == 200


def test_one_frame():
    assert plan([Fraction(1, 3)]) == [Slot(0, 33)]
    assert plan([Fraction(1, 1000)]) == [Slot(0, 2)]


def test_a_last_frame_too_short_for_a_slot_is_moved_or_left_out():
    assert plan([Fraction(5, 100), Fraction(1, 100)]) == [Slot(0, 4), Slot(1, 2)]
    assert plan([Fraction(5, 100), Fraction(1, 1000)]) == [Slot(0, 5)]


def test_long_delays_are_split():
    slots = plan([Fraction(2000), Fraction(1, 10)])
    assert [s.source for s in slots] == [0, 0, 0, 0, 1]
    assert sum(s.delay for s in slots[:4]) == 200_000
    assert shown_at_middle(slots, [Fraction(2000), Fraction(1, 10)]) == [2, 4]
    assert split(65_536) == [32_768, 32_768]
    assert split(65_535) == [65_535]


def test_no_frames_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        plan([])
