"""Which palettes scenes get, and which they share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jobs import encode_job
from ssimgif import Settings
from ssimgif.encoder.palette_search import palette_search
from ssimgif.encoder.palette_sharing import plan_palettes
from ssimgif.model import U8, Clip, Scene
from ssimgif.ratecontrol import PalettePlan
from ssimgif.target import Target

SCENES = [Scene(0, 1, 0), Scene(1, 2, 1)]


def planned(
    clip: Clip,
    target: Target,
    effort: int,
    colors: int,
    scenes: list[Scene] | None = None,
) -> list[PalettePlan]:
    """Return the palettes that a clip's scenes get, by the core's strategies."""
    job = encode_job(clip, target, Settings(effort=effort, colors=colors), scenes)
    return plan_palettes(job, palette_search(job))


def two_flags() -> U8:
    """Return two pictures that share one of three colours; a corner is transparent."""
    flags = np.full((2, 32, 32, 4), 255, np.uint8)
    flags[:, :16, :, :3] = 250, 240, 230
    flags[0, 16:, :, :3] = 180, 20, 30
    flags[1, 16:, :, :3] = 20, 40, 160
    flags[:, :8, :8, 3] = 0
    return flags


def test_a_palette_merged_from_two_scenes_keeps_a_transparent_entry() -> None:
    clip = Clip.from_frames(two_flags(), 0.1)
    target = Target(0.95, 0.95, 60)
    first, second = planned(clip, target, effort=1, colors=256, scenes=SCENES)
    assert first.strategy == second.strategy == "merged"
    assert first.palette is second.palette is not None
    assert first.palette.transparent is not None
    assert len(first.palette.colors) == 4


def gliding() -> U8:
    """Return a soft coloured pattern that glides over noise, u8[6, 120, 160, 4]."""
    rng = np.random.default_rng(2)
    still = rng.integers(100, 110, (120, 160, 3))
    x = np.arange(160)[None, :, None] + np.array([0, 7, 19])
    frames = np.full((6, 120, 160, 4), 255, np.uint8)
    for i in range(6):
        frames[i, ..., :3] = np.clip(still + 40 * np.sin((x + 3 * i) / 6), 0, 255)
    return frames


@pytest.mark.parametrize(("ssim", "colors"), [(0.5, 31), (0.8, 63), (0.95, 255)])
def test_the_least_effort_takes_the_smallest_palette_with_plenty_to_spare(
    ssim: float, colors: int
) -> None:
    clip = Clip.from_frames(gliding(), 0.1)
    (plan,) = planned(clip, Target(ssim, ssim, 0, 50), effort=1, colors=256)
    assert plan.palette is not None
    assert plan.size == colors
    coded = [one for one in plan.candidates if one.bytes is not None]
    assert [one.verdict for one in coded] == ["chosen"]


def test_the_least_effort_takes_a_palette_a_frame_where_one_is_scarcely_enough() -> None:
    clip = Clip.from_frames(gliding(), 0.1)
    (plan,) = planned(clip, Target(0.999, 0.999, 0, 50), effort=1, colors=256)
    assert plan.palette is None
    assert [one.verdict for one in plan.candidates].count("chosen") == 1


def test_small_pictures_are_coded_from_the_fewest_colours_up_at_the_least_effort() -> None:
    small = Clip.from_frames(gliding()[:, :48, :64], 0.1)
    target = Target(0.8, 0.8, 0, 50)
    (plan,) = planned(small, target, effort=1, colors=256)
    shared = [one for one in plan.candidates if "a palette a frame" not in one.strategy]
    coded = {one.colors: one.bytes for one in shared if one.bytes is not None}
    left = [one.colors for one in shared if one.bytes is None and one.verdict != "below the target"]
    assert len(coded) > 1 and left and max(coded) < max(left)
    assert coded[max(coded)] > coded[min(coded)]
    assert plan.size == min(coded)


def test_frames_of_which_one_has_few_colours_and_none_is_reached_still_get_a_plan() -> None:
    frames = gliding()
    frames[1:, ..., :3] = 128
    clip = Clip.from_frames(frames, 0.1)
    target = Target(0.9999, 0.9999, 0, 0.1)
    (plan,) = planned(clip, target, effort=1, colors=16)
    assert plan.palette is not None


def test_of_palettes_that_cost_the_same_the_one_of_the_fewest_colours_wins() -> None:
    clip = Clip.from_frames(gliding(), 0.1)
    for ssim in (0.9, 0.93, 0.95, 0.97):
        target = Target(ssim, ssim, 0, 50)
        (plan,) = planned(clip, target, effort=4, colors=256)
        coded = {one.colors: one.bytes for one in plan.candidates if one.bytes is not None}
        (won,) = (one.colors for one in plan.candidates if one.verdict == "chosen")
        assert len(coded) > 1
        near = [colors for colors, size in coded.items() if size <= 1.02 * min(coded.values())]
        assert won == min(near)


@pytest.mark.parametrize("effort", [1, 4])
def test_worst_places_that_no_palette_shows_well_are_no_reason_to_choose_one(effort: int) -> None:
    clip = Clip.from_frames(gliding(), 0.1)
    means = Target(0.9, 0.9, 0, 50)
    (expected,) = planned(clip, means, effort, colors=256)
    (plan,) = planned(clip, replace(means, local=0.01), effort, colors=256)
    assert plan.candidates == expected.candidates
    assert plan.palette is not None
    assert expected.palette is not None
    np.testing.assert_array_equal(plan.palette.colors, expected.palette.colors)
