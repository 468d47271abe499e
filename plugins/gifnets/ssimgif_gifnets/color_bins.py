"""What PaletteNet sees of a picture: weighted colours in at most `MOST_BINS` bins; its start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssimgif import box_means
from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.kernels.histogram import BITS, add_pixels

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

MOST_BINS = 2048
# Bins of `BITS` - 1 bits a channel that are kept before the rest is joined further.
HEAVY_BINS = 1536


def color_bins(pixels: U8, pixel_weights: F32 | None = None) -> tuple[F32, F32]:
    """Count the colours of a picture.

    Bins have 6 bits a channel, or 5 where those would be more than `MOST_BINS`. Should there
    still be too many, the lightest are joined in bins of 4 bits and, after that, the lightest
    are left out.

    Parameters
    ----------
    pixels : u8[..., 3]
        sRGB, at least one pixel.
    pixel_weights : f32[...], optional
        How much each pixel counts; 1 when left out. Where all are 0, all count alike.

    Returns
    -------
    rgb : f32[n, 3]
        Mean colours of the bins, 0..255, by bin number (red first).
    weights : f32[n]
        Shares of the pixels, or of their weights; they sum to 1.
    """
    flat = np.ascontiguousarray(pixels, np.uint8).reshape(-1, 3)
    if len(flat) == 0:
        raise ValueError("there are no pixels to count")
    counts = np.ones(len(flat), np.float32) if pixel_weights is None else pixel_weights.ravel()
    if not counts.any():
        counts = np.ones(len(flat), np.float32)
    sums = np.zeros((1 << (3 * BITS), 4))
    found = np.empty(len(sums), np.int64)
    keys = np.sort(found[: add_pixels(flat, np.ascontiguousarray(counts, np.float32), sums, found)])
    sums = sums[keys]
    if len(keys) > MOST_BINS:
        keys, sums = _join(_coarser(keys, BITS), sums)
    if len(keys) > MOST_BINS:
        keys, sums = _join_lightest(keys, sums)
    weights = sums[:, 3] / sums[:, 3].sum()
    return (sums[:, :3] / sums[:, 3:]).astype(np.float32), weights.astype(np.float32)


def initial_palette(rgb: F32, weights: F32, size: int) -> F32:
    """Return the palette that PaletteNet starts from: the means of boxes of least variance.

    Parameters
    ----------
    rgb : f32[n, 3]
        0..255.
    weights : f32[n]
    size : int
        Most colours, 1..256.

    Returns
    -------
    f32[min(size, n), 3]
        0..255. The boxes are those of Wu (1991).
    """
    return box_means(rgb, weights, size)


def _coarser(keys: I64, bits: int) -> I64:
    """Drop the last bit of each channel of keys with ``bits`` bits a channel."""
    mask = (1 << bits) - 1
    red, green, blue = keys >> (2 * bits), keys >> bits & mask, keys & mask
    return (red >> 1) << (2 * bits - 2) | (green >> 1) << (bits - 1) | blue >> 1


def _join(keys: I64, sums: F64) -> tuple[I64, F64]:
    """Add up the rows of equal keys."""
    kept, where = np.unique(keys, return_inverse=True)
    columns = [np.bincount(where, column, len(kept)) for column in sums.T]
    return kept, np.stack(columns, axis=1)


def _join_lightest(keys: I64, sums: F64) -> tuple[I64, F64]:
    """Join all but the heaviest bins, so that `MOST_BINS` are left."""
    order = np.argsort(-sums[:, 3], kind="stable")
    heavy, light = np.sort(order[:HEAVY_BINS]), order[HEAVY_BINS:]
    joined, light_sums = _join(_coarser(keys[light], BITS - 1), sums[light])
    kept = np.sort(np.argsort(-light_sums[:, 3], kind="stable")[: MOST_BINS - HEAVY_BINS])
    return (
        np.concatenate([keys[heavy], joined[kept]]),
        np.concatenate([sums[heavy], light_sums[kept]]),
    )
