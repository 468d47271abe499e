"""The banding metric sees false contours, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ssimgif_gifnets.arrays import U8
from ssimgif_gifnets.banding_metric import GAIN, VISIBLE_STEP, banding_score
from ssimgif_gifnets.training.quantizers import floyd_steinberg, median_cut, nearest


def grey(plane: np.ndarray[Any, Any]) -> U8:
    return np.repeat(plane[..., None], 3, axis=2).astype(np.uint8)


def halves(first: int, second: int) -> U8:
    plane = np.full((64, 64), first)
    plane[:, 32:] = second
    return grey(plane)


def test_banding_score_of_one_edge_is_the_formulas() -> None:
    visible = 64 * (1 - np.exp(-8 / VISIBLE_STEP))
    expected = 1 - np.exp(-GAIN * visible / 64**2)
    assert banding_score(halves(100, 108)) == pytest.approx(expected, rel=1e-6)
    assert banding_score(halves(108, 100).swapaxes(0, 1)) == pytest.approx(expected, rel=1e-6)


def test_flat_areas_texture_true_edges_and_short_edges_are_no_banding() -> None:
    assert banding_score(halves(90, 90)) == 0
    assert banding_score(halves(60, 160)) == 0
    checks = np.indices((64, 64)).sum(0) % 2
    assert banding_score(grey(100 + 8 * checks)) == 0
    patch = np.full((64, 64), 100)
    patch[20:22, 20:40] = 108
    assert banding_score(grey(patch)) == 0
    small = np.full((64, 64), 100)
    small[20:22, 20:22] = 108
    assert banding_score(grey(small)) == 0


def test_more_bands_score_higher_and_dither_lower() -> None:
    ramp = 80 + np.arange(256) / 4
    smooth = grey(np.tile(ramp, (256, 1)))
    scores = [banding_score(grey(np.tile(ramp // step * step, (256, 1)))) for step in (16, 8)]
    assert 0 < scores[0] < scores[1] < 1
    palette = median_cut(smooth, 6)
    plain = banding_score(palette[nearest(smooth, palette)])
    assert banding_score(palette[floyd_steinberg(smooth, palette)]) < plain / 2
