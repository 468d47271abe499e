"""GIFnets' loops against slow twins."""

from __future__ import annotations

import numpy as np
import pytest

from reference import networks
from ssimgif_gifnets.color_bins import MOST_BINS, color_bins
from ssimgif_gifnets.kernels.attention import gather, nearest_other, weigh_colors
from ssimgif_gifnets.kernels.convolution import TILE, add_enlarged
from ssimgif_gifnets.kernels.histogram import BITS, add_pixels
from ssimgif_gifnets.planes import Convolution, Mixing
from ssimgif_gifnets.projection import Colors

RANDOM = np.random.default_rng(11)


def padded(planes: np.ndarray) -> np.ndarray:
    return np.pad(planes, ((0, 0), (1, 1), (1, 1)))


def normal(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("rectify", [False, True])
@pytest.mark.parametrize(
    ("channels", "planes", "height", "width"),
    [(1, 1, 1, 1), (3, 5, 7, 9), (8, 16, 6, 10), (2, 3, 2, 1), (2, 4, 3, TILE + 5)],
)
def test_convolution_is_the_plain_one(
    channels: int, planes: int, height: int, width: int, step: int, rectify: bool
) -> None:
    source, weight, bias = (
        normal(channels, height, width),
        normal(planes, channels, 3, 3),
        normal(planes),
    )
    layer = Convolution.of({"a.weight": weight, "a.bias": bias}, "a", step, rectify)
    found = layer(padded(source))
    wanted = networks.convolution(source, weight, bias, step)
    if rectify:
        wanted = np.maximum(wanted, 0)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, 1:-1, 1:-1], wanted, rtol=1e-4, atol=1e-5)
    found[:, 1:-1, 1:-1] = 0
    assert not found.any(), "the ring must stay 0"


@pytest.mark.parametrize("rectify", [False, True])
def test_mixing_is_a_product_of_matrices(rectify: bool) -> None:
    source, weight, bias = normal(7, 3, TILE), normal(5, 7), normal(5)
    found = Mixing.of({"a.weight": weight, "a.bias": bias}, "a", rectify)(source)
    wanted = np.tensordot(weight, source, 1) + bias[:, None, None]
    if rectify:
        wanted = np.maximum(wanted, 0)
    assert found.shape == (5, 3, TILE)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_enlarging_repeats_each_pixel() -> None:
    small, large = normal(2, 3, 4), padded(normal(2, 6, 8))
    wanted = large[:, 1:-1, 1:-1] + small.repeat(2, axis=1).repeat(2, axis=2)
    add_enlarged(padded(small), large)
    np.testing.assert_array_equal(large[:, 1:-1, 1:-1], wanted)
    assert not large[:, 0].any() and not large[:, :, -1].any()


@pytest.mark.parametrize("count", [1, 2, 3, 16, 255])
def test_projection_finds_a_nearest_colour(count: int) -> None:
    palette = RANDOM.integers(0, 256, (count, 3), np.uint8)
    wanted = RANDOM.uniform(-40, 300, (17, 23, 3)).astype(np.float32)
    found = palette[Colors.of(palette).nearest(wanted)].astype(np.float64)
    best = palette[networks.nearest_rows(wanted, palette)]
    np.testing.assert_allclose(
        np.square(found - wanted).sum(axis=2), np.square(best - wanted).sum(axis=2), rtol=1e-5
    )


def test_an_unused_colour_is_never_found_and_spaces_nothing() -> None:
    palette = np.array([[10, 10, 10], [12, 10, 10], [90, 10, 10]], np.uint8)
    colors = Colors.of(palette, unused=1)
    assert 1 not in colors.nearest(np.full((1, 1, 3), [12, 10, 10], np.float32))
    assert colors.spacing.tolist() == [80, 80]
    assert Colors.of(palette[:1]).spacing.tolist() == [0]


def test_pixels_are_counted_by_bins() -> None:
    pixels = RANDOM.integers(0, 40, (500, 3), np.uint8)
    weights = RANDOM.integers(0, 3, 500).astype(np.float32)
    sums, found = np.zeros((1 << (3 * BITS), 4)), np.empty(1 << (3 * BITS), np.int64)
    count = add_pixels(pixels, weights, sums, found)
    keys, wanted = networks.bins(pixels, weights, BITS)
    assert sorted(found[:count].tolist()) == keys
    np.testing.assert_allclose(sums[keys], wanted)


def test_color_bins_are_shares_of_mean_colours() -> None:
    pixels = RANDOM.integers(0, 256, (90, 90, 3), np.uint8)
    rgb, shares = color_bins(pixels)
    assert rgb.dtype == shares.dtype == np.float32
    assert len(rgb) == len(shares) <= MOST_BINS
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    few = np.array([[[1, 2, 3], [1, 2, 3], [200, 100, 0]]], np.uint8)
    rgb, shares = color_bins(few, np.array([[1, 2, 1]], np.float32))
    assert rgb.tolist() == [[1, 2, 3], [200, 100, 0]]
    assert shares.tolist() == [0.75, 0.25]


def test_pixels_without_weight_are_left_out_unless_none_has_any() -> None:
    pixels = np.array([[[1, 2, 3], [200, 100, 0]]], np.uint8)
    assert len(color_bins(pixels, np.array([[0, 1]], np.float32))[0]) == 1
    assert len(color_bins(pixels, np.zeros((1, 2), np.float32))[0]) == 2
    with pytest.raises(ValueError, match="no pixels"):
        color_bins(pixels[:, :0])


def test_attention_is_the_plain_one() -> None:
    bins, palette = normal(40, 3) * 3, normal(6, 3) * 3
    palette[-1] = 100  # too far for any bin to be its own
    shares, sharpness, bias = np.abs(normal(40)), np.abs(normal(6)), normal(6)
    weighed, least = np.empty((40, 6), np.float32), np.empty(40, np.float32)
    nearest = np.empty(40, np.int32)
    planes = np.ascontiguousarray(bins.T)
    weigh_colors(planes, np.ascontiguousarray(palette.T), sharpness, bias, weighed, least, nearest)
    sums = np.empty((3, 5, 6), np.float32)
    gather(np.exp(weighed), planes, shares, least, nearest, *sums)
    wanted = networks.attention(bins, shares, palette, sharpness, bias)
    np.testing.assert_allclose(sums, wanted, rtol=1e-3, atol=1e-3)


def test_the_nearest_other_colour() -> None:
    palette = np.array([[0, 3, 0], [0, 4, 1], [0, 0, 0]], np.float32)
    apart = np.empty(3, np.float32)
    nearest_other(palette, apart)
    assert apart.tolist() == [1, 18, 1]
