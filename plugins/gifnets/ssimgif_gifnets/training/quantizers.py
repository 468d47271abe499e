"""The classical ways to a picture of few colours, to learn from and to compare with."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.color_bins import color_bins, initial_palette
from ssimgif_gifnets.projection import Colors


def median_cut(pixels: U8, size: int) -> U8:
    """Return Pillow's median-cut palette u8[k, 3], k <= size, of pixels u8[h, w, 3]."""
    image = Image.fromarray(pixels)
    made = image.quantize(size, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    colors = np.array(made.getpalette(), np.uint8).reshape(-1, 3)
    return np.unique(colors[: int(np.asarray(made).max()) + 1], axis=0)


def least_variance(pixels: U8, size: int) -> U8:
    """Return the palette u8[k, 3] that PaletteNet starts from."""
    return rounded(initial_palette(*color_bins(pixels), size))


def rounded(palette: F32) -> U8:
    """Return f32[k, 3] colours 0..255 as u8, each once."""
    return np.unique(np.rint(np.clip(palette, 0, 255)).astype(np.uint8), axis=0)


def nearest(pixels: U8 | F32, palette: U8) -> U8:
    """Return indices u8[h, w] of the colours nearest in RGB."""
    return Colors.of(palette).nearest(pixels.astype(np.float32))


def lloyd_step(pixels: U8, palette: U8) -> U8:
    """Move each colour to the mean of its pixels; colours without any stay."""
    indices = nearest(pixels, palette).ravel()
    counts = np.bincount(indices, minlength=len(palette))
    moved = palette.astype(np.float64)
    for channel in range(3):
        sums = np.bincount(indices, pixels[..., channel].ravel(), len(palette))
        moved[counts > 0, channel] = sums[counts > 0] / counts[counts > 0]
    return rounded(moved.astype(np.float32))


def floyd_steinberg(pixels: U8, palette: U8) -> U8:
    """Return indices u8[h, w] after Pillow's Floyd-Steinberg error diffusion."""
    carrier = Image.new("P", (1, 1))
    colors = np.vstack([palette, np.repeat(palette[-1:], 256 - len(palette), axis=0)])
    carrier.putpalette(colors.tobytes())
    image = Image.fromarray(pixels)
    made = np.asarray(image.quantize(palette=carrier, dither=Image.Dither.FLOYDSTEINBERG))
    return np.asarray(np.minimum(made, len(palette) - 1), np.uint8)


def noise_dither(pixels: U8, palette: U8, noise: F32, strength: float) -> U8:
    """Return indices u8[h, w] after adding noise by the spacing of the palette's colours.

    Parameters
    ----------
    pixels : u8[h, w, 3]
    palette : u8[k, 3]
    noise : f32[h, w]
        -0.5..0.5.
    strength : float
        Of the noise; 1 spans the way to the nearest other colour.
    """
    colors = Colors.of(palette)
    by_index = np.zeros(len(palette), np.float32)
    by_index[colors.index] = colors.spacing
    wanted = pixels.astype(np.float32)
    reach = by_index[colors.nearest(wanted)] * noise * strength
    return colors.nearest(wanted + reach[..., None])
