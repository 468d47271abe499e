"""Figures of a picture: block means of its luma, and what luma and chroma there are."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.jit import kernel

_F = np.float32


@kernel
def block_means(light, rgba, factor, out):
    """Average blocks of luma; pixels that are rather transparent than opaque count as white.

    Parameters
    ----------
    light : u8[h, w]
    rgba : u8[h, w, 4]
    factor : int
        Pixels on a side of a block.
    out : u8[h // factor, w // factor]
        Rounded means.
    """
    pixels = factor * factor
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            total = pixels // 2
            for i in range(y * factor, (y + 1) * factor):
                for j in range(x * factor, (x + 1) * factor):
                    total += light[i, j] if rgba[i, j, 3] >= 128 else 255
            out[y, x] = total // pixels


@kernel
def count_colors(rgba, step, chroma_bins, chroma, light):
    """Count pixels by their chroma and by their luma.

    Parameters
    ----------
    rgba : u8[h, w, 4]
    step : int
        Every ``step``-th pixel of every ``step``-th row is looked at.
    chroma_bins : i64[256]
        The bin of each level of Cb or Cr; 128 is gray.
    chroma : i64[n, n]
        Pixels in each bin of Cb and Cr.
    light : i64[16]
        Pixels of each sixteenth of luma.
    """
    for y in range(0, rgba.shape[0], step):
        for x in range(0, rgba.shape[1], step):
            r, g, b = _F(rgba[y, x, 0]), _F(rgba[y, x, 1]), _F(rgba[y, x, 2])
            luma = r * _F(0.299) + g * _F(0.587) + b * _F(0.114)
            blue = np.uint8(_F(128.5) + _F(0.564) * (b - luma))
            red = np.uint8(_F(128.5) + _F(0.713) * (r - luma))
            chroma[chroma_bins[blue], chroma_bins[red]] += 1
            light[np.uint8(luma) >> 4] += 1
