"""What is asked of a frame, given what the frames before it came to."""

from dataclasses import replace

import numpy as np
import pytest

from ssimgif.metrics.ciede2000 import BINS, BINS_PER_UNIT
from ssimgif.metrics.score import FrameScore
from ssimgif.ratecontrol.reservoir import Ledger
from ssimgif.ratecontrol.state import Steering
from ssimgif.settings import Target

TARGET = Target(0.95, 0.90, 60.0)
NO_COLOR = np.zeros(1, np.int64)


def test_looks_are_asked_a_little_above_their_target():
    assert 60.0 < Ledger(TARGET, 10).requirement().looks < 61.0


def test_looks_that_are_off_are_not_asked():
    assert Ledger(replace(TARGET, looks=0.0), 10).requirement().looks == 0.0


def test_frames_pay_for_one_another_down_to_the_tenth_percentile():
    ledger = Ledger(TARGET, 20)
    ledger.enter(FrameScore(0.97, NO_COLOR, 70.0))
    eased = ledger.requirement()
    assert 0.90 <= eased.ssim < 0.95
    assert 52.0 <= eased.looks < 60.0
    for _ in range(9):
        ledger.enter(FrameScore(0.999, NO_COLOR, 90.0))
    assert ledger.requirement().ssim == pytest.approx(0.90)
    assert ledger.requirement().looks == pytest.approx(52.0)


def test_what_lasts_must_exceed_its_share():
    ledger = Ledger(TARGET, 20)
    usual, lasting = ledger.requirement(), ledger.requirement(lasting=1.0)
    assert lasting.ssim > usual.ssim
    assert lasting.looks > usual.looks
    assert lasting.delta_e == usual.delta_e
    off = Ledger(Target(0.0, 0.0, 0.0), 20).requirement(lasting=1.0)
    assert off.ssim == off.looks == 0.0


def color(difference: float) -> FrameScore:
    counts = np.zeros(BINS, np.int64)
    counts[int(difference * BINS_PER_UNIT)] = 1000
    return FrameScore(0.95, counts, 60.5)


def test_colour_that_some_frames_save_others_may_spend():
    ledger = Ledger(TARGET, 40)
    fresh = ledger.requirement().delta_e
    for _ in range(4):
        ledger.enter(color(1.0))
    saved = ledger.requirement().delta_e
    for _ in range(8):
        ledger.enter(color(2.6))
    assert fresh < saved
    assert ledger.requirement().delta_e < fresh
    assert ledger.requirement().delta_e > 0


def test_the_last_frames_have_no_slack_in_colour():
    assert Ledger(TARGET, 30).color_slack > 0
    assert Ledger(TARGET, 5).color_slack == 0
    assert Ledger(TARGET, 5).requirement().delta_e < TARGET.delta_e


def test_chroma_gets_more_weight_where_colour_lacks_and_less_where_it_is_plenty():
    lacking, plenty = Steering(), Steering()
    lacking.balance(np.array([0.0, 0.5, -0.2, 0.3]), 0.0)
    plenty.balance(np.array([0.0, 0.5, 0.4, 0.6]), 0.0)
    assert lacking.chroma > Steering().chroma > plenty.chroma


def test_a_frame_in_a_hurry_may_miss_its_share_a_little_while_others_can_make_up_for_it():
    ledger = Ledger(TARGET, 40)
    a_little, much = np.array([-0.1, 0.5, 0.5, 0.5]), np.array([-0.4, 0.5, 0.5, 0.5])
    score = FrameScore(0.94, NO_COLOR, 61.0)
    assert ledger.spares(score.ssim, score.looks, a_little)
    assert not ledger.spares(score.ssim, score.looks, much)
    for _ in range(35):
        ledger.enter(FrameScore(0.96, NO_COLOR, 61.0))
    assert not ledger.spares(score.ssim, score.looks, a_little)


def test_few_frames_may_be_below_what_nine_tenths_must_reach():
    ledger = Ledger(replace(TARGET, p10=0.95), 200)
    below, enough = FrameScore(0.945, NO_COLOR, 61.0), FrameScore(0.951, NO_COLOR, 61.0)
    margins = np.array([-0.1, 0.5, 0.5, 0.5])
    spared = 0
    for _ in range(150):
        spares = ledger.spares(below.ssim, below.looks, margins)
        spared += spares
        ledger.enter(below if spares else enough)
    assert 0 < spared <= 0.1 * 150
