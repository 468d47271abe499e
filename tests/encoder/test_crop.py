"""Rectangles are cropped to what is worth drawing, and nothing that shows is lost."""

from __future__ import annotations

import numpy as np
import pytest

from reference import crop as obvious
from ssimgif.encoder import rd_lzw as ratedistortion
from ssimgif.encoder.crop import Price, crop
from ssimgif.encoder.frame import FrameCoder
from ssimgif.encoder.rd_lzw import Search
from ssimgif.gif.lzw import decode
from ssimgif.image.canvas import Area, Canvas, dispose
from ssimgif.kernels.crop import changed_rectangle, held_errors, line_gains
from ssimgif.kernels.phrase_search import HOLD
from ssimgif.model import F32, U8, Disposal, Palette

HEIGHT, WIDTH = 40, 60
COLORS = np.array([[20, 20, 20], [240, 240, 240], [200, 40, 40], [0, 0, 0]], np.uint8)
PALETTE = Palette(COLORS, transparent=3)
SCREEN = np.full((HEIGHT, WIDTH, 3), 20, np.uint8)


def frame_coder(wanted: U8, clear: np.ndarray | None = None) -> FrameCoder:
    weights = np.full((HEIGHT, WIDTH), 0.01, np.float32)
    chroma = np.full((HEIGHT, WIDTH), 0.001, np.float32)
    return FrameCoder(
        wanted=wanted,
        opaque=np.ones((HEIGHT, WIDTH), np.bool_),
        layout=ratedistortion.lay_out(wanted, weights, PALETTE, chroma),
        palette=PALETTE,
        screen=Canvas(SCREEN, np.ones((HEIGHT, WIDTH), np.bool_)),
        clear=clear,
        search=Search(beam=8),
    )


def typed_letter() -> U8:
    """Return the screen with a small change, and faint noise far away from it."""
    wanted = SCREEN.copy()
    wanted[10:18, 5:12] = 240
    wanted[35, 55] = 22
    return wanted


def some_lines(seed: int) -> tuple[U8, F32, F32, np.ndarray]:
    rng = np.random.default_rng(seed)
    indices = rng.integers(0, 4, (9, 13)).astype(np.uint8)
    held = rng.exponential(3, (9, 13)).astype(np.float32)
    floor = (held * rng.uniform(0, 0.5, held.shape)).astype(np.float32)
    return indices, held, floor, rng.random(held.shape) < 0.02


@pytest.mark.parametrize("seed", range(5))
def test_lines_gain_what_the_slow_twin_says(seed: int) -> None:
    indices, held, floor, clear = some_lines(seed)
    rows, columns = np.zeros(9), np.zeros(13)
    line_gains(indices, 3, held, floor, clear, 2.0, 1.5, 2, 8, rows, columns)
    expected = obvious.line_gains(indices, 3, held, floor, clear, 2.0, 1.5, 2, 8)
    np.testing.assert_allclose(rows[2:8], expected[0], rtol=1e-6)
    np.testing.assert_allclose(columns, expected[1], rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_a_cropped_rectangle_loses_no_margin_that_is_worth_its_bits(seed: int) -> None:
    indices, held, floor, clear = some_lines(seed)
    area = crop(indices, 3, held, floor, clear, Price(2.0, 0.2, 4.0))
    rows, _ = obvious.line_gains(indices, 3, held, floor, clear, 2.0, 4.0, 0, 9)
    surplus = np.array(rows) - 0.2 * 13
    assert surplus[: area.top].sum() <= 0
    assert surplus[area.top + area.height :].sum() <= 0
    assert all(surplus[area.top : stop].sum() > 0 for stop in range(area.top + 1, 5))
    inside = np.zeros_like(clear)
    inside[area.slices] = True
    assert inside[clear].all()


@pytest.mark.parametrize("seed", range(5))
def test_the_changed_rectangle_is_that_of_the_slow_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    indices = np.where(rng.random((HEIGHT, WIDTH)) < 0.002, 1, 3).astype(np.uint8)
    indices[rng.random(indices.shape) < 0.5] = 0
    opaque = rng.random(indices.shape) > 0.001
    clear = rng.random(indices.shape) < 0.001
    found = np.empty(4, np.int64)
    changed_rectangle(indices, COLORS, 3, SCREEN, opaque, clear, found)
    expected = obvious.changed_rectangle(indices, COLORS, 3, SCREEN, opaque, clear)
    assert tuple(found) == expected


def test_held_errors_are_infinite_where_the_screen_may_not_stay() -> None:
    coder = frame_coder(typed_letter())
    picture = coder.problem.picture
    picture.screen[:2, HOLD] = 0, 2
    errors = np.empty(len(picture.source), np.float32)
    held_errors(picture, errors)
    assert errors[0] == np.inf
    assert errors[1] == 0
    inside = errors.reshape(coder.area.height, coder.area.width)
    expected = 0.01 * (240 - 20) ** 2
    assert inside[11 - coder.area.top, 6 - coder.area.left] == pytest.approx(expected, rel=1e-4)


def test_a_small_change_is_coded_in_a_small_rectangle() -> None:
    coder = frame_coder(typed_letter())
    assert coder.area.width * coder.area.height > 1000
    for coding in coder.rate_distortion(1.0):
        assert coding.area == Area(5, 10, 7, 8)
        shown = coding.canvas.rgb
        assert (shown[10:18, 5:12] == 240).all()
        assert (np.delete(shown, range(10, 18), 0) == 20).all()


def test_the_codes_decode_to_the_canvas() -> None:
    coder = frame_coder(typed_letter())
    for lam in (0.01, 1.0, 50.0):
        for coding in coder.rate_distortion(lam):
            area = coding.area
            indices = decode(coding.data, coding.minimum_code_size, area.width * area.height)
            indices = indices.reshape(area.height, area.width)
            expected = SCREEN.copy()
            drawn = indices != PALETTE.transparent
            expected[area.slices][drawn] = COLORS[indices[drawn]]
            np.testing.assert_array_equal(coding.canvas.rgb, expected)


def test_what_the_disposal_clears_stays_inside() -> None:
    clear = np.zeros((HEIGHT, WIDTH), np.bool_)
    clear[30, 50] = True
    coder = frame_coder(typed_letter(), clear)
    for coding in coder.rate_distortion(1.0):
        canvas = dispose(coder.screen, coding.canvas, Disposal.BACKGROUND, coding.area)
        assert not canvas.opaque[clear].any()


def test_a_frame_like_the_screen_takes_one_pixel() -> None:
    coder = frame_coder(SCREEN.copy())
    assert {(c.area.width, c.area.height) for c in coder.rate_distortion(1.0)} == {(1, 1)}
