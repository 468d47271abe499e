"""Alpha to one bit: onto a background, or with an edge without a halo."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ssimgif.kernels.matte import nearest_known
from ssimgif.model import U8, Clip
from ssimgif.sources.alpha import AREAS_NOTE, composited, matte, softened

RED, GREEN = (200, 30, 20), (0, 255, 0)


def disc(size: int = 41, radius: float = 14) -> U8:
    """Return a red disc with a soft edge; green, as coders leave it, where alpha is low."""
    y, x = np.mgrid[0:size, 0:size] - size // 2
    alpha = ((radius - np.hypot(y, x)) / 4 + 0.5).clip(0, 1)
    out = np.zeros((size, size, 4), np.uint8)
    out[..., :3] = np.rint(alpha[..., None] * RED + (1 - alpha[..., None]) * np.array(GREEN))
    out[..., 3] = np.rint(255 * alpha)
    return out


def one(pixels: U8) -> Clip:
    return Clip.from_frames(pixels[None], Fraction(1, 10))


def test_a_clip_without_alpha_is_left_alone() -> None:
    clip = one(np.zeros((4, 4, 3), np.uint8))
    assert matte(clip, None, 3.0) is clip
    assert matte(clip, (1, 2, 3), 0.0) is clip


def test_alpha_becomes_one_bit_at_the_half() -> None:
    pixels = disc()
    clip = matte(one(pixels), None)
    out = next(clip.frames()).pixels
    assert clip.has_alpha
    assert np.array_equal(out[..., 3], np.where(pixels[..., 3] >= 128, 255, 0))
    assert (out[out[..., 3] == 0] == 0).all()


def test_the_edge_shows_no_halo() -> None:
    pixels = disc()
    out = next(matte(one(pixels), None).frames()).pixels
    edge = (pixels[..., 3] >= 128) & (pixels[..., 3] < 255)
    before = np.abs(pixels[edge, :3].astype(int) - RED).mean()
    after = np.abs(out[edge, :3].astype(int) - RED).mean()
    assert edge.sum() > 50
    assert after < before / 2
    inside = pixels[..., 3] == 255
    assert np.array_equal(out[inside], pixels[inside])


@pytest.mark.parametrize("alpha", [130, 180, 230])
def test_a_translucent_area_keeps_its_colour_as_on_white(alpha: int) -> None:
    pixels = np.zeros((30, 40, 4), np.uint8)
    pixels[..., 3] = alpha
    pixels[..., :3] = GREEN
    pixels[8:20, 8:20] = *RED, 255
    clip = one(pixels)
    out = next(matte(clip, None).frames()).pixels
    assert np.array_equal(out, composited(pixels, (255, 255, 255)))
    assert list(clip.notes) == [AREAS_NOTE]


def test_what_looks_translucent_and_is_an_edge_is_cut_without_a_note() -> None:
    clip = one(disc())
    next(matte(clip, None).frames())
    assert not list(clip.notes)


def test_an_area_beside_transparency_keeps_its_colour() -> None:
    pixels = np.zeros((30, 40, 4), np.uint8)
    pixels[5:25, 5:35] = *RED, 160
    out = next(matte(one(pixels), None).frames()).pixels
    assert np.array_equal(out[..., 3] == 255, pixels[..., 3] == 160)
    assert np.array_equal(out[6:24, 6:34], composited(pixels, (255, 255, 255))[6:24, 6:34])


def test_a_ramp_is_an_area_where_it_is_wide() -> None:
    pixels = np.zeros((20, 256, 4), np.uint8)
    pixels[..., :3] = RED
    pixels[..., 3] = np.arange(256)
    out = next(matte(one(pixels), None).frames()).pixels
    assert np.array_equal(out[:, 140:236], composited(pixels, (255, 255, 255))[:, 140:236])
    assert not out[:, :128].any()


def test_a_hairline_keeps_its_colour_far_from_anything_opaque() -> None:
    pixels = np.zeros((20, 60, 4), np.uint8)
    pixels[10, 30:] = *GREEN, 200
    pixels[:, :4] = *RED, 255
    out = next(matte(one(pixels), None).frames()).pixels
    assert (out[10, 31:] == (*GREEN, 255)).all()


def test_feather_does_not_bring_white_to_an_edge() -> None:
    pixels = np.zeros((40, 80, 4), np.uint8)
    pixels[:, :40] = *RED, 255
    out = next(matte(one(pixels), None, 12.0).frames()).pixels
    assert (out[out[..., 3] == 255] == (*RED, 255)).all()


def test_a_background_makes_it_opaque() -> None:
    pixels = disc()
    clip = matte(one(pixels), (10, 20, 250))
    out = next(clip.frames()).pixels
    assert not clip.has_alpha
    assert (out[..., 3] == 255).all()
    share = pixels[..., 3:] / 255
    expected = pixels[..., :3] * share + np.array((10, 20, 250)) * (1 - share)
    assert np.abs(out[..., :3] - expected).max() <= 0.5 + 1e-9


def test_compositing_ends_are_exact() -> None:
    pixels = np.array([[[1, 2, 3, 0], [1, 2, 3, 255]]], np.uint8)
    assert composited(pixels, (9, 8, 7)).tolist() == [[[9, 8, 7, 255], [1, 2, 3, 255]]]


@pytest.mark.parametrize("feather", [2.0, 6.0])
def test_feather_softens_a_hard_edge_over_about_its_width(feather: float) -> None:
    pixels = np.zeros((20, 60, 4), np.uint8)
    pixels[:, :30] = *RED, 255
    alpha = softened(pixels, feather)[10, :, 3]
    assert (np.diff(alpha.astype(int)) <= 0).all()
    soft = ((alpha > 25) & (alpha < 230)).sum()
    assert feather / 2 <= soft <= 2 * feather + 1
    assert (alpha[0], alpha[-1]) == (255, 0)


def test_feather_brings_out_no_hidden_colour() -> None:
    pixels = np.zeros((20, 60, 4), np.uint8)
    pixels[:] = *GREEN, 0
    pixels[:, :30] = *RED, 255
    out = next(matte(one(pixels), (0, 0, 0), 4.0).frames()).pixels
    assert out[..., 1].max() <= RED[1]


@pytest.mark.parametrize("seed", range(4))
def test_nearest_known_pixels_are_about_the_nearest(seed: int) -> None:
    known = np.random.default_rng(seed).random((17, 23)) < 0.04
    known[3, 5] = True
    rows = np.empty(known.shape, np.int32)
    columns = np.empty(known.shape, np.int32)
    nearest_known(known, rows, columns)
    assert known[rows, columns].all()
    seeds = np.argwhere(known)
    for y, x in np.ndindex(known.shape):
        best = np.hypot(*(seeds - (y, x)).T).min()
        assert np.hypot(rows[y, x] - y, columns[y, x] - x) <= best + 0.8


def test_nothing_known_gives_nothing() -> None:
    rows = np.empty((3, 4), np.int32)
    columns = np.empty((3, 4), np.int32)
    nearest_known(np.zeros((3, 4), bool), rows, columns)
    assert (rows == -1).all()
