import io

import numpy as np
import pytest

import ssimgif
from ssimgif.encoder.denoise import TemporalFilter
from ssimgif.gif import reader
from ssimgif.lookahead.rest import resting

SIZE = (64, 96)


def noise(seed, deviation):
    return np.random.default_rng(seed).normal(0, deviation, (*SIZE, 3))


def frame(background, seed, deviation=2.0):
    return np.clip(np.rint(background + noise(seed, deviation)), 0, 255).astype(np.uint8)


def background():
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.repeat((80 + x / 2 + y / 3)[..., None], 3, 2)


def with_mover(at, contrast):
    picture = background()
    picture[20:36, at : at + 16] += contrast
    return picture


def obvious(source, before, strength, still, most):
    """The filter's rule, pixel by pixel."""
    source, out = source.astype(np.float64), np.empty(source.shape)
    change = np.abs(source - before).max(2)
    for y, x in np.ndindex(change.shape):
        around = change[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3]
        motion = max(around.mean(), change[y, x] / 2)
        step = strength * max(0, 1 - motion / still) * (before[y, x] - source[y, x])
        out[y, x] = source[y, x] + np.clip(step, -most, most)
    return out


def test_it_follows_the_obvious_rule():
    first, second = frame(with_mover(10, 60), 1), frame(with_mover(14, 60), 2)
    run = TemporalFilter(0.6, 8.0, 3.0)
    np.testing.assert_array_equal(run(first), first)
    expected = obvious(second, first.astype(np.float64), 0.6, 8.0, 3.0)
    assert np.abs(run(second) - expected).max() <= 0.5 + 1e-4


def test_noise_at_rest_becomes_less():
    run = TemporalFilter(0.6, 10.0, 3.0)
    before = [frame(background(), seed) for seed in range(12)]
    after = [run(rgb) for rgb in before]
    steps = [np.abs(np.diff(np.array(clip[6:], float), axis=0)).mean() for clip in (before, after)]
    assert steps[1] < 0.7 * steps[0]


@pytest.mark.parametrize("contrast", [12, 40, 120, -60])
def test_a_mover_leaves_nothing_behind(contrast):
    run = TemporalFilter(0.6, 10.0, 3.0)
    for i in range(10):
        source = frame(with_mover(4 + 7 * i, contrast), i)
        filtered = run(source)
        # Where the mover was a frame ago and is no longer, the mean is the background's.
        if i:
            place = np.s_[20:36, 4 + 7 * (i - 1) : 4 + 7 * i]
            left = filtered[place].mean() - background()[place].mean()
            assert abs(left) < 0.5


def test_no_sample_changes_by_more_than_the_limit():
    run = TemporalFilter(1.0, 50.0, 2.0)
    for i in range(8):
        source = frame(with_mover(5 * i, 30), i, 6.0)
        assert np.abs(run(source).astype(int) - source).max() <= 2


def test_a_cut_and_a_restart_pass_unchanged():
    run = TemporalFilter()
    run(frame(background(), 1))
    other = frame(background() + 60, 2)
    np.testing.assert_array_equal(run(other), other)
    run.restart()
    again = frame(background(), 3)
    np.testing.assert_array_equal(run(again), again)
    smaller = again[:20]
    np.testing.assert_array_equal(run(smaller), smaller)


def test_bad_calls_are_refused():
    for options in ({"strength": 1.5}, {"still": 0.0}, {"most": -1.0}):
        with pytest.raises(ValueError, match="strength must be"):
            TemporalFilter(**options)
    with pytest.raises(ValueError, match="a frame must be"):
        TemporalFilter()(np.zeros((4, 4), np.uint8))


def test_what_moves_does_not_rest():
    before, after = frame(with_mover(8, 50), 1)[..., 0], frame(with_mover(40, 50), 2)[..., 0]
    rest = resting(before, after)
    assert rest[50, 80]
    assert not rest[28, 16]
    assert not rest[28, 48]
    assert resting(before, frame(with_mover(8, 50), 3)[..., 0]).mean() > 0.99


def test_resting_follows_its_definition():
    before, after = frame(background(), 1)[..., 1], frame(with_mover(30, 20), 2)[..., 1]

    def box(plane):
        inside = np.pad(np.ones(plane.shape), 2)
        padded = np.pad(plane, 2)
        views = np.lib.stride_tricks.sliding_window_view
        return views(padded, (5, 5)).sum((2, 3)) / views(inside, (5, 5)).sum((2, 3))

    change = box(np.abs(box(after.astype(float) - before)))
    np.testing.assert_array_equal(resting(before, after), change < 1.5)


def test_a_coded_mover_leaves_nothing_behind():
    clip = np.stack([frame(with_mover(4 + 7 * i, 60), i) for i in range(6)])
    result = ssimgif.encode(ssimgif.Clip.from_frames(clip, 0.1), ssimgif.Settings(effort=6))
    pictures = [rgba[..., :3].astype(float) for rgba, _ in reader.read(io.BytesIO(result.data))]
    assert len(pictures) == len(clip)
    for i in range(1, 6):
        place = np.s_[22:34, 4 + 7 * (i - 1) : 4 + 7 * i - 2]
        left = (pictures[i][place] - background()[place]).mean()
        assert abs(left) < 4
