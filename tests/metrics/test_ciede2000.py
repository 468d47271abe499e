"""The colour difference, against published pairs and scikit-image."""

import numpy as np
import pytest
from skimage import data
from skimage.color import deltaE_ciede2000

from conftest import ROOT
from reference import quality as reference
from ssimgif.kernels import ciede2000
from ssimgif.metrics.ciede2000 import (
    BINS,
    BINS_PER_UNIT,
    ColorReference,
    histogram_mean,
    histogram_percentile,
)

PUBLISHED = np.loadtxt(ROOT / "tests/reference" / "ciede2000_pairs.txt")
PHOTO = data.astronaut()[::2, ::2]
RNG = np.random.default_rng(2)


def difference(ours, theirs):
    """CIEDE2000 of Lab colours f32[n, 3]."""
    ours, theirs = (np.ascontiguousarray(lab.T[None], np.float32) for lab in (ours, theirs))
    out = np.empty((1, ours.shape[2]), np.float32)
    ciede2000.difference_map(ours, theirs, ciede2000.rotation_table(2049), out)
    return out[0]


def test_published_pairs():
    """Of Sharma, Wu and Dalal: the table is rounded to 4 digits, the kernel is float32."""
    found = difference(PUBLISHED[:, :3], PUBLISHED[:, 3:6])
    np.testing.assert_allclose(found, PUBLISHED[:, 6], atol=2e-4)


def test_published_pairs_the_other_way_round():
    found = difference(PUBLISHED[:, 3:6], PUBLISHED[:, :3])
    np.testing.assert_allclose(found, PUBLISHED[:, 6], atol=2e-4)


@pytest.mark.parametrize("spread", [0.1, 3.0, 30.0])
def test_random_colors_agree_with_scikit_image(spread):
    ours = (RNG.uniform(-1, 1, (20_000, 3)) * [50, 90, 90] + [50, 0, 0]).astype(np.float32)
    theirs = (ours + RNG.normal(size=ours.shape) * spread).astype(np.float32)
    expected = deltaE_ciede2000(ours.astype(float), theirs.astype(float))
    np.testing.assert_allclose(difference(ours, theirs), expected, atol=1e-3)


@pytest.mark.parametrize(
    "picture",
    [PHOTO // 8 * 8 + 4, np.roll(PHOTO, 9, axis=0), np.zeros_like(PHOTO)],
    ids=["posterised", "shifted", "black"],
)
def test_pictures_agree_with_scikit_image(picture):
    found = ColorReference(PHOTO).difference(picture)
    np.testing.assert_allclose(found, reference.color_difference(PHOTO, picture), atol=1e-3)


@pytest.mark.parametrize(
    "picture",
    [PHOTO // 64 * 64 + 32, 255 - PHOTO, np.repeat(PHOTO[..., 1:2], 3, axis=2)],
    ids=["coarse", "negative", "gray"],
)
def test_opposite_hues_agree_but_where_the_formula_jumps(picture):
    """CIEDE2000 jumps at hues 180 degrees apart: float32 may be on the other side."""
    error = abs(
        ColorReference(PHOTO).difference(picture) - reference.color_difference(PHOTO, picture)
    )
    assert np.mean(error > 1e-3) < 0.05
    assert error.mean() < 1e-3


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 1), (3, 65)])
def test_pictures_of_any_size(shape):
    source, picture = RNG.integers(0, 256, (2, *shape, 3), np.uint8)
    found = ColorReference(source).difference(picture)
    np.testing.assert_allclose(found, reference.color_difference(source, picture), atol=1e-3)


def test_dithering_counts_for_the_color_it_makes():
    gray = np.full((32, 32, 3), 128, np.uint8)
    y, x = np.mgrid[:32, :32]
    board = np.where((y + x) % 2, 165, 70).astype(np.uint8)[..., None].repeat(3, 2)
    flat = np.full_like(gray, 140)
    inside = slice(2, -2)
    dithered = ColorReference(gray).difference(board)[inside, inside]
    assert dithered.mean() < ColorReference(gray).difference(flat).mean() / 2


def test_histogram_pools_to_mean_and_percentile():
    pictures = [PHOTO // step * step for step in (4, 16, 40)]
    color = ColorReference(PHOTO)
    counts = sum(color.histogram(picture) for picture in pictures)
    every = np.concatenate([color.difference(picture).ravel() for picture in pictures])
    assert counts.shape == (BINS,)
    assert counts.dtype == np.int64
    assert histogram_mean(counts) == pytest.approx(every.mean(), abs=0.002)
    assert histogram_percentile(counts, 95) == pytest.approx(np.percentile(every, 95), abs=0.02)


def test_histogram_of_an_equal_picture_is_all_zero_difference():
    counts = ColorReference(PHOTO).histogram(PHOTO)
    assert counts[0] == PHOTO.shape[0] * PHOTO.shape[1]
    assert histogram_mean(counts) == histogram_percentile(counts, 95) == 0


@pytest.mark.parametrize("step", [2, 3, 7])
def test_histogram_of_some_rows(step):
    picture = PHOTO // 32 * 32
    rows = ColorReference(PHOTO).difference(picture)[::step]
    bins = np.floor(rows * BINS_PER_UNIT + 0.5).astype(int)
    some = ColorReference(PHOTO, step)
    counts = some.histogram(picture)
    np.testing.assert_array_equal(some.difference(picture), rows)
    assert counts.sum() == rows.size
    assert abs(counts - np.bincount(bins.ravel(), minlength=BINS)).sum() <= rows.size // 1000


def test_figures_of_nothing_are_zero():
    nothing = np.zeros(BINS, np.int64)
    assert histogram_mean(nothing) == histogram_percentile(nothing, 95) == 0


def test_another_size_is_refused():
    with pytest.raises(ValueError, match="a picture must be"):
        ColorReference(PHOTO).difference(PHOTO[:-1])
