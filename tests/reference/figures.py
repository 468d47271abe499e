"""Slow, obvious twins of the kernels that make a picture's figures."""

from __future__ import annotations

import numpy as np

from ssimgif.model import U8


def block_means(light: U8, rgba: U8, factor: int) -> U8:
    """Return the rounded means of luma in blocks; what is rather transparent counts as white."""
    seen = np.where(rgba[..., 3] >= 128, light, 255).astype(np.int64)
    height, width = (side // factor for side in light.shape)
    blocks = seen[: height * factor, : width * factor].reshape(height, factor, width, factor)
    return ((blocks.sum(axis=(1, 3)) + factor * factor // 2) // factor**2).astype(np.uint8)


def count_colors(rgba: U8, step: int, edges: list[int]) -> tuple[list[list[int]], list[int]]:
    """Count pixels by Cb and Cr, between edges about 0, and by sixteenths of luma."""
    f32 = np.float32
    chroma = [[0] * (len(edges) + 1) for _ in range(len(edges) + 1)]
    light = [0] * 16
    for r, g, b in rgba[::step, ::step, :3].reshape(-1, 3).astype(np.float32):
        luma = r * f32(0.299) + g * f32(0.587) + b * f32(0.114)
        blue = int(f32(128.5) + f32(0.564) * (b - luma)) - 128
        red = int(f32(128.5) + f32(0.713) * (r - luma)) - 128
        bins = [sum(level >= edge for edge in edges) for level in (blue, red)]
        chroma[bins[0]][bins[1]] += 1
        light[int(luma) // 16] += 1
    return chroma, light
