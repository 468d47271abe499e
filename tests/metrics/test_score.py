"""The contract: pooling of frames, and what misses the target."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from ssimgif.metrics.ciede2000 import BINS, BINS_PER_UNIT
from ssimgif.metrics.score import ClipScore, FrameScore, on_white, shortfalls, summarise
from ssimgif.target import Target

TARGET = Target(mean=0.95, p10=0.9, looks=60, delta_e=2.0, variance=0.001)
GOOD = ClipScore(
    score=0.92,
    mean=0.96,
    p10=0.92,
    variance=0.0004,
    duration_weighted_mean=0.96,
    worst=0.91,
    delta_e_mean=1.2,
    delta_e_p95=4.0,
    looks_mean=66,
    looks_p10=55,
)


def frame(ssim, difference=0.0, pixels=100, **others):
    color = np.zeros(BINS, np.int64)
    color[round(difference * BINS_PER_UNIT)] = pixels
    return FrameScore(ssim, color, **others)


def test_frames_are_pooled():
    frames = [frame(0.9, 1), frame(0.92, 2), frame(0.95, 3), frame(0.99, 4, pixels=300)]
    score = summarise(frames, [Fraction(1, 10)] * 3 + [Fraction(3, 10)])
    assert score.mean == pytest.approx(0.94)
    assert score.p10 == pytest.approx(np.percentile([0.9, 0.92, 0.95, 0.99], 10))
    assert score.score == score.p10
    assert score.worst == 0.9
    assert score.variance == pytest.approx(np.var([0.9, 0.92, 0.95, 0.99]))
    assert score.duration_weighted_mean == pytest.approx((0.9 + 0.92 + 0.95 + 3 * 0.99) / 6)
    assert score.delta_e_mean == pytest.approx((1 + 2 + 3 + 12) / 6)
    assert score.delta_e_p95 == pytest.approx(4)
    assert score.looks_mean is score.looks_p10 is score.banding is None


def test_the_score_is_the_mean_where_that_is_less():
    score = summarise([frame(s) for s in (0.2, *[0.99] * 19)], [1] * 20)
    assert score.p10 == pytest.approx(0.99)
    assert score.score == score.mean == pytest.approx(0.9505)


def test_looks_and_banding_come_from_the_frames_that_have_them():
    frames = [frame(0.9, looks=50.0, banding=0.1), frame(0.9), frame(0.9, looks=80.0)]
    score = summarise(frames, [1, 1, 1])
    assert score.looks_mean == 65
    assert score.looks_p10 == pytest.approx(53)
    assert score.banding == pytest.approx(0.1)


@pytest.mark.parametrize(("scores", "durations"), [([], []), ([frame(1)], [1, 1])])
def test_frames_and_durations_must_match(scores, durations):
    with pytest.raises(ValueError, match="scores for"):
        summarise(scores, durations)


def test_a_good_score_misses_nothing():
    assert shortfalls(GOOD, TARGET) == []
    assert not shortfalls(GOOD, TARGET)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mean": 0.949}, "the mean SSIM is 0.9490, not 0.9500"),
        ({"p10": 0.899}, "the 10th percentile of SSIM is 0.8990, not 0.9000"),
        ({"variance": 0.002}, "the variance of SSIM is 0.00200, above 0.00100"),
        ({"delta_e_mean": 2.1}, "the mean colour difference is 2.10, above 2.00"),
        ({"delta_e_p95": 5.6}, "the 95th percentile of the colour difference is 5.60, above 5.50"),
        ({"looks_mean": 59}, "the mean SSIMULACRA2 is 59.0, not 60.0"),
        ({"looks_p10": 51.5}, "the 10th percentile of SSIMULACRA2 is 51.5, not 52.0"),
    ],
)
def test_each_miss_is_one_sentence(change, sentence):
    score = replace(GOOD, **change)
    assert shortfalls(score, TARGET) == [sentence]
    assert shortfalls(score, TARGET)


def test_the_target_itself_is_enough():
    exact = ClipScore(0.9, 0.95, 0.9, 0.001, 0.95, 0.9, 2.0, 5.5, 60.0, 52.0)
    assert not shortfalls(exact, TARGET)


@pytest.mark.parametrize(
    ("score", "target"),
    [
        (replace(GOOD, looks_mean=None, looks_p10=None), TARGET),
        (replace(GOOD, looks_mean=3, looks_p10=1), replace(TARGET, looks=0)),
        (replace(GOOD, variance=0.1), replace(TARGET, variance=None)),
    ],
    ids=["looks not measured", "looks turned off", "variance not asked"],
)
def test_what_is_not_asked_or_measured_is_not_judged(score, target):
    assert not shortfalls(score, target)


def test_on_white():
    rgba = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 200, 128]]], np.uint8)
    expected = [[[10, 20, 30], [255, 255, 255], [127, 177, 227]]]
    np.testing.assert_array_equal(on_white(rgba), expected)
    np.testing.assert_array_equal(on_white(rgba[:, :1]), rgba[:, :1, :3])
