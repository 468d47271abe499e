"""What is asked of a frame, given what the frames before it came to."""

from dataclasses import replace

import numpy as np
import pytest

from ssimgif.metrics.ciede2000 import BINS, BINS_PER_UNIT
from ssimgif.metrics.missed import Missed
from ssimgif.metrics.score import FrameScore
from ssimgif.ratecontrol.reservoir import Reservoir
from ssimgif.ratecontrol.state import RateControlState
from ssimgif.target import Target

TARGET = Target(0.95, 0.90, 60.0)
NO_COLOR = np.zeros(1, np.int64)


def test_looks_are_asked_a_little_above_their_target():
    assert 60.0 < Reservoir(TARGET, 10).requirement().looks < 61.0


def test_looks_that_are_off_are_not_asked():
    assert Reservoir(replace(TARGET, looks=0.0), 10).requirement().looks == 0.0


def test_frames_pay_for_one_another_down_to_the_tenth_percentile():
    reservoir = Reservoir(TARGET, 20)
    reservoir.enter(FrameScore(0.97, NO_COLOR, 70.0))
    eased = reservoir.requirement()
    assert 0.90 <= eased.ssim < 0.95
    assert 52.0 <= eased.looks < 60.0
    for _ in range(9):
        reservoir.enter(FrameScore(0.999, NO_COLOR, 90.0))
    assert reservoir.requirement().ssim == pytest.approx(0.90)
    assert reservoir.requirement().looks == pytest.approx(52.0)


def test_what_lasts_must_exceed_its_share():
    reservoir = Reservoir(replace(TARGET, local=2.0), 20)
    usual, lasting = reservoir.requirement(), reservoir.requirement(lasting=1.0)
    assert lasting.ssim > usual.ssim
    assert lasting.looks > usual.looks
    assert 0 < lasting.local < usual.local
    assert lasting.delta_e == usual.delta_e
    off = Reservoir(Target(0.0, 0.0, 0.0), 20).requirement(lasting=1.0)
    assert off.ssim == off.looks == 0.0


def color(difference: float) -> FrameScore:
    counts = np.zeros(BINS, np.int64)
    counts[int(difference * BINS_PER_UNIT)] = 1000
    return FrameScore(0.95, counts, 60.5)


def test_colour_that_some_frames_save_others_may_spend():
    reservoir = Reservoir(TARGET, 40)
    fresh = reservoir.requirement().delta_e
    for _ in range(4):
        reservoir.enter(color(1.0))
    saved = reservoir.requirement().delta_e
    for _ in range(8):
        reservoir.enter(color(2.6))
    assert fresh < saved
    assert reservoir.requirement().delta_e < fresh
    assert reservoir.requirement().delta_e > 0


def test_the_last_frames_have_no_slack_in_colour():
    assert Reservoir(TARGET, 30).color_slack > 0
    assert Reservoir(TARGET, 5).color_slack == 0
    assert Reservoir(TARGET, 5).requirement().delta_e < TARGET.delta_e


def test_chroma_gets_more_weight_where_colour_lacks_and_less_where_it_is_plenty():
    lacking, plenty = RateControlState(), RateControlState()
    lacking.balance(np.array([0.0, 0.5, -0.2, 0.3, 0.5, 0.5]), 0.0)
    plenty.balance(np.array([0.0, 0.5, 0.4, 0.6, 0.5, 0.5]), 0.0)
    assert lacking.chroma > RateControlState().chroma > plenty.chroma


def test_chroma_returns_to_its_usual_weight_where_the_worst_places_bind():
    usual, raised, lowered = (RateControlState(chroma=c) for c in (0.0012, 0.02, 0.0002))
    for state in (usual, raised, lowered):
        state.balance(np.array([9.0, 0.9, 0.7, 0.9, 0.0, 0.5]), 0.0)
    assert usual.chroma == 0.0012
    assert raised.chroma < 0.02
    assert lowered.chroma > 0.0002


