"""How strongly to dither where: f32[h, w], 0 (nearest colour) to 1.

Strength is decided for tiles of 32 x 32 pixels, cleaned of single tiles by opening and closing,
and interpolated between the tiles' centres.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ssimgif.image import luma
from ssimgif.metrics import BandingReference
from ssimgif.model import F32, U8, Bool

Banding = Callable[[U8, U8, Bool], F32 | None]

TILE = 32
# Share of a tile's smooth pixels that lie on false contours, from which it is dithered, and at
# which it is dithered in full.
CONTOUR_SHARES = (0.01, 0.03)
# Share of a tile that must be smooth.
SMOOTH_SHARE = 0.3


def strength_map(
    ssim_map: F32,
    motion: F32 | float = 0.0,
    *,
    scale: float = 4.0,
    motion_scale: float = 0.02,
    minimum: float = 0.0,
    maximum: float = 1.0,
) -> F32:
    """Return the strength that the residual asks for.

    It is ``clamp((1 - ssim) * scale + motion * motion_scale, minimum, maximum)`` for each tile:
    strong where quantisation hurts and where things move, so that flicker hides in the motion.

    Parameters
    ----------
    ssim_map : f32[h, w]
        SSIM of the picture in nearest colours around each pixel.
    motion : f32[h, w] or float
        Absolute difference of luma to the frame before, 0..255.
    scale, motion_scale : float
        Strength for an SSIM of 0, and for each level of motion.
    minimum, maximum : float
        Bounds, 0..1.

    Returns
    -------
    f32[h, w]
    """
    moving = np.broadcast_to(np.asarray(motion, np.float32), ssim_map.shape)
    tiles = (1.0 - _tile_means(ssim_map)) * scale + _tile_means(moving) * motion_scale
    tiles = _closed(_opened(np.clip(tiles, minimum, maximum)))
    return _between_tiles(tiles, ssim_map.shape)


def auto_strength(source: U8, quantised: U8, banding: Banding | None = None) -> F32:
    """Return a strength that is not 0 only where quantisation draws a false contour.

    Parameters
    ----------
    source : u8[h, w, 3]
        sRGB.
    quantised : u8[h, w, 3]
        The same picture in its nearest palette colours.
    banding : callable, optional
        Tells, for (source, quantised, tiles with false contours), how visible they are in each
        tile: f32[tiles down, tiles across], 0..1, or None. It can only lower the strength.

    Returns
    -------
    f32[h, w]
        0 outside the smooth areas of tiles with false contours. It depends on this frame alone:
        for a scene without cuts, take the greatest of several frames so that it stays in place.
    """
    if source.shape != quantised.shape:
        raise ValueError(f"{quantised.shape} is not the source's size {source.shape}")
    reference = BandingReference(luma(source))
    smooth, false = reference.smooth, reference.contours(luma(quantised))
    smooth_share = _tile_means(smooth.astype(np.float32))
    contour_share = _tile_means(false.astype(np.float32)) / np.maximum(smooth_share, 1e-6)
    low, high = CONTOUR_SHARES
    tiles: F32 = np.clip((contour_share - low) / (high - low), 0, 1).astype(np.float32)
    tiles[smooth_share < SMOOTH_SHARE] = 0.0
    tiles = _closed(tiles)
    if banding is not None and tiles.any():
        visible = banding(source, quantised, tiles > 0)
        if visible is not None:
            tiles = np.minimum(tiles, visible)
    return np.where(smooth, _between_tiles(tiles, smooth.shape), np.float32(0))


def _tile_means(plane: F32) -> F32:
    """Return the means f32[tiles down, tiles across]; tiles at the far edges may be smaller."""
    rows = np.arange(0, plane.shape[0], TILE)
    columns = np.arange(0, plane.shape[1], TILE)
    sums = np.add.reduceat(np.add.reduceat(plane, rows, axis=0), columns, axis=1)
    heights = np.diff(np.append(rows, plane.shape[0]))
    widths = np.diff(np.append(columns, plane.shape[1]))
    return np.asarray(sums / np.outer(heights, widths), np.float32)


def _opened(tiles: F32) -> F32:
    """Take away what is smaller than 2 x 2 tiles (morphological opening)."""
    window = min(2, tiles.shape[0]), min(2, tiles.shape[1])
    eroded = sliding_window_view(tiles, window).min(axis=(2, 3))
    margins = [(side - 1, side - 1) for side in window]
    padded = np.pad(eroded, margins, constant_values=-np.inf)
    return np.asarray(sliding_window_view(padded, window).max(axis=(2, 3)), np.float32)


def _closed(tiles: F32) -> F32:
    """Fill what is smaller than 2 x 2 tiles (morphological closing)."""
    return np.negative(_opened(-tiles))


def _between_tiles(tiles: F32, shape: tuple[int, ...]) -> F32:
    """Interpolate linearly between the tiles' centres."""
    out: F32 = tiles
    for axis in (0, 1):
        at = np.clip((np.arange(shape[axis]) + 0.5) / TILE - 0.5, 0, tiles.shape[axis] - 1)
        low = np.floor(at).astype(np.intp)
        high = np.minimum(low + 1, tiles.shape[axis] - 1)
        share = (at - low).astype(np.float32)
        share = share[:, None] if axis == 0 else share[None]
        out = out.take(low, axis) * (1 - share) + out.take(high, axis) * share
    return out
