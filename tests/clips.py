"""Small clips that are the same on every machine: drawn without fonts of the system."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import ssimgif
from ssimgif import Clip
from ssimgif.model import U8

DATA = Path(__file__).parent / "data"

TERMINAL = (
    ("$ make test", (80, 250, 123)),
    ("  CC  canvas.c", (248, 248, 242)),
    ("  CC  palette.c", (248, 248, 242)),
    ("warning: unused 'i'", (255, 184, 108)),
    ("  LD  encoder", (248, 248, 242)),
    ("12 passed in 0.31s", (139, 233, 253)),
    ("$ ", (80, 250, 123)),
)
SPRITE = np.array(
    [
        [[0, 0, 0], [34, 32, 52], [217, 160, 102], [172, 50, 50]],
        [[91, 110, 225], [251, 242, 54], [143, 86, 59], [238, 195, 154]],
    ],
    np.uint8,
).reshape(8, 3)


def bunny(count: int = 10) -> Clip:
    """Return a part of a rendered film, 160x96, where fur and grass move."""
    clip = ssimgif.open_clip(DATA / "bunny.avif", {})
    frames = [frame.pixels[80:176, 160:320, :3] for frame in islice(clip.frames(), count)]
    return Clip.from_frames(np.stack(frames), Fraction(1, 15), name="bunny")


def terminal(count: int = 24) -> Clip:
    """Return text that is typed on a dark screen, and scrolls once, 160x112."""
    font = ImageFont.load_default_imagefont()
    written = sum(len(text) for text, _ in TERMINAL)
    frames = []
    for number in range(count):
        image = Image.new("RGB", (160, 112), (40, 42, 54))
        draw = ImageDraw.Draw(image)
        left, top = written * (number + 1) // count, 4 if number < count - 6 else -12
        for text, colour in TERMINAL:
            draw.text((6, top), text[: max(left, 0)], fill=colour, font=font)
            left, top = left - len(text), top + 14
        frames.append(np.asarray(image))
    return Clip.from_frames(np.stack(frames), Fraction(1, 10), name="terminal")


def sprite(step: int) -> U8:
    """Return one of eight steps of a walking figure, 48x48 with alpha."""
    art, bob = np.zeros((24, 24), np.intp), (0, 1, 1, 0)[step % 4]
    leg = (0, 1, 2, 1, 0, -1, -2, -1)[step % 8]
    art[3 + bob : 10 + bob, 8:16] = 2
    art[3 + bob : 5 + bob, 8:16] = 6
    art[6 + bob, [10, 13]] = 1
    art[10 + bob : 17 + bob, 7:17] = 3
    art[12 + bob, 7:17] = 5
    art[17 + bob : 22, 9 + leg : 11 + leg] = 4
    art[17 + bob : 22, 13 - leg : 15 - leg] = 4
    opaque = np.where(art > 0, 255, 0)[..., None]
    return np.kron(np.dstack([SPRITE[art], opaque]), np.ones((2, 2, 1))).astype(np.uint8)


def pixel_art(count: int = 24) -> Clip:
    """Return a figure that walks over a meadow, 160x96."""
    meadow = np.empty((96, 160, 3), np.uint8)
    meadow[:] = 99, 155, 255
    meadow[70:] = 106, 190, 48
    meadow[70:74] = 55, 148, 110
    meadow[80::6, ::8] = 55, 148, 110
    frames = np.repeat(meadow[None], count, axis=0)
    for number, frame in enumerate(frames):
        figure, left = sprite(number), 4 + 4 * number
        frame[28:76, left : left + 48][figure[..., 3] > 0] = figure[figure[..., 3] > 0, :3]
    return Clip.from_frames(frames, Fraction(1, 12), name="pixel art")


def see_through(count: int = 24) -> Clip:
    """Return a shaded ball that circles over nothing, 128x96 with soft alpha."""
    y, x = np.mgrid[:96, :128].astype(np.float64)
    frames = np.zeros((count, 96, 128, 4), np.uint8)
    for number, frame in enumerate(frames):
        turn = 2 * np.pi * number / count
        across, down = x - 64 - 36 * np.cos(turn), y - 48 - 20 * np.sin(turn)
        shade = np.clip(1.2 - np.hypot(across + 8, down + 8) / 30, 0.2, 1.0)
        frame[..., :3] = np.rint(shade[..., None] * np.array([250, 150, 60]))
        frame[..., 3] = np.rint(255 * np.clip(24 - np.hypot(across, down), 0, 1))
    return Clip.from_frames(frames, Fraction(1, 12), name="see-through")


CLIPS = {
    "bunny": bunny,
    "terminal": terminal,
    "pixel-art": pixel_art,
    "see-through": see_through,
}
