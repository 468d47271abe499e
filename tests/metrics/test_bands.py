"""What threads work out in bands and in tiles is what one thread works out, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ssimgif.encoder.rd_lzw import lay_out
from ssimgif.host import Threads, working
from ssimgif.image import Area, Canvas, map_nearest
from ssimgif.metrics.comparison import Comparison, Source
from ssimgif.metrics.local import tiles
from ssimgif.metrics.picture import Picture
from ssimgif.metrics.reference import FrameReference
from ssimgif.model import U8, Palette
from ssimgif.target import Target


def pictures(height: int, width: int) -> tuple[U8, U8]:
    """Return a picture with smooth, rough and dark places, and one that is near to it."""
    rng = np.random.default_rng(height)
    plane = gaussian_filter(rng.normal(0, 1, (height, width, 3)), (4, 4, 0))
    plane = 110 + 60 * plane / plane.std() + rng.normal(0, 8, plane.shape) * (plane > 0)
    plane[: height // 3] /= 12
    source = np.clip(plane, 0, 255).astype(np.uint8)
    near = np.clip(source + rng.normal(0, 6, plane.shape), 0, 255).astype(np.uint8)
    return source, near


def worked_out(source: U8, near: U8, step: int) -> list[NDArray[Any]]:
    compared = Comparison(Source(Picture(source), step, True, True), Picture(near))
    local, looks, color = compared.local_errors, compared.looks_errors, compared.color_errors
    opaque = np.ones(source.shape[:2], np.bool_)
    before = np.ascontiguousarray(source[::-1, :, 0])
    reference = FrameReference(Canvas(source, opaque), Target(0.95, 0.95, 60, local=2.0), 1, before)
    reference.score(near)
    table = Palette(near.reshape(-1, 3)[::97][:200])
    prices = reference.prices
    found = [np.array([compared.ssim, local.score, looks.score]), compared.similarity]
    found += [color.bins, color.counts, local.sums, *local.scales, *looks.tiles.values(), *prices]
    found += [reference.contours_of(near), map_nearest(source, table)]
    return [*found, lay_out(source, prices[0], table, prices[1])]


@pytest.mark.parametrize("shape", [(300, 140), (281, 93), (530, 40), (65, 120), (270, 283)])
@pytest.mark.parametrize("step", [1, 4])
def test_bands_change_nothing(shape: tuple[int, int], step: int) -> None:
    given = *pictures(*shape), step
    expected = worked_out(*given)
    for count in (2, 4, 7):
        with working(Threads(count)):
            found = worked_out(*given)
        assert len(found) == len(expected)
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("area", [Area(0, 0, 1920, 1080), Area(6, 14, 283, 271), Area(2, 0, 9, 5)])
def test_tiles_are_all_of_a_rectangle_once(area: Area) -> None:
    assert tiles(area) == [area]
    for count in (2, 4, 7, 8, 16):
        with working(Threads(count)):
            found = tiles(area)
        covered = np.zeros((1100, 1930), np.int64)
        for tile in found:
            covered[tile.slices] += 1
            assert (tile.left - area.left) % 2 == (tile.top - area.top) % 2 == 0
        assert len(found) <= count
        assert covered[area.slices].all()
        assert covered.sum() == area.width * area.height


def test_large_pictures_have_a_tile_for_each_thread() -> None:
    for count in (2, 4, 8, 16):
        with working(Threads(count)):
            assert len(tiles(Area(0, 0, 1920, 1080))) == count
