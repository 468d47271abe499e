"""What is seen is scored at the size at which it is shown, as long as it stays."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ssimgif.fitting.shown import ShownClip, on_screen, score_shown
from ssimgif.model import U8, Frame
from ssimgif.ratecontrol import quality_seen

PHOTO = data.astronaut()
TENTH = Fraction(1, 10)


def frame(rgb: U8, duration: Fraction = TENTH) -> Frame:
    alpha = np.full((*rgb.shape[:2], 1), 255, np.uint8)
    return Frame(np.concatenate([rgb, alpha], axis=2), duration)


def passing(count: int = 6) -> list[Frame]:
    """Return a photograph that passes by, 96x64."""
    return [frame(PHOTO[100:164, 8 * i : 8 * i + 96]) for i in range(count)]


def smaller(frames: list[Frame], width: int, height: int) -> list[Frame]:
    images = [Image.fromarray(one.pixels[..., :3]).resize((width, height)) for one in frames]
    return [frame(np.asarray(image)) for image in images]


def test_the_source_itself_is_as_good_as_can_be() -> None:
    clip = ShownClip(passing(), (96, 64))
    assert quality_seen(clip.score(passing())) == pytest.approx(100)


def test_the_smaller_the_picture_the_worse_it_looks_scaled_up() -> None:
    frames = passing()
    clip = ShownClip(frames, (96, 64))
    seen = [quality_seen(clip.score(smaller(frames, 96 // n, 64 // n))) for n in (1, 2, 4)]
    assert seen[0] > seen[1] > seen[2]


def test_where_it_is_shown_small_a_small_picture_does() -> None:
    frames = passing()
    half = smaller(frames, 48, 32)
    at_half, at_full = (ShownClip(frames, size).score(half) for size in ((48, 32), (96, 64)))
    assert quality_seen(at_half) > quality_seen(at_full) + 10


def test_frames_that_are_left_out_count_against_what_stays() -> None:
    frames = passing()
    halved = [Frame(one.pixels, 2 * TENTH) for one in frames[::2]]
    score = ShownClip(frames, (96, 64)).score(halved)
    assert score.looks_mean is not None and score.looks_mean < 60
    still = [frames[0]] * 6
    held = [Frame(frames[0].pixels, 6 * TENTH)]
    assert quality_seen(ShownClip(still, (96, 64)).score(held)) == pytest.approx(100)


def test_what_is_on_screen_at_the_middle_of_a_frame_counts() -> None:
    shades = [frame(np.full((8, 8, 3), level, np.uint8), TENTH) for level in (10, 20, 30)]
    times = [Fraction(5, 100), Fraction(12, 100), Fraction(13, 100), Fraction(1)]
    assert [int(one[0, 0, 0]) for one in on_screen(shades, times)] == [10, 20, 30, 30]


def test_few_frames_at_once_give_the_same_score() -> None:
    frames = passing(20)
    half = smaller(frames, 48, 32)
    assert score_shown(frames, half, (96, 64)) == ShownClip(frames, (96, 64)).score(half)
