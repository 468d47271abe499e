"""The networks as the pipeline uses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssimgif import Palette
from ssimgif_gifnets.arrays import F32, U8, Bool
from ssimgif_gifnets.banding_net import CELL, banding_net
from ssimgif_gifnets.color_bins import color_bins, initial_palette
from ssimgif_gifnets.dither_net import dither_net
from ssimgif_gifnets.palette_net import palette_net
from ssimgif_gifnets.projection import Colors

TILE = 32
# Tiles around one that may have a say in its score.
MARGIN = 2
# Scores of a tile, above its score in the source, from which it counts as banding, and from
# which it counts in full.
VISIBLE = (0.05, 0.25)


def palette_of(pixels: U8, size: int, pixel_weights: F32 | None = None) -> U8:
    """Return PaletteNet's palette.

    Parameters
    ----------
    pixels : u8[..., 3]
        sRGB.
    size : int
        Most colours, 1..256.
    pixel_weights : f32[...], optional
        How much each pixel counts.

    Returns
    -------
    u8[n, 3]
        Without repeated colours, n <= size, from dark to light.
    """
    rgb, shares = color_bins(pixels, pixel_weights)
    start = initial_palette(rgb, shares, size)
    colors = palette_net().palette(rgb / np.float32(255), shares, start / np.float32(255))
    distinct = np.unique(np.rint(colors * 255).astype(np.uint8), axis=0)
    light = distinct @ np.array([0.299, 0.587, 0.114])
    return np.ascontiguousarray(distinct[np.argsort(light, kind="stable")])


def scene_palette(frames: Sequence[U8], weights: Sequence[F32], size: int) -> Palette:
    """Return PaletteNet's palette for the sample frames of a scene.

    Pixels count by the square root of their weights, as for the core's palettes.
    """
    pixels = np.concatenate([frame.reshape(-1, 3) for frame in frames])
    counts = np.concatenate([np.sqrt(weight, dtype=np.float32).ravel() for weight in weights])
    return Palette(palette_of(pixels, size, counts))


def dithered(pixels: U8, palette: Palette, strength: F32) -> U8:
    """Return the palette indices u8[h, w] of a picture, see `DitherNet.dither`."""
    return dither_net().dither(pixels, Colors.of(palette.colors, palette.transparent), strength)


def visible_banding(source: U8, shown: U8, suspected: Bool) -> F32:
    """Return how visible the false contours are in each tile, f32[tiles down, tiles across], 0..1.

    A tile's score is what BandingNet would give a picture that is all like it; what the source
    scores itself is no fault of the palette.

    Parameters
    ----------
    source, shown : u8[h, w, 3]
    suspected : bool[tiles down, tiles across]
        Tiles that are of interest; the others need not be right.
    """
    visible = np.zeros(suspected.shape, np.float32)
    if not suspected.any():
        return visible
    rows, columns = (_Reach.of(np.flatnonzero(suspected.any(axis=axis))) for axis in (1, 0))
    scores = [
        -np.expm1(-_tile_means(banding_net().density(pixels[rows.pixels, columns.pixels])))
        for pixels in (shown, source)
    ]
    low, high = VISIBLE
    found = np.clip((scores[0] - scores[1] - low) / (high - low), 0, 1)
    visible[rows.tiles, columns.tiles] = found[rows.inner, columns.inner]
    return visible


@dataclass(frozen=True, slots=True)
class _Reach:
    """The tiles of interest along one axis, the pixels that have a say, and the tiles in these."""

    tiles: slice
    pixels: slice
    inner: slice

    @classmethod
    def of(cls, wanted: NDArray[np.intp]) -> _Reach:
        first, last = int(wanted[0]), int(wanted[-1])
        begin = max(0, first - MARGIN)
        return cls(
            slice(first, last + 1),
            slice(begin * TILE, (last + 1 + MARGIN) * TILE),
            slice(first - begin, last + 1 - begin),
        )


def _tile_means(cells: F32) -> F32:
    """Return the means of 2 x 2 cells; those at the far edges may be of fewer."""
    step = TILE // CELL
    rows, columns = (np.arange(0, side, step) for side in cells.shape)
    sums = np.add.reduceat(np.add.reduceat(cells, rows, axis=0), columns, axis=1)
    heights, widths = (
        np.diff(np.append(starts, side))
        for starts, side in zip((rows, columns), cells.shape, strict=True)
    )
    return np.asarray(sums / np.outer(heights, widths), np.float32)
