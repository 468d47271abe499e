"""Whichever way a frame is coded, another decoder shows what the coding says it does."""

from __future__ import annotations

import io
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageSequence
from scipy.ndimage import gaussian_filter

from ssimgif.encoder import rd_lzw
from ssimgif.encoder.frame import Coding, FrameCoder
from ssimgif.gif.writer import GifWriter
from ssimgif.host import Threads, working
from ssimgif.image.canvas import Area, Canvas, draw
from ssimgif.image.nearest import map_nearest
from ssimgif.model import U8, Disposal, Palette

HEIGHT, WIDTH = 48, 64
EVERYWHERE = Area(0, 0, WIDTH, HEIGHT)


def texture(seed: int) -> U8:
    field = gaussian_filter(np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH, 3)), (2, 2, 0))
    return np.clip(128 + 50 * field / field.std(), 0, 255).astype(np.uint8)


def palette(count: int = 15) -> Palette:
    colors = texture(1).reshape(-1, 3)[:: HEIGHT * WIDTH // count][:count]
    return Palette(np.vstack([colors, [[0, 0, 0]]]).astype(np.uint8), transparent=count)


def coder(wanted: U8, clear: np.ndarray | None = None) -> FrameCoder:
    """Return a coder of a frame upon a screen that holds another texture on the left."""
    table = palette()
    indices = map_nearest(texture(1), table)
    indices[:, WIDTH // 2 :] = table.transparent
    weights = np.full((HEIGHT, WIDTH), 0.01, np.float32)
    return FrameCoder(
        wanted=wanted,
        opaque=np.ones((HEIGHT, WIDTH), np.bool_),
        layout=rd_lzw.lay_out(wanted, weights, table),
        palette=table,
        screen=draw(Canvas.blank(WIDTH, HEIGHT), indices, table, EVERYWHERE),
        clear=clear,
        search=rd_lzw.Search(beam=8),
    )


def seen(given: FrameCoder, coding: Coding) -> tuple[U8, np.ndarray]:
    """Return what Pillow shows after the coding, drawn upon the coder's screen."""
    before = replace(
        given,
        wanted=given.screen.rgb,
        opaque=given.screen.opaque,
        screen=Canvas.blank(WIDTH, HEIGHT),
    )
    first = before.exact(map_nearest(given.screen.rgb, given.palette))
    assert first is not None
    stream = io.BytesIO()
    with GifWriter(stream, WIDTH, HEIGHT, 0) as writer:
        writer.add(first.frame(5, Disposal.NONE))
        writer.add(coding.frame(5, Disposal.NONE))
        writer.finish()
    with Image.open(stream) as image:
        last = [np.asarray(one.convert("RGBA")) for one in ImageSequence.Iterator(image)][-1]
    return last[..., :3], last[..., 3] == 255


def assert_shown(given: FrameCoder, coding: Coding) -> None:
    pixels, opaque = seen(given, coding)
    np.testing.assert_array_equal(opaque, coding.canvas.opaque)
    np.testing.assert_array_equal(pixels[opaque], coding.canvas.rgb[opaque])


@pytest.mark.parametrize("lam", [0.05, 1.0, 30.0])
def test_what_the_search_writes_is_what_it_says(lam: float) -> None:
    given = coder(texture(2))
    for coding in given.rate_distortion(lam):
        assert coding.canvas.opaque.all()
        assert_shown(given, coding)


def test_an_exact_coding_shows_the_indices_it_was_given() -> None:
    given = coder(texture(2))
    indices = map_nearest(texture(2), given.palette)
    coding = given.exact(indices)
    assert coding is not None
    np.testing.assert_array_equal(coding.canvas.rgb, given.palette.colors[indices])
    assert_shown(given, coding)


def test_dearer_errors_take_more_bytes_and_are_fewer() -> None:
    wanted = texture(2)
    codings = [coder(wanted).rate_distortion(lam)[0] for lam in (0.05, 1.0, 30.0)]
    sizes = [coding.size for coding in codings]
    errors = [np.square(one.canvas.rgb.astype(float) - wanted).mean() for one in codings]
    assert sizes[0] < sizes[1] < sizes[2]
    assert errors[0] > errors[1] > errors[2]


def test_only_what_changes_is_drawn() -> None:
    table = palette()
    wanted = table.colors[map_nearest(texture(1), table)]
    given = coder(wanted)
    changed = Area(WIDTH // 2, 0, WIDTH // 2, HEIGHT)
    exact = given.exact(map_nearest(wanted, table))
    assert exact is not None and exact.area == changed
    assert all(changed.contains(one.area) for one in given.rate_distortion(30.0))


def test_nothing_to_draw_is_a_block_of_one_pixel() -> None:
    given = coder(texture(1))
    same = replace(given, wanted=given.screen.rgb, opaque=given.screen.opaque)
    coding = same.exact(map_nearest(given.screen.rgb, given.palette))
    assert coding is not None
    assert (coding.area.width, coding.area.height) == (1, 1)
    assert_shown(same, coding)


def test_transparent_pixels_stay_transparent() -> None:
    table = palette()
    opaque = np.ones((HEIGHT, WIDTH), np.bool_)
    opaque[10:30, WIDTH // 2 + 4 : WIDTH - 6] = False
    given = replace(coder(texture(2)), opaque=opaque)
    exact = given.exact(map_nearest(texture(2), table))
    assert exact is not None
    for coding in (exact, *given.rate_distortion(3.0)):
        np.testing.assert_array_equal(coding.canvas.opaque, opaque)
        assert_shown(given, coding)


def test_the_rectangle_covers_what_its_disposal_is_to_clear() -> None:
    clear = np.zeros((HEIGHT, WIDTH), np.bool_)
    clear[2:5, 3:6] = True
    table = palette()
    given = coder(table.colors[map_nearest(texture(1), table)], clear)
    exact = given.exact(map_nearest(given.wanted, table))
    assert exact is not None
    for coding in (exact, *given.rate_distortion(3.0)):
        assert coding.area.contains(Area(3, 2, 3, 3))


def test_a_known_rectangle_is_the_only_one_tried_where_it_may_be() -> None:
    given = coder(texture(2))
    half = Area(WIDTH // 2, 0, WIDTH // 2, HEIGHT)
    (coding,) = given.rate_distortion(3.0, half)
    assert half.contains(coding.area)
    left = np.s_[:, : WIDTH // 2]
    np.testing.assert_array_equal(coding.canvas.rgb[left], given.screen.rgb[left])
    # The right half is not on screen yet: no rectangle without it may be.
    too_small = Area(WIDTH // 2, 0, WIDTH // 4, HEIGHT)
    for coding in given.rate_distortion(3.0, too_small):
        assert coding.canvas.opaque.all()


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_rectangles_searched_ahead_change_nothing(threads: int) -> None:
    """A wanted picture that differs from the screen in a patch, and a little everywhere."""
    wanted = coder(texture(2)).screen.rgb.copy()
    wanted[:, WIDTH // 2 :] = texture(3)[:, WIDTH // 2 :]
    wanted[10:22, 6:24] = texture(2)[10:22, 6:24]
    screen = Canvas(np.maximum(wanted, 3) - np.uint8(3), np.ones((HEIGHT, WIDTH), np.bool_))
    screen.rgb[10:22, 6:24] = 0
    expected = replace(coder(wanted), screen=screen).rate_distortion(3.0)
    assert len({coding.area for coding in expected} - {EVERYWHERE}) > 0
    cropped = 2 * [coding.area for coding in expected] + 2 * [Area(1, 1, 5, 5)]
    given = replace(coder(wanted), screen=screen, cropped=cropped)
    with working(Threads(threads)) if threads > 1 else nullcontext():
        found = given.rate_distortion(3.0)
    assert [(one.area, one.data) for one in found] == [(one.area, one.data) for one in expected]


def test_an_exact_coding_that_is_far_too_large_is_not_finished() -> None:
    given = coder(texture(2))
    indices = map_nearest(texture(2), given.palette)
    coding = given.exact(indices)
    assert given.finished(given.plain(indices), coding.size // 4) is None
    again = given.finished(given.plain(indices), coding.size)
    assert again is not None and again.data == coding.data


def test_the_size_of_a_coding_is_what_it_adds_to_a_file() -> None:
    given = coder(texture(2))
    (first, second) = (given.rate_distortion(lam)[0] for lam in (0.5, 5.0))
    sizes = []
    for codings in ([first], [first, second], [first, second, first]):
        stream = io.BytesIO()
        with GifWriter(stream, WIDTH, HEIGHT, 1) as writer:
            for coding in codings:
                writer.add(coding.frame(5, Disposal.NONE))
            sizes.append(writer.finish())
    assert sizes[2] - sizes[1] == first.size
    assert sizes[1] - sizes[0] == second.size
