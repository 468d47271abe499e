"""Palettes: their sizes, their colours, and the mapping onto them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st
from PIL import Image

from reference.oklab import distances, oklab
from ssimgif.image.color import oklab_from_rgb
from ssimgif.image.histogram import ColorSet, bins_of
from ssimgif.image.nearest import NearestColors
from ssimgif.model import F32, U8, Palette
from ssimgif.palette.quantizer import (
    MOST_PRUNED,
    Histogram,
    candidate_palettes,
    exact_palette,
    map_nearest,
    merge,
    prune,
)


def picture(seed: int = 1, height: int = 60, width: int = 80) -> U8:
    """Return a gradient with soft coloured blobs and some noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([x * 200 / width, y * 180 / height, 255 - (x + y) * 1.2], axis=2)
    for _ in range(6):
        cy, cx = rng.integers(0, height), rng.integers(0, width)
        blob = np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / 120)[..., None]
        rgb = rgb * (1 - blob) + rng.integers(0, 256, 3) * blob
    return np.clip(rgb + rng.normal(0, 3, rgb.shape), 0, 255).astype(np.uint8)


def ones(rgb: U8) -> F32:
    return np.ones(rgb.shape[:2], np.float32)


def random_palette(seed: int, size: int, transparent: int | None = None) -> Palette:
    rng = np.random.default_rng(seed)
    return Palette(rng.integers(0, 256, (size, 3)).astype(np.uint8), transparent)


def error(rgb: U8, palette: Palette) -> float:
    """Return the mean squared OKLab distance to the nearest colours."""
    return float((distances(rgb, palette.colors).min(axis=-1) ** 2).mean())


def test_oklab_is_that_of_its_author() -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (500, 3)).astype(np.uint8)
    assert np.allclose(oklab_from_rgb(rgb), oklab(rgb), atol=2e-6)
    # The table in https://bottosson.github.io/posts/oklab/ maps D65 white to (1, 0, 0).
    assert np.allclose(oklab_from_rgb(np.array([255, 255, 255], np.uint8)), (1, 0, 0), atol=1e-4)


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


def test_few_colours_are_met_exactly_and_many_closely() -> None:
    dark = np.random.default_rng(10).integers(0, 24, (80, 90, 3)).astype(np.uint8)
    means, weights = bins_of([dark, dark], [ones(dark)] * 2)
    whole, counts = np.unique(dark.reshape(-1, 3), axis=0, return_counts=True)
    order = np.lexsort(means.T[::-1])
    assert np.array_equal(means[order], whole)
    assert np.array_equal(weights[order], 2 * counts)
    noise = np.random.default_rng(11).integers(0, 256, (300, 300, 3)).astype(np.uint8)
    means, weights = bins_of([noise], [ones(noise)])
    assert 1000 < len(means) <= 12_000
    assert weights.sum() == noise[..., 0].size
    assert np.allclose(np.average(means, axis=0, weights=weights), noise.mean(axis=(0, 1)))
