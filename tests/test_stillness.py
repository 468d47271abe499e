"""What is still in the source is still in the GIF, and what moves leaves nothing behind."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import ssimgif
from ssimgif.model import U8, Bool

SIZE = (96, 160)
# Levels of a channel that something left behind would differ by, and that flicker would.
LEFT, FLICKER = 48, 12
EDITOR = ("def area(width, height):", "    side = max(width, 1)", "    return side * height")
PAPER, INK, CURSOR = (30, 32, 40), (214, 218, 226), (240, 180, 60)


def editor() -> U8:
    """Return a text in which a cursor jumps from word to word, and blinks."""
    font = ImageFont.load_default_imagefont()
    page = Image.new("RGB", SIZE[::-1], PAPER)
    draw = ImageDraw.Draw(page)
    for line, text in enumerate(EDITOR):
        draw.text((8, 10 + 18 * line), text, fill=INK, font=font)
    frames = []
    for number in range(12):
        image = page.copy()
        left, top = 8 + 12 * number, 10 + 18 * (number % 3)
        if number % 4 != 3:
            ImageDraw.Draw(image).rectangle((left, top, left + 1, top + 11), fill=CURSOR)
        frames.append(np.asarray(image))
    return np.stack(frames)


def tiled_map() -> U8:
    """Return a map of textured tiles over which a figure walks."""
    random = np.random.default_rng(5)
    tiles = random.integers(0, 3, (4, 16, 16))
    colours = np.array([[[74, 122, 60], [90, 142, 70], [60, 104, 52]]], np.uint8)[0]
    ground = colours[np.block([[tiles[(i * 7 + j * 3) % 4] for j in range(10)] for i in range(6)])]
    frames = np.repeat(ground[None], 12, axis=0)
    for number, frame in enumerate(frames):
        left = 6 + 11 * number
        frame[40:56, left : left + 10] = (206, 64, 70)
        frame[42:46, left + 2 : left + 8] = (250, 222, 190)
    return frames


def menu() -> U8:
    """Return a page over which a menu fades in and out."""
    page = editor()[3].astype(float)
    shown = page.copy()
    shown[16:72, 60:140] = (236, 238, 242)
    shown[26:30, 66:128] = shown[40:44, 66:118] = shown[54:58, 66:124] = (70, 76, 90)
    shares = [0, 0, 0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25, 0, 0]
    return np.rint([page + share * (shown - page) for share in shares]).astype(np.uint8)


def shown_by(gif: bytes, count: int) -> U8:
    """Return what is on screen at each tenth of a second, by Pillow."""
    pictures: list[U8] = []
    with Image.open(io.BytesIO(gif)) as image:
        for number in range(image.n_frames):
            image.seek(number)
            pictures += [np.asarray(image.convert("RGB"))] * round(image.info["duration"] / 100)
    assert len(pictures) == count
    return np.stack(pictures)


def still_since(frames: U8) -> Bool:
    """Return which pixels are in each frame as in the one before, bool[n - 1, h, w]."""
    return (frames[1:] == frames[:-1]).all(-1)


@pytest.mark.parametrize("draw", [editor, tiled_map, menu])
@pytest.mark.parametrize("settings", [{"effort": 2}, {"effort": 2, "quality": 60.0}])
def test_nothing_flickers_and_nothing_is_left_behind(draw, settings):
    frames = draw()
    clip = ssimgif.Clip.from_frames(frames, 0.1)
    seen = shown_by(ssimgif.encode(clip, ssimgif.Settings(**settings)).data, len(frames))
    moved = np.abs(seen[1:].astype(int) - seen[:-1]).max(-1)
    still = still_since(frames)
    assert np.mean(moved[still] > FLICKER) < 0.002
    # Where something was a frame ago and is no longer.
    left = ~still & (frames[1:] == frames[3 if draw is editor else 0]).all(-1)
    wrong = np.abs(seen[1:].astype(int) - frames[1:]).max(-1)
    assert left.any()
    assert np.mean(wrong[left] > LEFT) < 0.01
