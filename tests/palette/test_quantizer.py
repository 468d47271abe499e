"""Palettes: their sizes and their colours."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pictures import ones, picture, random_palette
from reference.oklab import distances
from ssimgif.image.histogram import ColorSet
from ssimgif.model import U8, Palette
from ssimgif.palette.quantizer import (
    MOST_PRUNED,
    Histogram,
    candidate_palettes,
    exact_palette,
    map_nearest,
    merge,
    prune,
)


def error(rgb: U8, palette: Palette) -> float:
    """Return the mean squared OKLab distance to the nearest colours."""
    return float((distances(rgb, palette.colors).min(axis=-1) ** 2).mean())


@pytest.mark.parametrize("size", [2, 3, 7, 16, 64, 129, 255])
def test_candidates_keep_to_the_size(size: int) -> None:
    rgb = picture()
    found = candidate_palettes([rgb, rgb[:, ::-1]], [ones(rgb)] * 2, size)
    pruned = {"pruned"} if size <= MOST_PRUNED else set()
    assert set(found) == {"kmeans", "faithful"} | pruned
    for palette in found.values():
        assert len(palette.colors) <= size
        assert palette.transparent is None
    assert len(found["kmeans"].colors) == size


def test_candidates_of_a_picture_of_few_colours_are_exact() -> None:
    rgb = random_palette(4, 20).colors[np.random.default_rng(1).integers(0, 20, (30, 40))]
    found = candidate_palettes([rgb], [ones(rgb)], 20)
    assert list(found) == ["exact"]
    assert np.array_equal(found["exact"].colors[map_nearest(rgb, found["exact"])], rgb)
    assert "exact" not in candidate_palettes([rgb], [ones(rgb)], 19)


def test_palettes_are_the_same_every_time() -> None:
    rgb = picture(5)
    first, second = (candidate_palettes([rgb], [ones(rgb)], 40) for _ in range(2))
    for name in first:
        assert np.array_equal(first[name].colors, second[name].colors)


@pytest.mark.parametrize("size", [8, 32, 128])
def test_kmeans_is_closer_than_median_cut(size: int) -> None:
    rgb = picture(2, 120, 160)
    table = Image.fromarray(rgb).quantize(size, Image.Quantize.MEDIANCUT).getpalette()
    assert table is not None
    cut = Palette(np.array(table[: 3 * size], np.uint8).reshape(-1, 3))
    ours = Histogram.of([rgb], [ones(rgb)]).palette(size)
    assert error(rgb, ours) < 0.8 * error(rgb, cut)


def test_weights_draw_colours_to_where_they_are_great() -> None:
    rgb = picture(6)
    left = ones(rgb) * 1e-4
    left[:, :40] = 1.0
    heeding = Histogram.of([rgb], [left]).palette(12)
    blind = Histogram.of([rgb], [ones(rgb)]).palette(12)
    assert error(rgb[:, :40], heeding) < 0.8 * error(rgb[:, :40], blind)


def test_pixels_of_no_weight_do_not_count() -> None:
    rgb = picture(7)
    rgb[:, :40] = 10, 200, 30
    weights = ones(rgb)
    weights[:, :40] = 0.0
    palette = Histogram.of([rgb], [weights]).palette(16)
    assert distances(np.array([10, 200, 30], np.uint8), palette.colors).min() > 0.02


@pytest.mark.parametrize("extreme", [0, 255])
def test_rare_shadows_and_highlights_keep_an_entry(extreme: int) -> None:
    rgb = np.clip(picture(8, 120, 160), 80, 170)
    rgb[5:8, 5:8] = extreme
    palette = Histogram.of([rgb], [ones(rgb)]).palette(16)
    assert len(palette.colors) <= 16
    assert np.abs(palette.colors.astype(int) - extreme).max(axis=1).min() <= 6


def test_merging_keeps_both_palettes_where_they_fit() -> None:
    first, second = random_palette(1, 60), random_palette(2, 70, transparent=3)
    whole = merge(first, second, 256)
    expected = {*map(tuple, first.colors), *map(tuple, np.delete(second.colors, 3, axis=0))}
    assert {*map(tuple, whole.colors)} == expected
    small = merge(first, second, 40)
    assert len(small.colors) == 40
    assert error(first.colors[None], small) < error(first.colors[None], second)


def test_pruning_keeps_the_colours_that_are_missed_most() -> None:
    far = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8)
    palette = Palette(np.vstack([far, far[1:3] - [[8, 0, 0], [0, 8, 0]], [[9, 9, 9]]]).astype("u1"))
    counts = np.array([5, 9, 9, 9, 9, 1, 2, 8])
    kept = prune(palette, counts, 5).colors
    assert np.array_equal(kept, palette.colors[[1, 2, 3, 4, 7]])
    rare = prune(palette, np.array([50, 50, 1, 50, 50, 1, 0, 50]), 6).colors
    assert [0, 255, 0] in rare.tolist()


def test_pruning_drops_the_transparent_index_first() -> None:
    palette = random_palette(3, 10, transparent=2)
    every = prune(palette, np.arange(10), 10)
    assert np.array_equal(every.colors, np.delete(palette.colors, 2, axis=0))
    assert every.transparent is None


def test_colours_are_counted_up_to_the_capacity() -> None:
    rgb = np.random.default_rng(9).integers(0, 4, (50, 50, 3)).astype(np.uint8)
    colors = ColorSet(100)
    for row in rgb:
        colors.add(row)
    assert {*map(tuple, colors.colors())} == {*map(tuple, rgb.reshape(-1, 3))}
    few = ColorSet(10)
    few.add(rgb)
    assert len(few) == 10
    assert exact_palette([rgb], 63) is None
    assert exact_palette([rgb], 64) is not None


def test_frames_without_a_pixel_that_counts_are_refused() -> None:
    rgb = picture()
    with pytest.raises(ValueError, match="no pixels"):
        Histogram.of([rgb], [ones(rgb) * 0])
    with pytest.raises(ValueError, match="do not fit"):
        Histogram.of([rgb], [ones(rgb)[1:]])
