"""The search climbs to the best size and frame rate with few trials."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import log

import pytest

from ssimgif.fitting.candidate import Shape, Tried
from ssimgif.fitting.size_search import SizeSearch

SIZES = [(round(400 * 2 ** (-i / 4)), round(300 * 2 ** (-i / 4))) for i in range(10)]
TOP = 60.0


class Hill:
    """Looks best at a width; without all frames, by so much worse or better."""

    def __init__(self, best: int, slower: float = -10.0, full_from: int = 0) -> None:
        self.best, self.slower, self.full_from = best, slower, full_from
        self.guesses: list[float] = []

    def of(self, shape: Shape, guess: float) -> Tried:
        self.guesses.append(guess)
        seen = 50 - 30 * abs(log(shape.width / self.best))
        seen += 0.0 if shape.fps is None else self.slower
        full = shape.width <= self.full_from
        return Tried(shape, TOP if full else guess, 1000.0, seen, TOP, full)


def searched(hill: Hill, then: Callable[[SizeSearch], object] | None = None) -> SizeSearch:
    search = SizeSearch(hill, SIZES, TOP, lambda done: None)
    search.whole()
    search.climb()
    if then is not None:
        then(search)
    return search


@pytest.mark.parametrize("place", range(len(SIZES)))
def test_the_top_is_found_wherever_it_is(place: int) -> None:
    search = searched(Hill(SIZES[place][0]))
    assert search.best.shape == Shape(*SIZES[place], None)
    assert len(search.tried) <= 3 + place
    shapes = [one.shape for one in search.tried]
    assert len(set(shapes)) == len(shapes)


def test_nothing_smaller_is_tried_than_what_fits_with_all_that_is_asked() -> None:
    search = searched(Hill(250, full_from=210))
    assert min(one.shape.width for one in search.tried) in (200, 210, 238, 168)
    assert sum(one.full for one in search.tried) <= 2


def test_a_lower_rate_is_chosen_where_it_looks_better() -> None:
    fps = Fraction(5)
    search = searched(Hill(283, slower=8.0), lambda search: search.slower(fps))
    assert search.best.shape == Shape(283, 212, fps)
    search = searched(Hill(283, slower=-8.0), lambda search: search.slower(fps))
    assert search.best.shape == Shape(283, 212, None)


def test_smaller_pictures_are_tried_at_a_higher_quality() -> None:
    hill = Hill(100)
    search = searched(hill)
    below = [one for one in search.tried[1:] if one.shape.width < 300]
    pairs = sorted((one.shape.width, one.quality) for one in below)
    assert [quality for _, quality in pairs] == sorted((q for _, q in pairs), reverse=True)
