"""Cuts, dissolves and returning shots are found; pans, grain and flashes are no cuts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from ssimgif.lookahead.features import analyse
from ssimgif.lookahead.scenecut import find_scenes
from ssimgif.model import U8, Clip, Scene

HEIGHT, WIDTH = 96, 128


def scenery(seed: int, tint: tuple[int, int, int], width: int = WIDTH) -> U8:
    """Return a soft random texture in a colour, u8[HEIGHT, width, 3]."""
    noise = gaussian_filter(np.random.default_rng(seed).normal(0, 1, (HEIGHT, width)), 4)
    noise = noise / noise.std()
    return np.clip(np.array(tint) + 35 * noise[..., None], 0, 255).astype(np.uint8)


FOREST = scenery(1, (60, 120, 50))
DESERT = scenery(2, (200, 150, 90))
NIGHT = scenery(3, (25, 30, 70))


def still(picture: U8, count: int, grain: float = 0.0, seed: int = 0) -> list[U8]:
    """Return frames of one shot, with film grain."""
    rng = np.random.default_rng(seed)
    return [
        np.clip(picture + rng.normal(0, grain, (HEIGHT, WIDTH, 1)), 0, 255).astype(np.uint8)
        for _ in range(count)
    ]


def dissolve(first: U8, second: U8, count: int) -> list[U8]:
    shares = (np.arange(count) + 1) / (count + 1)
    return [(first * (1 - s) + second * s).astype(np.uint8) for s in shares]


def pan(picture: U8, count: int, speed: int) -> list[U8]:
    return [picture[:, i * speed : i * speed + WIDTH] for i in range(count)]


def scenes(frames: list[U8], threshold: float = 0.88) -> list[Scene]:
    clip = Clip.from_frames(np.array(frames), 0.04)
    return find_scenes(analyse(clip), threshold)


def starts(frames: list[U8]) -> list[int]:
    return [scene.start for scene in scenes(frames)]


@pytest.mark.parametrize("grain", [0.0, 2.0, 12.0])
def test_hard_cuts(grain: float) -> None:
    frames = still(FOREST, 12, grain, 1) + still(DESERT, 9, grain, 2) + still(NIGHT, 14, grain, 3)
    assert starts(frames) == [0, 12, 21]


def test_a_cut_between_shots_of_the_same_colours() -> None:
    other = FOREST[::-1, ::-1]
    assert starts(still(FOREST, 10, 2.0) + still(other, 10, 2.0)) == [0, 10]


@pytest.mark.parametrize("length", [10, 20, 40])
def test_a_dissolve_is_cut_once_in_its_midst(length: int) -> None:
    frames = still(FOREST, 30) + dissolve(FOREST, DESERT, length) + still(DESERT, 30)
    consecutive = analyse(Clip.from_frames(np.array(frames), 0.04)).ssim_previous
    assert consecutive.min() > 0.88
    found = starts(frames)
    assert len(found) == 2
    assert 30 <= found[1] <= 30 + length


@pytest.mark.parametrize("speed", [1, 4, 9])
def test_a_pan_is_no_cut(speed: int) -> None:
    wide = scenery(4, (120, 120, 100), WIDTH + 40 * speed)
    assert starts(pan(wide, 40, speed)) == [0]


def test_a_cut_within_fast_pans() -> None:
    first = pan(scenery(5, (60, 120, 50), 500), 20, 9)
    second = pan(scenery(6, (200, 150, 90), 500), 20, 9)
    assert starts(first + second) == [0, 20]


@pytest.mark.parametrize("grain", [5.0, 25.0, 60.0])
def test_grain_is_no_cut(grain: float) -> None:
    assert starts(still(FOREST, 30, grain)) == [0]


def test_an_object_that_passes_is_no_cut() -> None:
    frames = still(FOREST, 60, 1.0)
    for i in range(20, 40):
        x = (i - 20) * 6
        frames[i][30:60, x : x + 20] = 230, 40, 40
    assert starts(frames) == [0]


def test_a_returning_shot_has_the_same_cluster() -> None:
    frames = still(FOREST, 10, 2.0) + still(DESERT, 10, 2.0)
    frames += still(FOREST, 10, 2.0, 7) + still(NIGHT, 10, 2.0)
    found = scenes(frames)
    assert [(s.start, s.stop) for s in found] == [(0, 10), (10, 20), (20, 30), (30, 40)]
    assert [s.cluster for s in found] == [0, 1, 0, 2]


def test_slow_change_of_scenery_is_cut() -> None:
    blend = np.linspace(0, 1, 900)[None, :, None]
    wide = scenery(8, (50, 110, 50), 900) * (1 - blend) + scenery(9, (230, 190, 140), 900) * blend
    found = starts(pan(wide.astype(np.uint8), 120, 6))
    assert 1 < len(found) <= 4


def test_the_threshold_can_be_lowered_to_one_scene() -> None:
    frames = still(FOREST, 12) + still(DESERT, 12)
    assert scenes(frames, threshold=0.0) == [Scene(0, 24)]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_few_frames(count: int) -> None:
    found = scenes([FOREST, DESERT, NIGHT, FOREST, DESERT][:count])
    assert found[0].start == 0
    assert found[-1].stop == count
    assert all(a.stop == b.start for a, b in pairwise(found))


def test_identical_frames_do_not_hide_a_cut() -> None:
    frames = [f for f in still(FOREST, 6, 8.0) for _ in range(2)]
    frames += [f for f in still(DESERT, 6, 8.0) for _ in range(2)]
    assert starts(frames) == [0, 12]
