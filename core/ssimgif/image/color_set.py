"""The distinct colours of pictures."""

from __future__ import annotations

import numpy as np

from ssimgif.image.color import luma
from ssimgif.kernels.histogram import EMPTY, add_distinct_colors
from ssimgif.model import U8


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
        return found[np.lexsort((found[:, 2], found[:, 0], found[:, 1], luma(found)))]
