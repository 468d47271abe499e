"""Where searches of an earlier pass ended is told to those of the next, in the same order."""

from __future__ import annotations

import numpy as np

from ssimgif.image.canvas import Area, Canvas
from ssimgif.metrics.reference import FrameReference
from ssimgif.model import Palette
from ssimgif.ratecontrol.stats import Hint, PassStats
from ssimgif.target import Target

REFERENCE = FrameReference(Canvas.blank(16, 16), Target(0.9, 0.9, 0.0))


def hint(x: float) -> Hint:
    return Hint(x, 0.1, Area(0, 0, 4, 4))


def test_a_first_pass_has_no_hints_and_takes_notes() -> None:
    stats = PassStats()
    assert stats.next(3) is None
    stats.note(3, hint(1.0))
    assert stats.next(3) is None
    assert stats.notes == {3: [hint(1.0)]}


def test_the_searches_of_a_frame_get_their_hints_in_order() -> None:
    first = PassStats()
    for frame, x in ((0, 1.0), (1, 2.0), (1, 3.0)):
        first.note(frame, hint(x))
    second = PassStats(hints=first.notes)
    assert second.next(1) == second.next(1) == hint(2.0)
    second.note(1, hint(2.5))
    assert second.next(1) == hint(3.0)
    second.note(1, hint(3.5))
    assert second.next(1) is None
    assert second.next(0) == hint(1.0)
    assert second.next(7) is None


def test_palettes_of_single_frames_are_made_once() -> None:
    made: list[tuple[str, int | None]] = []

    def make(reference: FrameReference, strategy: str, size: int | None = None) -> Palette:
        made.append((strategy, size))
        return Palette(np.full((size or 16, 3), len(made), np.uint8))

    first = PassStats()
    palettes = [
        first.own_palette(make, frame)(REFERENCE, "kmeans", size)
        for frame, size in ((0, None), (0, 8), (1, 8))
    ]
    assert made == [("kmeans", None), ("kmeans", 8), ("kmeans", 8)]
    second = PassStats(palettes=first.made)
    again = [
        second.own_palette(make, frame)(REFERENCE, "kmeans", size)
        for frame, size in ((0, None), (0, 8), (1, 8))
    ]
    assert len(made) == 3
    assert all(a is b for a, b in zip(palettes, again, strict=True))
    second.own_palette(make, 2)(REFERENCE, "kmeans")
    assert len(made) == 4 and second.made.keys() == {(0, None), (0, 8), (1, 8), (2, None)}
