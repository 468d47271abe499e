"""The loops of GIFnets' inference again, slow and plain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def convolution(planes: Floats, weight: Floats, bias: Floats, step: int) -> Floats:
    """Return f64[k, h', w']: planes f[c, h, w], padded by zeros, through f[k, c, 3, 3] weights."""
    channels, height, width = planes.shape
    padded = np.zeros((channels, height + 2, width + 2))
    padded[:, 1:-1, 1:-1] = planes
    rows, columns = range(0, height, step), range(0, width, step)
    out = np.empty((len(weight), len(rows), len(columns)))
    for k, (kernel, offset) in enumerate(zip(weight, bias, strict=True)):
        for i, y in enumerate(rows):
            for j, x in enumerate(columns):
                out[k, i, j] = offset + (kernel * padded[:, y : y + 3, x : x + 3]).sum()
    return out


def nearest_rows(wanted: Floats, colors: Floats) -> NDArray[np.intp]:
    """Return the rows of f[k, 3] colours that are nearest to f[h, w, 3]."""
    squares = np.square(wanted[:, :, None].astype(np.float64) - colors).sum(axis=3)
    return squares.argmin(axis=2)


def bins(
    pixels: NDArray[np.uint8], weights: Floats, bits: int
) -> tuple[list[int], list[list[float]]]:
    """Return the bins of u8[n, 3] pixels, and the mean colour and the weight of each."""
    sums: dict[int, list[float]] = {}
    for (red, green, blue), weight in zip(pixels.tolist(), weights.tolist(), strict=True):
        key = 0
        for value in (red, green, blue):
            key = (key << bits) + (value >> (8 - bits))
        entry = sums.setdefault(key, [0.0, 0.0, 0.0, 0.0])
        for i, value in enumerate((red, green, blue, 1)):
            entry[i] += weight * value
    keys = sorted(key for key, entry in sums.items() if entry[3] > 0)
    return keys, [sums[key] for key in keys]


def attention(
    bins: Floats, shares: Floats, palette: Floats, sharpness: Floats, bias: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the sums f64[5, k] that colours f[k, 3] gather of bins f[n, 3].

    They are of red, green, blue, 1 and the squared distance to the nearest colour: of the bins
    nearest to the colour; of the bins shared out by softmax; of these, times the squared distance.
    """
    own, soft, far = np.zeros((3, 5, len(palette)))
    for point, share in zip(bins.astype(np.float64), shares, strict=True):
        squares = np.square(point - palette).sum(axis=1)
        least = squares.min()
        values = share * np.array([*point, 1, least])
        own[:, squares.argmin()] += values
        logits = bias - sharpness * squares / (least + 0.01)
        parts = np.exp(logits - logits.max())
        parts /= parts.sum()
        soft += values[:, None] * parts
        far += least * values[:, None] * parts
    return own, soft, far
