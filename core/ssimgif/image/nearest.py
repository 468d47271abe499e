"""Mapping pictures to the nearest colours of a palette, in OKLab (Ottosson 2020)."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ssimgif.host import bands, together
from ssimgif.image.color import LINEAR_LIGHT, oklab_from_rgb
from ssimgif.kernels.nearest import (
    CELL_COLORS,
    CELLS,
    SLOTS,
    build_cells,
    map_pixels,
    mark_cells,
)
from ssimgif.model import F32, F64, U8, Bool, Palette

# OKLab error at a cell's corners above which a cell is not taken as linear.
CURVED = 0.001
# Palettes whose short lists each thread keeps.
KEPT = 4

_kept = threading.local()


def map_nearest(rgb: U8, palette: Palette) -> U8:
    """Return the indices u8[h, w] of the palette colours nearest to u8[h, w, 3] sRGB pixels.

    The transparent index is never used.
    """
    return nearest_colors(palette).map(rgb)


def nearest_colors(palette: Palette) -> NearestColors:
    """Return this thread's map to a palette; the last few are kept."""
    maps: dict[int, tuple[Palette, NearestColors]] = _kept.__dict__.setdefault("maps", {})
    found = maps.pop(id(palette), None) or (palette, NearestColors(palette))
    maps[id(palette)] = found
    if len(maps) > KEPT:
        del maps[next(iter(maps))]
    return found[1]


class NearestColors:
    """Maps pictures to the nearest colours of a palette, in OKLab.

    What is worked out for one picture is kept for the next one. Distances are exact to about
    0.001 in OKLab, a quarter of an 8-bit step. May be used by one thread at a time.

    Parameters
    ----------
    palette : Palette
        The transparent index is never chosen.
    chroma_weight : float
        Weight of OKLab's a and b against L.

    Attributes
    ----------
    cells : tuple
        What the kernels need, see `ssimgif.kernels.nearest.build_cell`.
    """

    def __init__(self, palette: Palette, chroma_weight: float = 1.0) -> None:
        indices = np.arange(len(palette.colors))
        if palette.transparent is not None:
            indices = np.delete(indices, palette.transparent)
        if len(indices) == 0:
            raise ValueError("the palette has no colour that can be shown")
        lab = oklab_from_rgb(palette.colors[indices])
        lab *= np.array([1, chroma_weight, chroma_weight], np.float32)
        by_light = np.argsort(lab[:, 0], kind="stable")
        geometry, curved = _cell_geometry(float(chroma_weight))
        self.cells = (
            lab[by_light],
            indices[by_light].astype(np.uint8),
            geometry,
            curved,
            LINEAR_LIGHT,
            float(chroma_weight),
            np.zeros(CELLS, np.uint8),
            np.empty((CELLS, SLOTS, 4), np.float32),
            np.empty((CELLS, SLOTS), np.uint8),
            _untouched(CELLS, CELL_COLORS),
        )

    def map(self, rgb: U8) -> U8:
        """Return the palette indices u8[h, w] of sRGB pixels u8[h, w, 3]."""
        height, width = rgb.shape[:2]
        pixels, out = np.ascontiguousarray(rgb).reshape(-1, 3), np.empty(height * width, np.uint8)
        parts = [slice(first * width, last * width) for first, last in bands(height)]
        if len(parts) > 1:
            self._build(pixels, parts)
        together(lambda part: map_pixels(pixels[part], self.cells, out[part]), parts)
        return out.reshape(height, width)

    def _build(self, pixels: U8, parts: Sequence[slice]) -> None:
        """Build the cells of pixels u8[n, 3], of which each is built by one thread."""
        seen = np.zeros((len(parts), CELLS), np.uint8)
        together(lambda i: mark_cells(pixels[parts[i]], seen[i]), range(len(parts)))
        marked = seen.max(axis=0)
        together(lambda part: build_cells(marked, *part, self.cells), bands(CELLS))


def _untouched(rows: int, columns: int) -> U8:
    """Return zeros u8[rows, columns] that take time and memory only where they are touched.

    NumPy's would be cleared whole, from the second time on: 16 MiB, for every palette.
    """
    return np.frombuffer(mmap.mmap(-1, rows * columns), np.uint8).reshape(rows, columns)


@lru_cache(maxsize=4)
def _cell_geometry(chroma_weight: float) -> tuple[F32, Bool]:
    """Return OKLab's value and slopes at each cell's centre, and which cells are curved."""
    scale = np.array([1, chroma_weight, chroma_weight])
    steps = np.arange(32) * 8
    corner = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)

    def lab(offset: tuple[int, ...]) -> F64:
        return np.asarray(oklab_from_rgb((corner + offset).astype(np.uint8)) * scale, np.float64)

    low, high = lab((0, 0, 0)), lab((7, 7, 7))
    geometry = np.empty((CELLS, 4, 3), np.float32)
    near, far = lab((3, 3, 3)), lab((4, 4, 4))
    geometry[:, 0] = (near + far) / 2
    for channel, unit in enumerate(np.eye(3, dtype=int)):
        ends = [tuple(np.where(unit, end, middle)) for end, middle in ((7, 4), (0, 4))]
        geometry[:, channel + 1] = (lab(ends[0]) - lab(ends[1])) / 7
    error = np.zeros(CELLS)
    for sign, value in ((-3.5, low), (3.5, high)):
        linear = geometry[:, 0] + sign * geometry[:, 1:].sum(axis=1)
        error = np.maximum(error, np.sqrt(((linear - value) ** 2).sum(axis=1)))
    return geometry, error > CURVED
