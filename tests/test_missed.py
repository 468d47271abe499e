"""Strong changes that are missed, against the definition written with whole planes."""

import numpy as np
import pytest

from reference import quality as reference
from ssimgif.quality.missed import MissedReference, missed_share

RNG = np.random.default_rng(8)
BEFORE, AFTER, SHOWN = RNG.integers(0, 256, (3, 37, 53), np.uint8)


def test_counts_are_those_of_the_definition():
    assert MissedReference(BEFORE, AFTER).count(SHOWN) == reference.missed_changes(
        BEFORE, AFTER, SHOWN
    )


def test_every_step_and_every_shown_level_is_as_defined():
    levels = np.arange(256, dtype=np.uint8)
    before, after = np.meshgrid(levels, levels)
    changes = MissedReference(before, after)
    for level in range(256):
        shown = np.full_like(before, level)
        assert changes.count(shown) == reference.missed_changes(before, after, shown)


def test_a_change_that_is_shown_is_not_missed_and_one_that_is_held_back_is():
    changes = MissedReference(BEFORE, AFTER)
    assert changes.count(AFTER) == (0, changes.strong)
    assert changes.count(BEFORE) == (changes.strong, changes.strong)


@pytest.mark.parametrize(("step", "strong"), [(24, 0), (25, 1)])
def test_a_change_is_strong_above_24_levels(step, strong):
    before = np.full((5, 7), 100, np.uint8)
    after = before.copy()
    after[2, 3] += step
    assert MissedReference(before, after).count(before) == (strong, strong)


@pytest.mark.parametrize(("shown", "gone"), [(115, 0), (114, 1), (145, 0), (146, 1)])
def test_half_of_a_step_is_enough(shown, gone):
    before, after, plane = (np.full((1, 1), level, np.uint8) for level in (100, 130, shown))
    assert MissedReference(before, after).count(plane) == (gone, 1)


def test_planes_that_are_views_are_read_as_they_look():
    whole = np.stack([BEFORE, AFTER, SHOWN], axis=2)
    assert MissedReference(whole[..., 0], whole[..., 1]).count(whole[..., 2]) == MissedReference(
        BEFORE, AFTER
    ).count(SHOWN)


def test_the_share_is_of_all_changes_of_a_clip():
    assert missed_share([(1, 10), (0, 0), (5, 30)]) == pytest.approx(6 / 40)
    assert missed_share([(0, 0)]) == missed_share([]) == 0


def test_another_size_or_kind_is_refused():
    with pytest.raises(ValueError, match="luma must be"):
        MissedReference(BEFORE[:-1], AFTER)
    with pytest.raises(ValueError, match="luma must be"):
        MissedReference(BEFORE, AFTER).count(SHOWN[:, :-1])
    with pytest.raises(ValueError, match="luma must be"):
        MissedReference(BEFORE.astype(float), AFTER.astype(float))
