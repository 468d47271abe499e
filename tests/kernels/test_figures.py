"""The kernels behind a clip's figures against their twins."""

from __future__ import annotations

import numpy as np
import pytest

from reference import figures as twin
from ssimgif.kernels.figures import block_means, count_colors
from ssimgif.model import U8

EDGES = [-40, -18, -6, 6, 18, 40]
SIZES = [(1, 1), (7, 40), (33, 50)]


def noise(height: int, width: int) -> U8:
    rng = np.random.default_rng(height * width)
    return rng.integers(0, 256, (height, width, 4)).astype(np.uint8)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("factor", [1, 2, 3])
def test_block_means(size: tuple[int, int], factor: int) -> None:
    pixels = noise(*size)
    light = noise(*size)[..., 0][::-1].copy()
    out = np.empty((size[0] // factor, size[1] // factor), np.uint8)
    block_means(light, pixels, factor, out)
    np.testing.assert_array_equal(out, twin.block_means(light, pixels, factor))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [1, 2, 5])
def test_counts_of_colours(size: tuple[int, int], step: int) -> None:
    pixels = noise(*size)
    pixels[::3, ::2, 1:3] = pixels[::3, ::2, :1]
    chroma, light = np.zeros((7, 7), np.int64), np.zeros(16, np.int64)
    count_colors(pixels, step, np.digitize(np.arange(256) - 128, EDGES), chroma, light)
    expected = twin.count_colors(pixels, step, EDGES)
    assert (chroma.tolist(), light.tolist()) == expected
    assert light.sum() == -(-size[0] // step) * -(-size[1] // step)


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)])
def test_saturated_colours_stay_inside_the_bins(color: tuple[int, int, int]) -> None:
    pixels = np.full((2, 3, 4), (*color, 255), np.uint8)
    chroma, light = np.zeros((7, 7), np.int64), np.zeros(16, np.int64)
    count_colors(pixels, 1, np.digitize(np.arange(256) - 128, EDGES), chroma, light)
    assert (chroma.tolist(), light.tolist()) == twin.count_colors(pixels, 1, EDGES)
