"""What the README's table and the gallery make of measured GIFs, and the clips that they draw."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from conftest import write_animation
from drawings import DRAWINGS, RATE, write_clip
from gallery import Entry, best_within, table, versions
from referees import Scores, frames_at
from ssimgif import open_clip

OURS = Entry("sea", "ssimgif 0.1.0", "", 500, 0.0, Scores(0.95, 70.0, 1.5))
PEER = Entry("sea", "gifski 1.7 + gifsicle 1.96", "quality=80", 1000, 0.0, Scores(0.96, 71.0, 1.4))


def test_another_gif_is_as_good_where_no_referee_likes_it_less() -> None:
    assert PEER.as_good_as(OURS)
    for worse in (Scores(0.948, 71, 1.4), Scores(0.96, 69, 1.4), Scores(0.96, 71, 1.6)):
        assert not replace(PEER, scores=worse).as_good_as(OURS)
    assert not replace(PEER, drift=0.06).as_good_as(OURS)


def test_the_table_has_the_smallest_gif_that_is_as_good() -> None:
    bad = replace(PEER, bytes=400, scores=Scores(0.9, 30, 5))
    best = replace(PEER, bytes=625, options="quality=60")
    fine = replace(OURS, options="--quality 90", scores=Scores(0.99, 90, 0.5))
    row, row_fine = table([OURS, fine, PEER, bad, best]).splitlines()[2:]
    assert row.startswith("| sea | (default) | 500 | 0.950 | 70.0 | 1.50 |")
    assert row.endswith("| gifski + gifsicle quality=60 | 625 | 0.80 |")
    assert row_fine.endswith("| none |  |  |")
    assert versions([OURS, PEER, bad]) == "ssimgif 0.1.0, gifski 1.7, gifsicle 1.96"


def test_the_picture_has_the_best_within_our_bytes_or_else_the_smallest() -> None:
    low = replace(PEER, bytes=300, scores=Scores(0.9, 20, 5))
    better = replace(PEER, bytes=450, scores=Scores(0.9, 40, 4))
    assert best_within([PEER, low, better], 500) is better
    assert best_within([PEER, low], 200) is low


def test_the_referees_see_what_is_on_screen_at_a_moment(tmp_path: Path) -> None:
    levels = np.array([20, 80, 140, 200], np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (4, 16, 16, 3))
    gif = write_animation(tmp_path / "levels.gif", frames)
    moments = [Fraction(5, 100), Fraction(25, 100), Fraction(9)]
    assert [int(frame.mean()) for frame in frames_at(gif, moments)] == [20, 140, 200]


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawn_clip_is_read_as_it_was_drawn(name: str, tmp_path: Path) -> None:
    frames = DRAWINGS[name]()
    assert np.array_equal(frames, DRAWINGS[name]())
    write_clip(tmp_path / "clip.nut", frames)
    read = list(open_clip(str(tmp_path / "clip.nut")).frames())
    assert np.array_equal([frame.pixels[..., :3] for frame in read], frames)
    assert {frame.duration for frame in read} == {1 / RATE}
