"""Ditherers, the blue-noise tile, and where to dither."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from reference.diffusion import floyd_steinberg
from ssimgif.dither.methods import bayer, blue_noise, ditherers
from ssimgif.dither.strength import TILE, auto_strength, strength_map
from ssimgif.image import exact_luma
from ssimgif.image.nearest import map_nearest
from ssimgif.model import F32, U8, Palette

DITHERERS = ditherers()
DITHERING = [name for name in DITHERERS if name != "none"]


def grays(*levels: int, transparent: int | None = None) -> Palette:
    return Palette(np.repeat(np.array(levels, np.uint8)[:, None], 3, axis=1), transparent)


def flat(level: float, height: int = 64, width: int = 64) -> U8:
    return np.full((height, width, 3), level, np.uint8)


def ramp(low: float, high: float, height: int = 96, width: int = 192) -> U8:
    """Return a smooth gradient of gray from left to right."""
    row = np.rint(np.linspace(low, high, width)).astype(np.uint8)
    return np.repeat(np.tile(row, (height, 1))[..., None], 3, axis=2)


def strength(pixels: U8, value: float = 1.0) -> F32:
    return np.full(pixels.shape[:2], value, np.float32)


def test_the_core_names_its_ditherers() -> None:
    assert list(DITHERERS) == ["none", "bluenoise", "ordered", "floyd-steinberg", "jarvis"]


@pytest.mark.parametrize("tile", [blue_noise(), bayer()])
def test_thresholds_are_uniform(tile: F32) -> None:
    expected = (np.arange(tile.size) + 0.5) / tile.size
    assert np.allclose(np.sort(tile.ravel()), expected, atol=1e-6)


def test_blue_noise_has_little_power_at_low_frequencies() -> None:
    power = np.abs(np.fft.fft2(blue_noise() - 0.5)) ** 2
    along = np.fft.fftfreq(64) * 64
    radius = np.hypot(along[:, None], along[None])
    low = power[(radius > 0) & (radius <= 10)].mean()
    high = power[(radius >= 22) & (radius <= 32)].mean()
    assert low < 0.02 * high
    white = np.random.default_rng(1).permutation(blue_noise().ravel()).reshape(64, 64)
    power = np.abs(np.fft.fft2(white - 0.5)) ** 2
    assert power[(radius > 0) & (radius <= 10)].mean() > 0.2 * high


@pytest.mark.parametrize("name", DITHERERS)
def test_no_strength_is_the_nearest_colour(name: str) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    palette = Palette(np.random.default_rng(3).integers(0, 256, (17, 3)).astype(np.uint8))
    indices = DITHERERS[name](pixels, palette, strength(pixels, 0.0))
    assert indices.dtype == np.uint8
    assert np.array_equal(indices, map_nearest(pixels, palette))


@pytest.mark.parametrize("name", DITHERERS)
def test_colours_of_the_palette_stay_as_they_are(name: str) -> None:
    palette = Palette(np.random.default_rng(5).integers(0, 256, (31, 3)).astype(np.uint8))
    indices = np.random.default_rng(6).integers(0, 31, (25, 35))
    pixels = palette.colors[indices]
    dithered = DITHERERS[name](pixels, palette, strength(pixels))
    assert np.array_equal(palette.colors[dithered], pixels)


@pytest.mark.parametrize("name", DITHERERS)
@pytest.mark.parametrize("transparent", [0, 2])
def test_the_transparent_index_is_never_used(name: str, transparent: int) -> None:
    palette = grays(60, 100, 110, 200, transparent=transparent)
    pixels = ramp(50, 220)
    indices = DITHERERS[name](pixels, palette, strength(pixels))
    assert (indices != transparent).all()
    alone = DITHERERS[name](pixels, grays(60, 100, transparent=1), strength(pixels))
    assert (alone == 0).all()


@pytest.mark.parametrize("name", DITHERING)
@pytest.mark.parametrize("level", [105, 118, 130])
def test_a_flat_area_keeps_its_mean(name: str, level: int) -> None:
    palette = grays(20, 100, 140, 230)
    pixels = flat(level)
    shown = palette.colors[DITHERERS[name](pixels, palette, strength(pixels))]
    assert len(np.unique(shown)) == 2
    assert shown.mean() == pytest.approx(level, abs=1.5)
    nearest = palette.colors[map_nearest(pixels, palette)]
    assert abs(nearest.mean() - level) > 4


@pytest.mark.parametrize("name", DITHERING)
def test_a_coloured_area_keeps_its_mean_colour(name: str) -> None:
    palette = Palette(np.array([[200, 90, 90], [120, 160, 90], [20, 20, 20]], np.uint8))
    pixels = np.tile(np.array([[[168, 118, 90]]], np.uint8), (64, 64, 1))
    shown = palette.colors[DITHERERS[name](pixels, palette, strength(pixels))]
    assert np.abs(shown.mean(axis=(0, 1)) - pixels[0, 0]).max() < 6


@pytest.mark.parametrize("name", DITHERING)
def test_dithering_hides_the_contours_of_a_gradient(name: str) -> None:
    palette, pixels = grays(60, 80, 100, 120, 140), ramp(62, 138)
    blurred = {
        key: gaussian_filter(exact_luma(palette.colors[DITHERERS[key](pixels, palette, full)]), 2.5)
        for key in ("none", name)
        for full in [strength(pixels)]
    }
    source = gaussian_filter(exact_luma(pixels), 2.5)
    inside = (slice(8, -8), slice(8, -8))
    errors = {k: float(np.abs(b - source)[inside].mean()) for k, b in blurred.items()}
    assert errors[name] < 0.4 * errors["none"]


@pytest.mark.parametrize("name", ["bluenoise", "ordered"])
def test_threshold_patterns_stay_in_place(name: str) -> None:
    palette, pixels = grays(60, 100, 140), ramp(62, 138)
    changed = pixels.copy()
    changed[:, 100:] = 60
    before = DITHERERS[name](pixels, palette, strength(pixels))
    after = DITHERERS[name](changed, palette, strength(pixels))
    assert np.array_equal(before[:, :100], after[:, :100])


def test_half_the_strength_mixes_less() -> None:
    palette, pixels = grays(100, 140), flat(112)
    shares = [
        float((DITHERERS["bluenoise"](pixels, palette, strength(pixels, s)) == 1).mean())
        for s in (0.0, 0.5, 1.0)
    ]
    assert shares[0] == 0.0
    assert shares[0] < shares[1] < shares[2]


def test_floyd_steinberg_is_the_textbooks() -> None:
    levels = np.arange(0, 256, 15)
    pixels = np.clip(ramp(40, 210, 24, 48) + np.arange(24)[:, None, None], 0, 255)
    pixels = pixels.astype(np.uint8)
    palette = grays(*levels.tolist())
    ours = DITHERERS["floyd-steinberg"](pixels, palette, strength(pixels))
    theirs = floyd_steinberg(pixels[..., 0].astype(float), levels.astype(float))
    # OKLab sees the middle between two grays a little off that of sRGB, so a few pixels differ.
    assert (ours == theirs).mean() > 0.8
    assert np.abs(gaussian_filter(15.0 * ours, 2) - gaussian_filter(15.0 * theirs, 2)).max() < 4


@pytest.mark.parametrize("name", DITHERERS)
def test_small_and_odd_pictures(name: str) -> None:
    for shape in ((1, 1), (1, 5), (7, 1), (3, 2)):
        pixels = flat(77, *shape)
        indices = DITHERERS[name](pixels, grays(0, 255), strength(pixels))
        assert indices.shape == shape


def test_a_strength_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        DITHERERS["bluenoise"](flat(1), grays(0, 255), np.ones((3, 3), np.float32))


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
