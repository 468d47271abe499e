"""Strong changes that are missed, against the definition written with whole planes."""

import numpy as np
import pytest

from reference import quality as reference
from ssimgif.metrics.missed import MissedReference

RNG = np.random.default_rng(8)
BEFORE, AFTER, SHOWN = RNG.integers(0, 256, (3, 37, 53), np.uint8)


def count(reference: MissedReference, shown: np.ndarray) -> tuple[int, int]:
    found = reference.score(shown)
    return found.missed, found.changes


def test_counts_are_those_of_the_definition():
    assert count(MissedReference(BEFORE, AFTER), SHOWN) == reference.missed_changes(
        BEFORE, AFTER, SHOWN
    )


def test_every_step_and_every_shown_level_is_as_defined():
    levels = np.arange(256, dtype=np.uint8)
    before, after = np.meshgrid(levels, levels)
    changes = MissedReference(before, after)
    for level in range(256):
        shown = np.full_like(before, level)
        assert count(changes, shown) == reference.missed_changes(before, after, shown)


def test_a_change_that_is_shown_is_not_missed_and_one_that_is_held_back_is():
    changes = MissedReference(BEFORE, AFTER)
    assert count(changes, AFTER) == (0, changes.places.size)
    assert count(changes, BEFORE) == (changes.places.size, changes.places.size)


@pytest.mark.parametrize(("step", "strong"), [(24, 0), (25, 1)])
def test_a_change_is_strong_above_24_levels(step, strong):
    before = np.full((5, 7), 100, np.uint8)
    after = before.copy()
    after[2, 3] += step
    assert count(MissedReference(before, after), before) == (strong, strong)


@pytest.mark.parametrize(("shown", "gone"), [(115, 0), (114, 1), (145, 0), (146, 1)])
def test_half_of_a_step_is_enough(shown, gone):
    before, after, plane = (np.full((1, 1), level, np.uint8) for level in (100, 130, shown))
    assert count(MissedReference(before, after), plane) == (gone, 1)


def test_planes_that_are_views_are_read_as_they_look():
    whole = np.stack([BEFORE, AFTER, SHOWN], axis=2)
    assert count(MissedReference(whole[..., 0], whole[..., 1]), whole[..., 2]) == count(
        MissedReference(BEFORE, AFTER), SHOWN
    )
