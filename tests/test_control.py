"""What is asked of a frame, given what the frames before it came to."""

from dataclasses import replace

import numpy as np
import pytest

from ssimgif.control import Ledger
from ssimgif.quality.contract import FrameScore
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
