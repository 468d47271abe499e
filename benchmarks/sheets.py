"""Pictures of the gallery: a part of one frame, twice enlarged, of the source and of two GIFs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from peers import Material
from referees import frames_at
from ssimgif.model import U8

WIDTH, HEIGHT, ZOOM = 136, 96, 2
GAP, CAPTION = 6, 22
# Of each clip the frame, and the left upper corner of the part that is shown.
VIEWS = {
    "film": (30, 112, 12),
    "terminal": (50, 76, 180),
    "drawing": (22, 164, 56),
    "pixel art": (12, 124, 104),
}
README = ("terminal", "film")


def write_sheet(
    material: Material, name: str, gifs: Sequence[Path], captions: Sequence[str], folder: Path
) -> None:
    """Write a clip's picture, source first, then the GIFs."""
    number, left, top = VIEWS[name]
    durations = [frame.duration for frame in material.clip.frames()]
    moment = sum(durations[:number], Fraction(0)) + durations[number] / 2
    with Image.open(material.pictures[number]) as picture:
        frames = [np.asarray(picture.convert("RGB"))]
    frames += [frames_at(gif, [moment])[0] for gif in gifs]
    parts = [frame[top : top + HEIGHT, left : left + WIDTH] for frame in frames]
    folder.mkdir(parents=True, exist_ok=True)
    _save(_row(parts, ["source", *captions]), folder / f"{_file(name)}.webp")


def write_readme(folder: Path) -> None:
    """Put the README's clips under each other, once their pictures are there."""
    paths = [folder / f"{_file(name)}.webp" for name in README]
    if all(path.exists() for path in paths):
        _save(np.vstack([np.asarray(Image.open(path)) for path in paths]), folder / "readme.webp")


def _row(parts: Sequence[U8], captions: Sequence[str]) -> U8:
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    font = ImageFont.truetype(fonts / "DejaVuSans.ttf", 12)
    width, height = ZOOM * WIDTH, ZOOM * HEIGHT
    sheet = Image.new("RGB", (3 * width + 2 * GAP, height + CAPTION + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (part, caption) in enumerate(zip(parts, captions, strict=True)):
        x = number * (width + GAP)
        large = Image.fromarray(part).resize((width, height), Image.Resampling.NEAREST)
        sheet.paste(large, (x, CAPTION))
        draw.text((x + 2, 4), caption, "black", font)
    return np.asarray(sheet)


def _save(sheet: U8, path: Path) -> None:
    Image.fromarray(sheet).save(path, lossless=True, quality=100, method=6)


def _file(name: str) -> str:
    return f"gallery-{name.replace(' ', '-')}"
