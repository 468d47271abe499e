"""The mapping onto the nearest colours of a palette."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st

from pictures import picture, random_palette
from reference.oklab import distances
from ssimgif.image.nearest import NearestColors, map_nearest
from ssimgif.model import Palette


@pytest.mark.parametrize("size", [1, 2, 3, 16, 100, 255, 256])
def test_mapping_finds_the_nearest_colour(size: int) -> None:
    rgb, palette = picture(), random_palette(size, size)
    every = distances(rgb, palette.colors)
    chosen = np.take_along_axis(every, map_nearest(rgb, palette)[..., None].astype(int), -1)
    assert (chosen[..., 0] - every.min(axis=-1)).max() < 0.002


def test_mapping_is_exact_near_black_and_among_many_close_colours() -> None:
    levels = np.arange(256)
    gray = Palette(np.repeat(levels[:, None], 3, axis=1).astype(np.uint8))
    ramp = np.repeat(levels[None, :, None], 3, axis=2).astype(np.uint8)
    assert np.array_equal(map_nearest(ramp, gray)[0], levels)
    close = np.stack(np.meshgrid(np.arange(8), np.arange(8), np.arange(4)), -1).reshape(-1, 3)
    crowded = Palette((close + np.array([96, 96, 96])).astype(np.uint8))
    assert np.array_equal(map_nearest(crowded.colors[None], crowded)[0], levels)


@given(st.integers(2, 256), st.integers(0, 2**32 - 1))
@checks(max_examples=30, deadline=None)
def test_the_transparent_index_is_never_used(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    palette = random_palette(seed, size, transparent=int(rng.integers(size)))
    rgb = rng.integers(0, 256, (8, 9, 3)).astype(np.uint8)
    rgb[0, 0] = palette.colors[palette.transparent]
    assert (map_nearest(rgb, palette) != palette.transparent).all()


def test_a_palette_of_nothing_but_transparency_is_refused() -> None:
    with pytest.raises(ValueError, match="no colour that can be shown"):
        NearestColors(random_palette(1, 1, transparent=0))
