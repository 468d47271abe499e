"""Deltas, disposal and transparency: what Pillow shows must be the pictures that were meant."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import animation
from ssimgif.gif import delta, disposal, reader
from ssimgif.gif.writer import GifWriter
from ssimgif.image.canvas import Area, Canvas, draw
from ssimgif.model import Disposal, Palette

COLORS = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [9, 99, 199]], np.uint8)


def picture(indices):
    """Return RGBA of indices into COLORS; -1 is transparent."""
    indices = np.asarray(indices)
    pixels = np.zeros((*indices.shape, 4), np.uint8)
    pixels[..., :3] = COLORS[indices]
    pixels[..., 3] = np.where(indices < 0, 0, 255)
    pixels[indices < 0] = 0
    return pixels


def round_trip(pictures):
    frames, _ = animation.encode(pictures)
    stream = io.BytesIO()
    with GifWriter(stream, *pictures[0].shape[1::-1]) as writer:
        for frame in frames:
            writer.add(frame)
        writer.finish()
    stream.seek(0)
    return frames, [pixels for pixels, _ in reader.read(stream)]


def assert_shown(pictures):
    frames, shown = round_trip(pictures)
    assert len(shown) == len(pictures)
    for wanted, got in zip(pictures, shown, strict=True):
        np.testing.assert_array_equal(got[..., 3], wanted[..., 3])
        np.testing.assert_array_equal(got[got[..., 3] > 0], wanted[wanted[..., 3] > 0])
    return frames


def sprite(at, background=-1, size=40):
    indices = np.full((size, size), background)
    indices[at : at + 8, at + 2 : at + 12] = 1
    indices[at + 2 : at + 6, at + 4 : at + 8] = 2
    indices[at + 3, at + 5] = background
    return picture(indices)


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 12), st.integers(1, 12))
@settings(deadline=None, max_examples=150)
def test_random_pictures_with_transparency(seed, count, height, width):
    rng = np.random.default_rng(seed)
    indices = rng.integers(-1, len(COLORS), (height, width))
    pictures = []
    for _ in range(count):
        changes = rng.random((height, width)) < rng.random()
        fresh = rng.integers(-1 if rng.random() < 0.7 else 0, len(COLORS), (height, width))
        indices = np.where(changes, fresh, indices)
        if pictures and rng.random() < 0.3:
            pictures.append(pictures[rng.integers(len(pictures))])
        else:
            pictures.append(picture(indices))
    assert_shown(pictures)


def test_a_sprite_over_a_transparent_background_is_cleared_behind():
    frames = assert_shown([sprite(at) for at in (0, 3, 9, 20, 28)])
    assert {f.disposal for f in frames[:-1]} == {Disposal.BACKGROUND}
    assert max(f.width * f.height for f in frames) <= 17 * 17


def test_a_sprite_over_an_opaque_background_needs_no_disposal():
    frames = assert_shown([sprite(at, background=3) for at in (0, 3, 9, 20, 28)])
    assert {f.disposal for f in frames} == {Disposal.NONE}


def test_a_sprite_that_comes_and_goes_over_a_cut_out_picture_restores_what_was_there():
    base = np.full((40, 40), -1)
    base[5:35, 5:35] = np.arange(900).reshape(30, 30) % 3
    with_sprite = base.copy()
    with_sprite[0:20, 10:30] = 3
    frames = assert_shown([picture(base), picture(with_sprite), picture(base)])
    assert [f.disposal for f in frames] == [Disposal.NONE, Disposal.PREVIOUS, Disposal.NONE]
    assert (frames[2].width, frames[2].height) == (1, 1)


def test_a_flash_restores_the_picture_before_it():
    scene = np.arange(3600).reshape(60, 60) % 4
    frames = assert_shown([picture(scene), picture(np.full_like(scene, 1)), picture(scene)])
    assert [f.disposal for f in frames] == [Disposal.NONE, Disposal.PREVIOUS, Disposal.NONE]


def test_everything_vanishes_and_returns():
    nothing = picture(np.full((9, 9), -1))
    full = picture(np.ones((9, 9), np.int64))
    assert_shown([nothing, full, nothing, nothing, full, full])


def test_pixels_left_alone_are_held_and_the_rectangle_is_tight():
    before = picture(np.zeros((20, 30), np.int64))
    after = before.copy()
    after[4, 7] = after[9, 20] = [255, 0, 0, 255]
    palette = Palette(COLORS, transparent=3)
    indices = (after[..., 0] > 0).astype(np.uint8)
    patch = delta.patch(Canvas.of(before), indices, palette)
    assert patch.area == Area(7, 4, 14, 6)
    assert (~patch.held).sum() == 2
    assert (patch.filled(3) == 3).sum() == 14 * 6 - 2
    shown = draw(Canvas.of(before), patch.filled(3), palette, patch.area)
    np.testing.assert_array_equal(shown.rgb, after[..., :3])
    assert delta.patch(Canvas.of(after), indices, palette) is None


def test_without_a_transparent_entry_nothing_is_held():
    canvas = Canvas.of(picture(np.zeros((5, 5), np.int64)))
    indices = np.eye(5, dtype=np.uint8)
    assert not delta.patch(canvas, indices, Palette(COLORS)).held.any()


def test_drawing_transparency_over_opaque_pixels_is_refused():
    canvas = Canvas.of(picture(np.zeros((5, 5), np.int64)))
    with pytest.raises(ValueError, match="transparency"):
        delta.patch(canvas, np.full((5, 5), 3, np.uint8), Palette(COLORS, transparent=3))


def test_small_differences_do_not_count_when_told_so():
    still = picture(np.zeros((60, 60), np.int64))
    grainy = still.copy()
    grainy[..., 0] += 5
    flash = picture(np.ones((60, 60), np.int64))
    noisy, bright, scene = (Canvas.of(pixels) for pixels in (grainy, flash, still))
    assert disposal.choose(noisy, bright, scene, 8) is Disposal.PREVIOUS
    assert disposal.choose(noisy, bright, scene, 0) is Disposal.NONE
