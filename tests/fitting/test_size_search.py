"""The search climbs to the best size and frame rate with few trials."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import log

import pytest

from ssimgif.fitting.candidate import Shape, Tried
from ssimgif.fitting.size_search import WIDTH_POWER, SizeSearch
from ssimgif.ratecontrol import usual_quality

SIZES = [(round(400 * 2 ** (-i / 4)), round(300 * 2 ** (-i / 4))) for i in range(10)]
TOP = 60.0


class Hill:
    """Looks best at a width; without all frames, by so much worse or better.

    From ``full_from`` on down all that is asked for fits. An attempt is near to the limit where its
    quality is near to what fits, which falls from the width ``fitting`` on.
    """

    def __init__(
        self, best: int, slower: float = -10.0, full_from: float = 0, fitting: int | None = None
    ) -> None:
        self.best, self.slower, self.full_from, self.fitting = best, slower, full_from, fitting
        self.tried: list[Shape] = []
        self.guesses: list[float] = []

    def of(self, shape: Shape, guess: float) -> Tried:
        self.tried.append(shape)
        self.guesses.append(guess)
        seen = 50 - 30 * abs(log(shape.width / self.best))
        seen += 0.0 if shape.fps is None else self.slower
        if shape.width <= self.full_from:
            room = WIDTH_POWER * log(self.full_from / shape.width)
            return Tried(shape, TOP, 1000.0, seen, TOP, True, room)
        fits = guess
        if self.fitting is not None:
            fits = usual_quality(50.0, WIDTH_POWER * log(self.fitting / shape.width), TOP)
        far = abs(fits - guess) > 10
        return Tried(shape, fits, 1000.0, seen, TOP, False, 0.0, far)


def searched(hill: Hill, then: Callable[[SizeSearch], object] | None = None) -> SizeSearch:
    search = SizeSearch(hill, SIZES, TOP, lambda done: None)
    assert not search.all_fits()
    search.climb()
    if then is not None:
        then(search)
    return search


@pytest.mark.parametrize("place", range(len(SIZES)))
def test_the_top_is_found_wherever_it_is(place: int) -> None:
    hill = Hill(SIZES[place][0])
    search = searched(hill)
    assert search.best.shape == Shape(*SIZES[place], None)
    assert len(hill.tried) <= 4 + abs(place - 4)
    assert len(set(hill.tried)) == len(hill.tried)


@pytest.mark.parametrize("place", range(1, len(SIZES)))
def test_few_sizes_are_tried_where_the_usual_quality_is_best(place: int) -> None:
    hill = Hill(SIZES[place][0], fitting=SIZES[place][0])
    assert searched(hill).best.shape == Shape(*SIZES[place], None)
    assert len(set(hill.tried)) <= 5


def test_what_fits_with_all_that_is_asked_for_is_not_searched() -> None:
    hill = Hill(400, full_from=400)
    assert SizeSearch(hill, SIZES, TOP, lambda done: None).all_fits()
    assert [shape.width for shape in hill.tried] == [200, 400]


def test_the_full_size_is_not_tried_where_it_cannot_fit() -> None:
    search = searched(Hill(100, fitting=100))
    assert search.whole is None
    assert max(one.shape.width for one in search.tried) < 250


def test_an_attempt_far_off_the_limit_is_made_again_and_never_chosen() -> None:
    hill = Hill(141, fitting=141)
    search = searched(hill)
    assert any(one.far for one in search.tried)
    assert not search.best.far


def test_nothing_smaller_is_tried_than_what_fits_with_all_that_is_asked() -> None:
    search = searched(Hill(250, full_from=210))
    assert min(one.shape.width for one in search.tried) == 200
    assert sum(one.full for one in search.tried) == 1


def test_a_lower_rate_is_chosen_where_it_looks_better() -> None:
    fps = Fraction(5)
    search = searched(Hill(283, slower=8.0), lambda search: search.slower(fps))
    assert search.best.shape == Shape(283, 212, fps)
    search = searched(Hill(283, slower=-8.0), lambda search: search.slower(fps))
    assert search.best.shape == Shape(283, 212, None)


def test_smaller_pictures_are_tried_at_a_higher_quality() -> None:
    search = searched(Hill(100))
    below = [one for one in search.tried if one.shape.width < 300]
    pairs = sorted((one.shape.width, one.quality) for one in below)
    assert [quality for _, quality in pairs] == sorted((q for _, q in pairs), reverse=True)
