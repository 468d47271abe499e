"""Which frames stand for a scene."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ssimgif.lookahead import sampling as samples
from ssimgif.lookahead.features import analyse
from ssimgif.lookahead.sampling import scene_samples, spread_frames, typical_run
from ssimgif.model import Clip, Scene


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


def test_runs_of_large_frames_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.random.default_rng(2).integers(0, 256, (30, 40, 50, 3)).astype(np.uint8)
    clip = Clip.from_frames(list(frames), [Fraction(1, 10)] * len(frames))
    analysis = analyse(clip, lambda done: None)
    scenes = [Scene(0, len(frames))]
    ((_, whole),) = scene_samples(clip, scenes, 2, 6, analysis)
    assert [len(run.frames) for run in whole.runs] == [6, 6]
    monkeypatch.setattr(samples, "MOST_PIXELS", 4 * 40 * 50)
    ((_, fewer),) = scene_samples(clip, scenes, 2, 6, analysis)
    assert [len(run.frames) for run in fewer.runs] == [4, 4]
    monkeypatch.setattr(samples, "MOST_PIXELS", 1)
    ((_, fewest),) = scene_samples(clip, scenes, 2, 6, analysis)
    assert [len(run.frames) for run in fewest.runs] == [3, 3]


def test_palettes_are_made_of_more_frames_than_must_look_well() -> None:
    frames = np.random.default_rng(2).integers(0, 256, (12, 40, 50, 3)).astype(np.uint8)
    clip = Clip.from_frames(list(frames), [Fraction(1, 10)] * len(frames))
    ((_, found),) = scene_samples(clip, [Scene(0, 12)], 3, 6, analyse(clip))
    assert len(found.spread) == 3
    assert len(found.others) == samples.PALETTE_FRAMES - 3
    taken = [pixels[..., :3].tobytes() for pixels in (*found.spread, *found.others)]
    assert len(set(taken)) == len(taken)
    assert set(taken) <= {frame.tobytes() for frame in frames}


def test_the_longest_scene_has_the_global_table_and_others_one_a_frame_that_is_drawn() -> None:
    frames = np.zeros((9, 40, 50, 3), np.uint8)
    for index, level in enumerate([10, 10, 30, 50, 60, 70, 80, 90, 90]):
        frames[index] = level
    clip = Clip.from_frames(frames, Fraction(1, 10))
    scenes = [Scene(0, 3), Scene(3, 7), Scene(7, 9)]
    found = [some.tables for _, some in scene_samples(clip, scenes, 2, 2, analyse(clip))]
    assert found == [2, 1, 1]


def test_a_small_thing_in_a_colour_of_its_own_outweighs_what_is_common_to_all() -> None:
    shares = np.array([[0.5, 0.5, 0.0], [0.55, 0.45, 0.0], [0.5, 0.49, 0.01]], np.float32)
    assert spread_frames(Scene(0, 3), 2, shares) == [0, 2]


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_reduced_pictures_are_means_of_blocks(step: int) -> None:
    pixels = np.random.default_rng(step).integers(0, 256, (23, 31, 4)).astype(np.uint8)
    found = samples.block_means(pixels, step)
    assert found.shape == (23 // step, 31 // step, 4)
    for y, x in np.ndindex(*found.shape[:2]):
        rows, columns = slice(y * step, y * step + step), slice(x * step, x * step + step)
        mean = pixels[rows, columns].mean(axis=(0, 1))
        np.testing.assert_array_less(np.abs(found[y, x, :3] - mean[:3]), 0.5 + 1e-6)
        assert found[y, x, 3] == (255 if mean[3] >= 127.5 else 0)


def test_runs_and_spread_frames_are_reduced_alike() -> None:
    frames = tuple(np.full((600, 1000, 4), 255, np.uint8) for _ in range(3))
    for number, frame in enumerate(frames):
        frame[..., 0] = number
    runs = samples.Run(None, frames[:2]), samples.Run(frames[0], frames[1:])
    small = samples.reduced(samples.Samples(frames[::2], frames[1:2], runs, 3))
    assert small.scale == 4
    assert [f[0, 0, 0] for f in (*small.spread, *small.others)] == [0, 2, 1]
    assert [[f[0, 0, 0] for f in run.pictures] for run in small.runs] == [[0, 1], [0, 1, 2]]
    assert {f.shape for run in small.runs for f in run.pictures} == {(300, 500, 4)}
