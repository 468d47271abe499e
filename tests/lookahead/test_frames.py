"""What a slot knows of the frames around it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ssimgif import Clip
from ssimgif.gif import timing
from ssimgif.lookahead.frames import AHEAD, Shown, playback
from ssimgif.model import U8


def shown(frames: U8, borders: frozenset[int] = frozenset({0})) -> list[Shown]:
    durations = [Fraction(1, 10)] * len(frames)
    clip = Clip.from_frames(frames, Fraction(1, 10))
    return list(playback(clip, timing.plan(durations), durations, borders))


def new_at(change: int, count: int) -> U8:
    """Return grey frames that become white at one of them, u8[count, 16, 20, 3]."""
    frames = np.full((count, 16, 20, 3), 90, np.uint8)
    frames[change:] = 255
    return frames


def test_what_is_new_and_stays_is_lasting() -> None:
    slots = shown(new_at(3, 4 + 2 * AHEAD))
    assert [slot.lasting for slot in slots[:5]] == pytest.approx([2 / AHEAD, 0, 0, 1, 0])


def test_what_stays_to_the_end_counts_for_the_frames_that_are_left() -> None:
    assert shown(new_at(2, 5))[2].lasting == pytest.approx(2 / AHEAD)
    assert shown(new_at(0, 1))[0].lasting == 0


def test_what_moves_does_not_last() -> None:
    frames = np.random.default_rng(1).integers(0, 256, (12, 32, 32, 3)).astype(np.uint8)
    assert max(slot.lasting for slot in shown(frames)) < 0.05


def test_all_is_new_in_a_scene() -> None:
    frames = new_at(0, 5 + AHEAD)
    assert shown(frames, frozenset({0, 4}))[4].lasting == pytest.approx(1)
