"""A clip is coded as often as the effort and the budget ask for."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from clips import terminal
from ssimgif import Clip, Report, Settings, encode
from ssimgif.encoder import candidates
from ssimgif.encoder.attempt import best_of
from ssimgif.model import U8
from ssimgif.progress import Progress


def gliding(count: int = 8) -> U8:
    """Return a soft pattern that glides over noise, u8[count, 40, 56, 3]."""
    rng = np.random.default_rng(4)
    still = rng.integers(100, 140, (40, 56, 3))
    x = np.arange(56)[None, :, None]
    moved = [still + 40 * np.sin((x + 3 * i) / 6) for i in range(count)]
    return np.clip(moved, 0, 255).astype(np.uint8)


def encoded(frames: U8, **settings: Any) -> tuple[Report, int]:
    """Return the report of a conversion, and how often the whole clip was coded for it."""
    seen: list[Progress] = []
    clip = Clip.from_frames(frames, Fraction(1, 12))
    report = encode(clip, Settings(no_cache=True, **settings), seen.append).report
    return report, sum(one.stage == "encoding" and one.done == one.total for one in seen)


def test_high_efforts_also_code_as_lower_ones_do_and_keep_the_smallest() -> None:
    frames = gliding(2)[:, :24, :32]
    best, passes = encoded(frames, ssim=0.9, effort=9)
    assert 7 <= passes <= 14
    for effort in 3, 5, 7:
        other, _ = encoded(frames, ssim=0.9, effort=effort)
        assert best.bytes <= other.bytes
        assert best.valid >= other.valid


def test_small_clips_are_coded_with_the_runners_up_of_their_palettes_too() -> None:
    frames = np.tile(gliding(6), (1, 4, 4, 1))
    report, passes = encoded(frames, ssim=0.95, effort=2)
    # The third is for a higher quality.
    assert passes == 3
    (scene,) = report.scenes
    verdicts = {one.verdict: one for one in scene.candidates}
    # The runner-up takes no more than what was estimated to be the smallest.
    assert verdicts["came out larger"].bytes is not None
    assert report.bytes < verdicts["came out larger"].bytes


def test_a_runner_up_far_behind_is_not_tried() -> None:
    report, passes = encoded(gliding(), ssim=0.88, effort=2)
    (scene,) = report.scenes
    sizes = sorted(one.bytes for one in scene.candidates if one.bytes is not None)
    assert sizes[1] > 1.2 * sizes[0]
    assert passes == 1


def test_a_runner_up_is_the_second_where_it_is_near_the_first() -> None:
    best, near, far = (candidates.Candidate("s", 8, [], False, bytes=n) for n in (100, 110, 130))
    assert candidates.runner_up([best, near, far]) is near
    assert (
        candidates.runner_up([best, far])
        is candidates.runner_up([best])
        is candidates.runner_up([])
        is None
    )


def test_a_budget_takes_several_passes() -> None:
    usual, _ = encoded(gliding(4))
    report, passes = encoded(
        gliding(4), max_bytes=int(0.98 * usual.bytes), keep_size=True, keep_fps=True
    )
    assert report.bytes <= 0.98 * usual.bytes
    assert passes > 1


def sprite(count: int = 12) -> U8:
    """Return a figure of few colours that walks over a flat ground, u8[count, 64, 96, 3]."""
    rng = np.random.default_rng(8)
    colors = np.array([[34, 32, 52], [217, 160, 102], [172, 50, 50], [251, 242, 54]], np.uint8)
    figure = colors[rng.integers(0, 4, (12, 10))].repeat(2, 0).repeat(2, 1)
    frames = np.empty((count, 64, 96, 3), np.uint8)
    frames[:, :48], frames[:, 48:] = (99, 155, 255), (106, 190, 48)
    for i, frame in enumerate(frames):
        frame[28:52, 5 * i : 5 * i + 20] = figure
    return frames


@pytest.mark.parametrize("ssim", [0.9, 0.99])
def test_pixel_art_that_is_hardly_smaller_with_errors_is_coded_without(ssim: float) -> None:
    report, _ = encoded(sprite(), ssim=ssim)
    assert report.score == 1.0
    assert report.delta_e_mean == 0.0


def test_a_lower_target_takes_no_more_bytes_of_pixel_art() -> None:
    sizes = [encoded(sprite(), ssim=ssim)[0].bytes for ssim in (0.85, 0.9, 0.95, 0.99)]
    for lower, higher in pairwise(sizes):
        assert lower <= 1.01 * higher


def attempt(size: int, local: float, shortfalls: list[str] | None = None) -> Any:
    score = SimpleNamespace(score=1 - local / 10, local_mean=local)
    return SimpleNamespace(size=size, score=score, shortfalls=shortfalls or [])


def test_the_smallest_valid_attempt_is_kept_or_a_far_better_one_that_is_hardly_larger() -> None:
    small, fair, good, large = (
        attempt(size, local) for size, local in ((1000, 2), (1005, 1.5), (1009, 0.9), (1100, 0.1))
    )
    assert best_of([large, small, fair]) is small
    assert best_of([large, small, fair, good]) is good
    short = attempt(10, 0.5, ["one"])
    assert best_of([short, large]) is large
    assert best_of([attempt(10, 0.1, ["one", "two"]), short]) is short


def test_a_low_quality_of_a_small_flat_clip_takes_no_more_than_a_higher_one() -> None:
    clip = terminal(13)
    sizes = {
        quality: encode(clip, Settings(no_cache=True, quality=quality)).report.bytes
        for quality in (50.0, 58.0, 66.0)
    }
    assert sizes[50.0] <= sizes[66.0]
    assert sizes[58.0] <= sizes[66.0]
