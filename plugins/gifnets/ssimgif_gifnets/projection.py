"""The hard projection of the paper: every pixel becomes the nearest palette colour, in RGB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.kernels.dithering import project


@dataclass(frozen=True, slots=True, eq=False)
class Colors:
    """The colours of a palette that may be used.

    Attributes
    ----------
    sorted : f32[k, 3]
        0..255, by rising green.
    index : u8[k]
        Of each of them in the palette.
    spacing : f32[k]
        Distance to the nearest other colour, 0..442; 0 where there is no other.
    """

    sorted: F32
    index: U8
    spacing: F32

    @classmethod
    def of(cls, palette: U8, unused: int | None = None) -> Colors:
        """Take the colours u8[n, 3] of a palette, without the one whose index is ``unused``."""
        index = np.arange(len(palette))
        index = index[index != unused] if unused is not None else index
        index = index[np.argsort(palette[index, 1], kind="stable")]
        colors = palette[index].astype(np.float32)
        squares: NDArray[np.float64] = np.square(colors[:, None].astype(np.float64) - colors).sum(
            axis=2
        )
        np.fill_diagonal(squares, np.inf)
        spacing = np.sqrt(squares.min(axis=1)) if len(colors) > 1 else np.zeros(len(colors))
        return cls(colors, index.astype(np.uint8), spacing.astype(np.float32))

    def nearest(self, wanted: F32) -> U8:
        """Return the palette indices u8[h, w] of the colours nearest to f32[h, w, 3]."""
        rows = np.empty(wanted.shape[:2], np.uint8)
        project(wanted, self.sorted, rows)
        return self.index[rows]
