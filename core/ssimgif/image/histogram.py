"""The colours of pictures: weighted, in as many bins as are worth having, or just distinct."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from ssimgif.image.color import exact_luma
from ssimgif.kernels.histogram import EMPTY, add_distinct_colors, add_to_histogram, fill_table
from ssimgif.model import F32, F64, U8

Shares = TypeVar("Shares", F32, F64)

MOST_BINS = 12_000
SLOTS = 1 << 15


class HistogramBuilder:
    """Collects colours exactly, and in coarser bins once there are too many.

    Flat and dark pictures need bins as fine as their few colours; in colourful ones, bins of 5
    bits a channel with their true means lose nothing that shows.
    """

    def __init__(self) -> None:
        self._shift = 0
        self._count = 0
        self._keys = np.zeros(MOST_BINS, np.uint32)
        self._bins = np.zeros((MOST_BINS, 4))
        self._table = np.full(SLOTS, -1, np.int32)

    def add(self, frame: U8, weight: F32) -> None:
        """Add u8[h, w, 3] pixels with weights f32[h, w]; those without weight are ignored."""
        if frame.shape != (*weight.shape, 3):
            raise ValueError(f"weights {weight.shape} do not fit a frame {frame.shape}")
        pixels = np.ascontiguousarray(frame).reshape(-1, 3)
        weights = np.ascontiguousarray(weight, np.float32).ravel()
        done = 0
        while True:
            done, self._count = add_to_histogram(
                pixels,
                weights,
                done,
                self._shift,
                self._table,
                self._keys,
                self._bins,
                self._count,
            )
            if done == len(pixels):
                return
            self._coarsen()

    def bins(self) -> tuple[F32, F32]:
        """Return the mean colours f32[n, 3] of the bins and their weights f32[n]."""
        bins = self._bins[: self._count]
        return (bins[:, 1:] / bins[:, :1]).astype(np.float32), bins[:, 0].astype(np.float32)

    def _coarsen(self) -> None:
        """Join each 2 x 2 x 2 bins."""
        self._shift += 1
        halves = self._keys[: self._count] >> 1 & 0x7F7F7F
        keys, joined = np.unique(halves, return_inverse=True)
        columns = [np.bincount(joined, column) for column in self._bins[: self._count].T]
        self._count = len(keys)
        self._keys[: len(keys)] = keys
        self._bins[:] = 0
        self._bins[: len(keys)] = np.stack(columns, axis=1)
        self._table[:] = -1
        fill_table(self._keys, self._count, self._table)


def bins_of(frames: Sequence[U8], weights: Sequence[F32]) -> tuple[F32, F32]:
    """Return the mean colours f32[n, 3] and weights f32[n] of frames u8[h, w, 3]."""
    builder = HistogramBuilder()
    for frame, weight in zip(frames, weights, strict=True):
        builder.add(frame, weight)
    return builder.bins()


def histogram_distance(a: Shares, b: Shares) -> Shares:
    """Return half the sum of absolute differences of histograms f[..., bins], as f32[...].

    It is 0..1 where each histogram adds up to 1: the share of pixels that differ.
    """
    return np.asarray(0.5 * np.abs(a - b).sum(axis=-1), a.dtype)


class ColorSet:
    """The distinct colours of pictures, up to a number.

    Parameters
    ----------
    capacity : int
        Where counting ends; give one more than what must fit.
    """

    def __init__(self, capacity: int = 257) -> None:
        slots = 1 << (4 * capacity).bit_length()
        self._table = np.full(slots, EMPTY, np.uint32)
        self._colors = np.zeros((capacity, 3), np.uint8)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, rgb: U8) -> None:
        """Add the colours of u8[..., 3]."""
        pixels = np.ascontiguousarray(rgb).reshape(-1, 3)
        self._count = int(add_distinct_colors(pixels, self._table, self._colors, self._count))

    def colors(self) -> U8:
        """Return u8[n, 3], sorted from dark to light."""
        found = self._colors[: self._count]
        return found[np.lexsort((found[:, 2], found[:, 0], found[:, 1], exact_luma(found)))]