def skipped(state: RateControlState, size: int) -> int:
    """Return how many frames of so many bytes do without a lossless coding."""
    count = 0
    while state.skips_exact(size):
        count += 1
    return count


def test_a_lossless_coding_rests_for_longer_each_time_it_is_far_too_large():
    state = RateControlState()
    assert skipped(state, 100) == 0
    state.note_exact(150.0)
    assert skipped(state, 100) == 7
    state.note_exact(150.0)
    assert skipped(state, 100) == 15
    state.note_exact(None)
    state.note_exact(150.0)
    assert skipped(state, 100) == 7


def test_a_frame_that_takes_what_the_lossless_coding_took_lets_it_try_again():
    state = RateControlState()
    state.note_exact(150.0)
    assert state.skips_exact(150)
    assert not state.skips_exact(151)
    state.note_exact(1500.0)
    assert state.skips_exact(1400)


def test_a_frame_in_a_hurry_may_miss_its_share_a_little_while_others_can_make_up_for_it():
    reservoir = Reservoir(TARGET, 40)
    a_little, much = np.array([-0.1, 0.5, 0.5, 0.5]), np.array([-0.4, 0.5, 0.5, 0.5])
    score = FrameScore(0.94, NO_COLOR, 61.0)
    assert reservoir.spares(score.ssim, score.looks, a_little)
    assert not reservoir.spares(score.ssim, score.looks, much)
    for _ in range(35):
        reservoir.enter(FrameScore(0.96, NO_COLOR, 61.0))
    assert not reservoir.spares(score.ssim, score.looks, a_little)


def test_few_frames_may_be_below_what_nine_tenths_must_reach():
    reservoir = Reservoir(replace(TARGET, p10=0.95), 200)
    below, enough = FrameScore(0.945, NO_COLOR, 61.0), FrameScore(0.951, NO_COLOR, 61.0)
    margins = np.array([-0.1, 0.5, 0.5, 0.5])
    spared = 0
    for _ in range(150):
        spares = reservoir.spares(below.ssim, below.looks, margins)
        spared += spares
        reservoir.enter(below if spares else enough)
    assert 0 < spared <= 0.1 * 150


def changed(changes: int, missed: int = 0) -> FrameScore:
    return FrameScore(
        0.95, NO_COLOR, 60.0, local=2.0, missed=Missed(changes, missed, changes / 100)
    )


def test_one_of_few_changes_may_be_missed_once_the_frames_before_have_left_that() -> None:
    reservoir = Reservoir(replace(TARGET, local=2.0), 20)
    one_of_many = changed(50, 1).missed
    assert reservoir.requirement().missed_margin(one_of_many) < 0
    for _ in range(2):
        reservoir.enter(changed(50))
    assert reservoir.requirement().missed_margin(one_of_many) >= 0
    assert reservoir.requirement().missed_margin(changed(50, 2).missed) < 0
    for _ in range(2):
        assert reservoir.requirement().missed_margin(one_of_many) >= 0
        reservoir.enter(changed(50, 1))
    assert reservoir.requirement().missed_margin(one_of_many) < 0, "they were spent"


def test_of_very_few_changes_none_may_be_missed() -> None:
    reservoir = Reservoir(replace(TARGET, local=2.0), 20)
    for _ in range(9):
        reservoir.enter(changed(100))
    assert reservoir.requirement().missed_margin(changed(5, 1).missed) < 0
    assert reservoir.requirement().missed_margin(changed(5).missed) > 0


def test_what_was_missed_too_much_is_made_up_for() -> None:
    reservoir = Reservoir(replace(TARGET, local=2.0), 20)
    assert reservoir.requirement().missed_margin(changed(400, 4).missed) >= 0
    reservoir.enter(changed(400, 6))
    assert reservoir.requirement().missed_margin(changed(400, 4).missed) < 0
    assert reservoir.requirement().missed_margin(changed(400, 2).missed) >= 0
