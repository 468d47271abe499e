"""Photographs to learn from: a folder of pictures, or many of them in one file."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ssimgif_gifnets.arrays import F32, U8

SIDE = 256
SUFFIXES = {".avif", ".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True)
class Photograph:
    """One picture, read when it is needed.

    Attributes
    ----------
    group : str
        Pictures of one group were cut from the same photograph.
    path : Path
    offset, length : int
        The part of the file that holds the picture; the whole file when ``length`` is 0.
    """

    group: str
    path: Path
    offset: int = 0
    length: int = 0

    def pixels(self) -> U8:
        """Return u8[SIDE, SIDE, 3], sRGB; see `centre_crop`."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read(self.length or -1)
        with Image.open(io.BytesIO(data)) as image:
            return centre_crop(image.convert("RGB"))


def find_photographs(folder: Path) -> list[Photograph]:
    """List the photographs of a folder, in a fixed order.

    A folder with ``manifest.json`` and ``train.bin`` is read as pictures back to back: each row
    of the manifest's ``train`` is [origin, file, offset, length]. Any other folder is searched
    for picture files, also in its subfolders.
    """
    manifest, data = folder / "manifest.json", folder / "train.bin"
    if manifest.is_file() and data.is_file():
        rows = json.loads(manifest.read_text())["train"]
        return [Photograph(file, data, offset, length) for _, file, offset, length in rows]
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise FileNotFoundError(f"{folder} has no pictures")
    return [Photograph(str(path), path) for path in paths]


def centre_crop(image: Image.Image, side: int = SIDE) -> U8:
    """Scale a picture so that its shorter side is ``side``, and cut the square in its middle."""
    if min(image.size) != side:
        scale = side / min(image.size)
        size = [max(side, round(length * scale)) for length in image.size]
        image = image.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return np.asarray(image.crop((left, top, left + side, top + side)), np.uint8)


def split(
    photographs: Sequence[Photograph], held_out: int, seed: int
) -> tuple[list[Photograph], list[Photograph]]:
    """Set at least ``held_out`` pictures apart, never two of one group on both sides.

    Returns
    -------
    training, held_out
    """
    groups = sorted({photograph.group for photograph in photographs})
    np.random.default_rng(seed).shuffle(groups)
    sizes: dict[str, int] = {}
    for photograph in photographs:
        sizes[photograph.group] = sizes.get(photograph.group, 0) + 1
    apart: set[str] = set()
    count = 0
    for group in groups:
        if count >= held_out:
            break
        apart.add(group)
        count += sizes[group]
    training = [photograph for photograph in photographs if photograph.group not in apart]
    if not training:
        raise ValueError(f"{len(photographs)} pictures are too few to set {held_out} apart")
    return training, [photograph for photograph in photographs if photograph.group in apart]


def color_change(random: np.random.Generator, amount: float) -> tuple[F32, F32]:
    """Draw a change of brightness, contrast, saturation, hue and order of the channels.

    Parameters
    ----------
    random : Generator
    amount : float
        0 for none, 1 for strong ones.

    Returns
    -------
    matrix : f32[3, 3]
    offset : f32[3]
        ``colors @ matrix + offset`` are the new colours, all 0..1 before clipping.
    """
    grey = np.full((3, 3), 1 / 3)
    saturation = 1 + amount * random.uniform(-0.5, 0.3)
    angle = amount * random.uniform(-0.5, 0.5)
    axis = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    hue = np.cos(angle) * (np.eye(3) - grey) + np.sin(angle) * axis
    contrast = 1 + amount * random.uniform(-0.3, 0.15)
    matrix = contrast * (grey + saturation * hue)
    if random.random() < amount / 2:
        matrix = matrix[random.permutation(3)]
    offset = (1 - contrast) / 2 + amount * random.uniform(-0.08, 0.08)
    return matrix.astype(np.float32), np.full(3, offset, np.float32)


def recolored(pixels: U8, random: np.random.Generator, amount: float) -> U8:
    """Return u8[h, w, 3] pixels after a random `color_change`, perhaps mirrored."""
    matrix, offset = color_change(random, amount)
    changed = (pixels.astype(np.float32) / 255) @ matrix + offset
    if random.random() < 0.5:
        changed = changed[:, ::-1]
    return np.rint(np.clip(changed, 0, 1) * 255).astype(np.uint8)
