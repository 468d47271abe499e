"""Planes of luma and chroma to RGB."""

from __future__ import annotations

from typing import Any

import numpy as np

from ssimgif.kernels.jit import kernel


@kernel
def planes_to_rgb(
    luma: Any,
    blue: Any,
    red: Any,
    columns: Any,
    column_weights: Any,
    rows: Any,
    row_weights: Any,
    matrix: Any,
    offset: Any,
    out: Any,
) -> None:
    """Upsample chroma linearly, apply a matrix, clip and round to nearest.

    Parameters
    ----------
    luma : uint[h, w]
    blue, red : uint[ch, cw]
        Chroma planes.
    columns : i64[w, 2], column_weights : f32[w]
        The two chroma columns under each pixel and the second one's share.
    rows : i64[h, 2], row_weights : f32[h]
        The same for rows.
    matrix : f32[3, 3], offset : f32[3]
        ``rgb = matrix @ (luma, blue, red) + offset``, in the output's levels.
    out : u8 or u16[h, w, >= 3]
        Filled in channels 0 to 2.
    """
    height, width = luma.shape
    chroma_width = blue.shape[1]
    top = np.float32(255.0) if out.itemsize == 1 else np.float32(65535.0)
    half = np.float32(0.5)
    blue_row = np.empty(chroma_width, np.float32)
    red_row = np.empty(chroma_width, np.float32)
    for y in range(height):
        upper, lower, share = rows[y, 0], rows[y, 1], row_weights[y]
        for x in range(chroma_width):
            b0, r0 = np.float32(blue[upper, x]), np.float32(red[upper, x])
            blue_row[x] = b0 + share * (np.float32(blue[lower, x]) - b0)
            red_row[x] = r0 + share * (np.float32(red[lower, x]) - r0)
        for x in range(width):
            left, right, part = columns[x, 0], columns[x, 1], column_weights[x]
            grey = np.float32(luma[y, x])
            b = blue_row[left] + part * (blue_row[right] - blue_row[left])
            r = red_row[left] + part * (red_row[right] - red_row[left])
            for c in range(3):
                level = matrix[c, 0] * grey + matrix[c, 1] * b + matrix[c, 2] * r + offset[c]
                out[y, x, c] = out.dtype.type(min(max(level, np.float32(0.0)), top) + half)
