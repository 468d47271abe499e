"""Pictures and palettes that several tests make."""

from __future__ import annotations

import numpy as np

from ssimgif.model import F32, U8, Palette


def picture(seed: int = 1, height: int = 60, width: int = 80) -> U8:
    """Return a gradient with soft coloured blobs and some noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([x * 200 / width, y * 180 / height, 255 - (x + y) * 1.2], axis=2)
    for _ in range(6):
        cy, cx = rng.integers(0, height), rng.integers(0, width)
        blob = np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / 120)[..., None]
        rgb = rgb * (1 - blob) + rng.integers(0, 256, 3) * blob
    return np.clip(rgb + rng.normal(0, 3, rgb.shape), 0, 255).astype(np.uint8)


def ones(rgb: U8) -> F32:
    return np.ones(rgb.shape[:2], np.float32)


def random_palette(seed: int, size: int, transparent: int | None = None) -> Palette:
    rng = np.random.default_rng(seed)
    return Palette(rng.integers(0, 256, (size, 3)).astype(np.uint8), transparent)


def grays(*levels: int, transparent: int | None = None) -> Palette:
    return Palette(np.repeat(np.array(levels, np.uint8)[:, None], 3, axis=1), transparent)


def flat(level: float, height: int = 64, width: int = 64) -> U8:
    return np.full((height, width, 3), level, np.uint8)


def ramp(low: float, high: float, height: int = 96, width: int = 192) -> U8:
    """Return a smooth gradient of gray from left to right."""
    row = np.rint(np.linspace(low, high, width)).astype(np.uint8)
    return np.repeat(np.tile(row, (height, 1))[..., None], 3, axis=2)


def posterised(rgb: U8, step: int) -> U8:
    """Return a picture in levels so far apart."""
    levels = rgb.astype(np.int64) // step * step + step // 2
    return np.minimum(levels, 255).astype(np.uint8)


def noisy(rgb: U8, amplitude: int) -> U8:
    """Return a picture with noise of at most so many levels."""
    noise = np.random.default_rng(4).integers(-amplitude, amplitude + 1, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)
