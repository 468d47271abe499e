"""Pictures of few colours, made in many ways, to learn and to measure banding on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssimgif_gifnets.arrays import U8
from ssimgif_gifnets.training.noise import noise_at
from ssimgif_gifnets.training.quantizers import (
    floyd_steinberg,
    least_variance,
    median_cut,
    nearest,
    noise_dither,
)

SIZES = (8, 256)
UNCHANGED_SHARE = 0.05
UNDITHERED_SHARE = 0.6


@dataclass(frozen=True)
class Example:
    """A picture to score.

    Attributes
    ----------
    pixels : u8[h, w, 3]
    diffused : bool
        Whether it has Floyd-Steinberg dither.
    """

    pixels: U8
    diffused: bool


def quantized_example(pixels: U8, random: np.random.Generator) -> Example:
    """Reduce a picture to 8..256 colours by some palette and some dither, or seldom not at all."""
    if random.random() < UNCHANGED_SHARE:
        return Example(pixels, False)
    size = int(2 ** random.uniform(*np.log2(SIZES)))
    palette = (median_cut if random.random() < 0.5 else least_variance)(pixels, size)
    kind = random.random()
    if kind < UNDITHERED_SHARE:
        indices = nearest(pixels, palette)
    elif kind < (1 + UNDITHERED_SHARE) / 2:
        indices = floyd_steinberg(pixels, palette)
    else:
        noise = noise_at(pixels.shape[0], pixels.shape[1], random)
        indices = noise_dither(pixels, palette, noise, random.uniform(0.1, 1.2))
    diffused = UNDITHERED_SHARE <= kind < (1 + UNDITHERED_SHARE) / 2
    return Example(palette[indices], diffused)


def random_part(pixels: U8, side: int, random: np.random.Generator) -> U8:
    """Cut a random square u8[side, side, 3] of a picture, in one of eight orientations."""
    top = int(random.integers(pixels.shape[0] - side + 1))
    left = int(random.integers(pixels.shape[1] - side + 1))
    part = pixels[top : top + side, left : left + side]
    if random.random() < 0.5:
        part = part[::-1]
    if random.random() < 0.5:
        part = part[:, ::-1]
    if random.random() < 0.5:
        part = part.swapaxes(0, 1)
    return np.ascontiguousarray(part)
