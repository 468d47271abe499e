"""Y Cb Cr planes, and the least error that a palette leaves, against slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ssimgif.encoder.rd_lzw import lay_out, to_ycc
from ssimgif.kernels.phrase_search import FLOOR
from ssimgif.model import Palette


def test_planes_are_those_of_jpeg() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    theirs = np.asarray(Image.fromarray(rgb).convert("YCbCr"), np.float32)
    ours = to_ycc(rgb).reshape(3, 20, 30)
    assert np.abs(ours[0] - theirs[..., 0]).max() <= 1
    assert np.abs(ours[1] + 128 - theirs[..., 1]).max() <= 1.5
    assert np.abs(ours[2] + 128 - theirs[..., 2]).max() <= 1.5


@pytest.mark.parametrize("colors", [5, 40])
@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (8, 8), (13, 50)])
@pytest.mark.parametrize("transparent", [None, 2])
def test_the_least_error_is_that_of_the_best_colour(
    shape: tuple[int, int], transparent: int | None, colors: int
) -> None:
    rng = np.random.default_rng(shape[1])
    # Dark beside light, and textures beside flat places: groups of colours differ in use.
    rgb = np.sort(rng.integers(0, 256, (*shape, 3)).astype(np.uint8), axis=1)
    palette = Palette(rng.integers(0, 256, (colors, 3)).astype(np.uint8), transparent)
    luma, chroma = rng.random((2, *shape)).astype(np.float32)
    planes, table = to_ycc(rgb).astype(np.float64), to_ycc(palette.colors).astype(np.float64)
    apart = (planes[:, :, None] - table[:, None]) ** 2
    errors = luma.reshape(-1, 1) * apart[0] + chroma.reshape(-1, 1) * (apart[1] + apart[2])
    if transparent is not None:
        errors[:, transparent] = np.inf
    found = lay_out(rgb, luma, palette, chroma)[..., FLOOR]
    np.testing.assert_allclose(found.ravel(), errors.min(axis=1), rtol=1e-5)
