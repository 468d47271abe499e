"""Colours bled outward from opaque pixels."""

from __future__ import annotations

from typing import Any

from ssimgif.kernels.jit import kernel


@kernel
def nearest_known(known: Any, rows: Any, columns: Any) -> None:
    """Find, for every pixel, a known pixel that is about the nearest.

    Two raster passes hand the nearest known pixel on to the neighbours (Danielsson, "Euclidean
    distance mapping", 1980).

    Parameters
    ----------
    known : bool[h, w]
    rows, columns : i32[h, w]
        Filled with the position of the nearest known pixel, or -1 where there is none.
    """
    height, width = known.shape
    for y in range(height):
        for x in range(width):
            rows[y, x] = y if known[y, x] else -1
            columns[y, x] = x if known[y, x] else -1
    for sweep in range(2):
        step = 1 if sweep == 0 else -1
        first_y = 0 if sweep == 0 else height - 1
        first_x = 0 if sweep == 0 else width - 1
        for i in range(height):
            y = first_y + step * i
            for turn in range(2):
                # Each row is swept both ways, so that a seed reaches both sides.
                side = step if turn == 0 else -step
                start = first_x if turn == 0 else width - 1 - first_x
                for j in range(width):
                    x = start + side * j
                    for k in range(2):
                        ny = y - step if k == 0 else y
                        nx = x if k == 0 else x - side
                        if ny < 0 or ny >= height or nx < 0 or nx >= width or rows[ny, nx] < 0:
                            continue
                        dy, dx = rows[ny, nx] - y, columns[ny, nx] - x
                        here_y, here_x = rows[y, x] - y, columns[y, x] - x
                        if rows[y, x] < 0 or dy * dy + dx * dx < here_y * here_y + here_x * here_x:
                            rows[y, x], columns[y, x] = rows[ny, nx], columns[ny, nx]
