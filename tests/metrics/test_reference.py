"""SpeedSettings 1 judges a frame by its SSIM at once, and learns of its looks and colours later."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from ssimgif import Clip, Settings, encode
from ssimgif.host import Threads, working
from ssimgif.image.canvas import Canvas
from ssimgif.metrics.reference import FrameReference
from ssimgif.model import U8


def drifting(count: int, colour: float) -> U8:
    """Return a soft texture that drifts, u8[count, 72, 96, 3], with colour from a frame on."""
    field = gaussian_filter(np.random.default_rng(5).normal(0, 1, (110, 160, 3)), (3, 3, 0))
    field = 128 + 40 * field / field.std()
    gray = np.repeat(field.mean(axis=2, keepdims=True), 3, axis=2)
    frames = []
    for number in range(count):
        shown = gray + (field - gray) * (colour if number >= count // 2 else 0.2)
        frames.append(shown[number % 30 : number % 30 + 72, number % 60 : number % 60 + 96])
    return np.clip(np.rint(frames), 0, 255).astype(np.uint8)


def test_a_late_score_is_the_score() -> None:
    clip = drifting(2, 1.0)
    pixels = np.dstack([clip[0], np.full(clip[0].shape[:2], 255, np.uint8)])
    reference = FrameReference(Canvas.of(pixels), Settings(quality=50).target())
    expected = reference.score(clip[1])
    alone = reference.score_late(clip[1])
    with working(Threads(2)):
        beside = reference.score_late(clip[1])
        for late in (alone, beside):
            assert late.ssim == late.result().ssim == expected.ssim
            assert late.result().looks == expected.looks
            np.testing.assert_array_equal(late.result().color, expected.color)


@pytest.mark.parametrize("colour", [0.6, 1.0])
def test_the_target_is_met_all_the_same(colour: float) -> None:
    clip = Clip.from_frames(drifting(24, colour), 0.05)
    report = encode(clip, Settings(effort=1, no_cache=True)).report
    assert report.valid, report.shortfalls


def test_the_number_of_threads_changes_nothing() -> None:
    clip = Clip.from_frames(drifting(4, 1.5), 0.05)
    made = [encode(clip, Settings(effort=1, no_cache=True, jobs=jobs)).data for jobs in (1, 2, 3)]
    assert made[0] == made[1] == made[2]
