"""A few runs of frames stand for the clip, and tell how many times their bytes all of it takes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from ssimgif.fitting.probe import LENGTH, RUNS, probe, run_starts
from ssimgif.gif import gif_blocks
from ssimgif.lookahead import analyse
from ssimgif.model import Clip
from ssimgif.pipeline import encode
from ssimgif.settings import Settings


def grain(count: int) -> Clip:
    """Return noise that is new in every frame, 32x24."""
    rng = np.random.default_rng(3)
    frames = rng.integers(0, 256, (count, 24, 32, 3), np.uint8)
    return Clip.from_frames(frames, Fraction(1, 10))


def test_a_short_clip_stands_for_itself() -> None:
    clip = grain(RUNS * LENGTH)
    part = probe(clip, analyse(clip))
    assert len(list(part.clip.frames())) == RUNS * LENGTH
    assert part.begins.sum() == 1


def test_runs_are_consecutive_apart_and_begin_with_the_first_frame() -> None:
    clip = grain(60)
    features = analyse(clip)
    part = probe(clip, features)
    pictures = [frame.pixels for frame in clip.frames()]
    places = [
        next(i for i, one in enumerate(pictures) if np.array_equal(one, frame.pixels))
        for frame in part.clip.frames()
    ]
    assert len(places) == RUNS * LENGTH
    assert places[:LENGTH] == list(range(LENGTH))
    assert np.array_equal(np.flatnonzero(part.begins), [0, LENGTH, 2 * LENGTH])
    assert [b - a for a, b in pairwise(places)].count(1) == RUNS * LENGTH - 3


@pytest.mark.parametrize("quiet", [0, 40])
def test_the_bytes_of_the_whole_clip_are_foretold(quiet: int) -> None:
    frames = np.stack([frame.pixels for frame in grain(40).frames()])
    still = np.repeat(frames[-1:], quiet, axis=0)
    clip = Clip.from_frames(np.concatenate([frames, still]), Fraction(1, 10))
    settings = Settings(ssim=0.8, effort=1, no_cache=True)
    part = probe(clip, analyse(clip))
    gif = encode(part.clip, settings).data
    taken = sum(len(image.data) for image in gif_blocks(gif).images)
    whole = encode(clip, settings).data
    assert taken / part.share(gif) == pytest.approx(len(whole), rel=0.15)


def test_runs_lie_where_things_change() -> None:
    weights = np.zeros(100)
    weights[60:90] = 1.0
    starts = run_starts(weights, 5)
    assert starts[0] == 0
    assert all(55 <= start <= 90 for start in starts[1:])
