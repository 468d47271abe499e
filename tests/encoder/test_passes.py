"""A clip is coded as often as the effort and the budget ask for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ssimgif import Clip, Report, Settings, encode
from ssimgif.encoder import candidates
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
    best, passes = encoded(gliding(), ssim=0.9, effort=9)
    assert 7 <= passes <= 14
    for effort in 3, 5, 7:
        other, _ = encoded(gliding(), ssim=0.9, effort=effort)
        assert best.bytes <= other.bytes
        assert best.valid >= other.valid


def test_small_clips_are_coded_with_the_runners_up_of_their_palettes_too() -> None:
    frames = np.tile(gliding(6), (1, 4, 4, 1))
    report, passes = encoded(frames, ssim=0.96, effort=3)
    assert passes == 2
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
    usual, _ = encoded(gliding())
    report, passes = encoded(
        gliding(), max_bytes=int(0.98 * usual.bytes), keep_size=True, keep_fps=True
    )
    assert report.bytes <= 0.98 * usual.bytes
    assert passes > 1
