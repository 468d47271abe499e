"""Where to dither, and how strongly."""

from __future__ import annotations

import numpy as np
import pytest

from pictures import flat, grays, ramp
from ssimgif.dither.strength import TILE, auto_strength, strength_map
from ssimgif.image.nearest import map_nearest


def test_strength_follows_residual_and_motion() -> None:
    ssim = np.ones((128, 160), np.float32)
    assert strength_map(ssim).max() == 0.0
    assert strength_map(ssim, minimum=0.2).min() == pytest.approx(0.2)
    ssim[:, 64:] = 0.9
    found = strength_map(ssim, scale=4.0)
    assert found.shape == ssim.shape
    assert found[:, 120:].min() == pytest.approx(0.4, abs=1e-5)
    assert found[:, :40].max() == 0.0
    assert (np.diff(found[10]) >= -1e-6).all()
    assert np.abs(np.diff(found[10])).max() < 0.4 / TILE + 1e-4
    assert strength_map(ssim, scale=4.0, maximum=0.3).max() == pytest.approx(0.3)
    moving = strength_map(ssim, 10.0, scale=4.0, motion_scale=0.02)
    assert moving[:, 120:].min() == pytest.approx(0.6, abs=1e-5)


def test_a_single_odd_tile_is_smoothed_away() -> None:
    ssim = np.ones((160, 160), np.float32)
    ssim[64:96, 64:96] = 0.5
    assert strength_map(ssim).max() == 0.0
    assert strength_map(1.5 - ssim, scale=1.0).min() == pytest.approx(0.5)


def test_auto_dithers_a_gradient_with_false_contours() -> None:
    source = ramp(90, 140)
    found = auto_strength(
        source,
        grays(90, 100, 110, 120, 130, 140).colors[
            map_nearest(source, grays(90, 100, 110, 120, 130, 140))
        ],
    )
    assert found.shape == source.shape[:2]
    assert (found > 0.9).mean() > 0.9


def test_auto_leaves_everything_else_alone() -> None:
    source = ramp(90, 140)
    assert auto_strength(source, source).max() == 0.0
    texture = np.random.default_rng(4).integers(80, 160, (96, 96, 1)).astype(np.uint8)
    texture = np.repeat(texture, 3, axis=2)
    coarse = (texture // 20 * 20).astype(np.uint8)
    assert auto_strength(texture, coarse).max() == 0.0
    edges = np.where(np.arange(96)[None, :, None] // 16 % 2 == 0, flat(60, 96, 96), 180)
    assert auto_strength(edges.astype(np.uint8), edges.astype(np.uint8) + 5).max() == 0.0


def test_auto_keeps_to_the_tiles_that_need_it() -> None:
    source = np.hstack([ramp(90, 140), flat(60, 96, 192)])
    palette = grays(60, 90, 100, 110, 120, 130, 140)
    found = auto_strength(source, palette.colors[map_nearest(source, palette)])
    assert found[:, :150].mean() > 0.9
    assert found[:, 192 + 2 * TILE :].max() == 0.0
