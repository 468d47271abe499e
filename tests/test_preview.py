"""What a few frames tell of the whole GIF."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from conftest import moving_box
from ssimgif import Cancelled, Clip, Settings, SourceError, encode, gif_blocks, take_excerpt
from ssimgif.gif import bytes_by_frame
from ssimgif.model import U8
from ssimgif.preview import spread

QUICK = Settings(effort=1)


def textured(count: int, still: int = 1) -> U8:
    """Return noise that a square of other noise wanders over, each picture ``still`` times."""
    rng = np.random.default_rng(7)
    frames = np.repeat(rng.integers(0, 256, (1, 60, 80, 3)), count, axis=0).astype(np.uint8)
    for i, frame in enumerate(frames):
        frame[10:40, i % 40 : i % 40 + 30] = rng.integers(0, 256, (30, 30, 3))
    return frames.repeat(still, axis=0)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12, 13, 60, 1000])
@pytest.mark.parametrize("wanted", [2, 4, 12])
def test_excerpts_are_runs_within_the_clip(count: int, wanted: int) -> None:
    taken = spread([1.0] * count, wanted)
    assert min(2, count) <= len(taken) <= max(3, wanted)
    assert list(taken) == sorted(set(taken))
    assert 0 == taken[0] <= taken[-1] < count


def test_more_frames_are_taken_where_more_changes() -> None:
    changes = [1.0] + 50 * [0.1] + 50 * [0.9]
    assert sum(i > 50 for i in spread(changes, 13)) > 8
    assert sum(0 < i <= 50 for i in spread(changes, 13)) > 0


def test_frames_that_move_are_taken_and_the_one_that_must_be() -> None:
    clip = Clip.from_frames(textured(20, still=3), 0.1)
    excerpt = take_excerpt(clip, 6 * 60 * 80, include=11)
    assert {10, 11} <= set(excerpt.indices)
    assert all(i % 3 == 0 for i in set(excerpt.indices) - {10, 11})
    assert 0 in excerpt.indices
    assert excerpt.total == 60
    assert not excerpt.whole


def test_a_clip_that_fits_is_taken_whole_and_its_size_is_exact() -> None:
    excerpt = take_excerpt(Clip.from_frames(textured(4, still=2), 0.1), 10**6)
    gif = encode(excerpt.clip, QUICK).data
    assert excerpt.indices == tuple(range(8))
    assert excerpt.predict(gif)[0] == len(gif)
    fewer = take_excerpt(Clip.from_frames(textured(4, still=2), 0.1), 10**6, most=3)
    assert not fewer.whole


def test_a_few_frames_predict_the_whole() -> None:
    clip = Clip.from_frames(textured(12), 0.1)
    excerpt = take_excerpt(clip, 6 * 60 * 80, most=5)
    whole, frame = excerpt.predict(encode(excerpt.clip, QUICK).data)
    size = len(encode(clip, QUICK).data)
    assert whole == pytest.approx(size, rel=0.25)
    assert frame == pytest.approx(size / 12, rel=0.5)


def test_what_stands_still_is_counted_once() -> None:
    frames = np.repeat(np.random.default_rng(7).integers(0, 256, (1, 32, 48, 3)), 24, axis=0)
    for i, frame in enumerate(frames):
        frame[12:20, i : i + 8] = 255 * (i % 2)
    clip = Clip.from_frames(frames.astype(np.uint8), 0.1)
    excerpt = take_excerpt(clip, 2 * 32 * 48, most=7)
    whole, frame = excerpt.predict(encode(excerpt.clip, QUICK).data)
    assert whole == pytest.approx(len(encode(clip, QUICK).data), rel=0.25)
    assert whole is not None
    assert frame < whole / 24


def test_more_effort_is_expected_to_take_fewer_bytes() -> None:
    excerpt = take_excerpt(Clip.from_frames(textured(20), 0.1), 6 * 60 * 80, most=3)
    gif = encode(excerpt.clip, QUICK).data
    least, usual = (excerpt.predict(gif, effort)[0] for effort in (1, 5))
    assert least is not None and usual is not None and usual < least


def test_bytes_go_to_the_frame_that_they_come_with() -> None:
    clip = Clip.from_frames(moving_box(6).repeat(2, axis=0), 0.05)
    gif = encode(clip, QUICK).data
    sizes = bytes_by_frame(gif, [Fraction(1, 20)] * 12)
    assert [size > 0 for size in sizes] == 6 * [True, False]
    blocks = gif_blocks(gif)
    # A loop block and the trailer are left.
    assert len(gif) == len(blocks.head) + sum(sizes) + 19 + 1


def test_reading_can_be_stopped_and_no_frames_are_refused() -> None:
    with pytest.raises(Cancelled):
        take_excerpt(Clip.from_frames(textured(4), 0.1), 10**6, progress=lambda _: False)
    with pytest.raises(SourceError, match="no frames"):
        take_excerpt(Clip(4, 4, lambda: iter(())), 10**6)
