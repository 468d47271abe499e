"""Clips of which most is transparent: small, and transparent wherever the source is."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageSequence

import ssimgif
from reference import lzw as reference
from ssimgif.gif import lzw
from ssimgif.model import U8

SIDE = 64
HIDDEN = (0, 255, 0, 0)


def hidden(picture: Image.Image) -> U8:
    """Return the pixels with a loud colour, as editors leave it, where they are transparent."""
    pixels = np.array(picture)
    pixels[pixels[..., 3] == 0] = HIDDEN
    return pixels


def spinner() -> Iterator[U8]:
    """Twelve dots in a ring, each brighter than the one before it."""
    for turn in range(12):
        picture = Image.new("RGBA", (SIDE, SIDE))
        draw = ImageDraw.Draw(picture)
        for dot in range(12):
            angle = dot * np.pi / 6
            x, y = 32 + 24 * np.sin(angle), 32 - 24 * np.cos(angle)
            level = (dot - turn) % 12
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), (30 + 15 * level, 120 + 8 * level, 220, 255))
        yield hidden(picture)


def squares() -> Iterator[U8]:
    """Four squares that go round, each a step towards the next corner."""
    corners = [(8, 8), (40, 8), (40, 40), (8, 40)]
    colors = [(220, 60, 40), (60, 160, 80), (50, 90, 220), (240, 200, 60)]
    for step in range(8):
        picture = Image.new("RGBA", (SIDE, SIDE))
        draw = ImageDraw.Draw(picture)
        for number, color in enumerate(colors):
            (x, y), (to_x, to_y) = corners[number], corners[(number + 1) % 4]
            x, y = x + (to_x - x) * step // 8, y + (to_y - y) * step // 8
            draw.rectangle((x, y, x + 15, y + 15), (*color, 255))
        yield hidden(picture)


def shaded_ball() -> Iterator[U8]:
    """A ball with smooth shading that rolls through an empty picture."""
    y, x = np.mgrid[:SIDE, :SIDE]
    for step in range(10):
        center = 12 + 4 * step
        away = np.hypot(x - center, y - 32)
        light = np.clip(255 - 9 * np.hypot(x - center + 4, y - 28), 20, 255)
        out = np.empty((SIDE, SIDE, 4), np.uint8)
        out[...] = HIDDEN
        ball = away <= 11
        out[ball] = np.stack([light, light * 0.6, light * 0.3, np.full_like(light, 255)], -1)[ball]
        yield out


def plain_size(frames: U8) -> int:
    """Return the bytes of whole frames, coded with the longest phrases and nothing left on screen.

    All have one table of the clip's colours; control, descriptor and sub-blocks are counted.
    """
    keys = frames.astype(np.int64) @ [1 << 16, 1 << 8, 1, 1 << 24]
    names, indices = np.unique(keys, return_inverse=True)
    size = max(2, int(len(names) - 1).bit_length())
    total = 13 + 3 * (1 << size) + 19 + 1
    for frame in indices.reshape(frames.shape[:3]):
        data = lzw.encode(frame.astype(np.uint8), size)
        assert reference.decode(data, size) == frame.ravel().tolist()
        total += 8 + 11 + len(data) + -(-len(data) // 255) + 1
    return total


@pytest.mark.parametrize("effort", [1, 3])
@pytest.mark.parametrize("make", [spinner, squares, shaded_ball])
def test_a_clip_with_alpha_is_smaller_than_plain_frames_and_has_no_speckles(
    make: Callable[[], Iterator[U8]], effort: int
) -> None:
    frames = np.stack(list(make()))
    clip = ssimgif.Clip.from_frames(frames, Fraction(1, 10))
    settings = ssimgif.Settings(ssim=0.98, effort=effort, no_cache=True)
    result = ssimgif.encode(clip, settings)
    assert result.report.valid, result.report.shortfalls
    assert len(result.data) < plain_size(frames)
    with Image.open(io.BytesIO(result.data)) as image:
        shown = [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(image)]
        delays = [frame.info["duration"] for frame in ImageSequence.Iterator(image)]
    assert sum(delays) == 100 * len(frames)
    starts = np.cumsum([0, *delays[:-1]])
    for at, source in enumerate(frames):
        now = shown[int(np.searchsorted(starts, 100 * at, side="right")) - 1]
        assert np.array_equal(now[..., 3], source[..., 3])


@pytest.mark.parametrize("make", [spinner, shaded_ball])
def test_the_colour_that_transparency_hides_costs_nothing(
    make: Callable[[], Iterator[U8]],
) -> None:
    sizes = []
    for color in (HIDDEN, (0, 0, 0, 0)):
        frames = np.stack(list(make()))
        frames[frames[..., 3] == 0] = color
        clip = ssimgif.Clip.from_frames(frames, Fraction(1, 10))
        settings = ssimgif.Settings(ssim=0.95, effort=1, no_cache=True)
        sizes.append(len(ssimgif.encode(clip, settings).data))
    assert sizes[0] <= 1.1 * sizes[1]
