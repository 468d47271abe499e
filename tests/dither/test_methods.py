"""Ditherers, and the blue-noise tile."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from pictures import flat, grays, ramp
from reference.diffusion import floyd_steinberg
from ssimgif.dither.methods import bayer, blue_noise, ditherers
from ssimgif.image import exact_luma
from ssimgif.image.nearest import map_nearest
from ssimgif.model import F32, U8, Palette

DITHERERS = ditherers()
DITHERING = [name for name in DITHERERS if name != "none"]


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
