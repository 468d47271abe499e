"""LZW coding of palette indices, without loss (GIF89a, appendix F)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssimgif.kernels import lzw as kernel
from ssimgif.model import U8, Bool

# Clear codes wherever they pay, rather than at grid points that a search found.
ADAPTIVE = np.array([-1], np.int64)
GRID_POINTS = 64
MIN_STEP = 256
# Bits by which a start may lag behind another before it is given up: a fresh table is slow.
SLACK = 8 * 512.0
BEAM = 4


def encode(indices: U8, minimum_code_size: int, search: bool = False) -> bytes:
    """Code indices with the longest phrases known.

    Parameters
    ----------
    indices : u8, any shape, at least one
        Below ``2 ** minimum_code_size``.
    minimum_code_size : int
        2..8.
    search : bool
        Whether to search for the places of the clear codes (some 2 % smaller, 30 times as slow)
        instead of clearing a full table when the rate worsens.

    Returns
    -------
    bytes
        From clear code to end code, not cut into sub-blocks.
    """
    flat = _checked(indices, minimum_code_size)
    data = _encode(flat, minimum_code_size, ADAPTIVE)
    if not search:
        return data
    searched = _encode(flat, minimum_code_size, clear_points(flat, minimum_code_size))
    return min(data, searched, key=len)


def encode_ties(
    visible: U8,
    held: U8 | Bool,
    transparent: int,
    minimum_code_size: int,
    beam: int = BEAM,
    search: bool = False,
) -> bytes:
    """Code a picture whose held pixels may have their own index or the transparent one.

    Pixels that equal what is on screen can be coded either way. The smallest of three codings is
    taken: all of them transparent, none, and each as phrases grow longest.

    Parameters
    ----------
    visible : u8, any shape
        Each pixel's own index.
    held : u8 or bool, of the same shape
        1 where ``transparent`` is right as well.
    transparent : int
    minimum_code_size : int
        2..8.
    beam : int
        How many phrases are followed at once.
    search : bool
        As for `encode`.

    Returns
    -------
    bytes
        As from `encode`.
    """
    own = _checked(visible, minimum_code_size)
    free = np.ascontiguousarray(held, np.uint8).ravel()
    if free.shape != own.shape:
        raise ValueError(f"held has {free.size} pixels, visible {own.size}")
    if not 0 <= transparent < 1 << minimum_code_size:
        raise ValueError(f"transparent index {transparent} does not fit the code size")
    if not free.any():
        return encode(own, minimum_code_size, search)
    filled = np.where(free, np.uint8(transparent), own)
    runs = np.empty_like(own)
    kernel.continue_runs(own, free, transparent, runs)
    clears = clear_points(filled, minimum_code_size) if search else ADAPTIVE
    preferred = (runs == transparent).astype(np.uint8)
    out = _room(own.size, len(clears))
    size = kernel.encode_ties(
        own, free, transparent, preferred, minimum_code_size, clears, beam, out
    )
    fixed = [encode(choice, minimum_code_size, search) for choice in (filled, own)]
    return min(out[:size].tobytes(), *fixed, key=len)


def decode(data: bytes, minimum_code_size: int, count: int) -> U8:
    """Decode ``count`` indices.

    Raises
    ------
    ValueError
        On data that is broken or too short.
    """
    _check_code_size(minimum_code_size)
    out = np.empty(count, np.uint8)
    written = kernel.decode(np.frombuffer(data, np.uint8), minimum_code_size, out)
    if written < count:
        raise ValueError("broken LZW data" if written < 0 else f"{written} of {count} pixels")
    return out


def clear_points(indices: U8, minimum_code_size: int) -> NDArray[np.int64]:
    """Find where clear codes make the data smallest, on a grid of positions.

    Dynamic programming: the fewest bits to each grid point, over all grid points at which the
    table may have been cleared last.

    Parameters
    ----------
    indices : u8[n]
    minimum_code_size : int

    Returns
    -------
    i64[m]
        Positions, rising.
    """
    step = max(MIN_STEP, -(-len(indices) // GRID_POINTS))
    points = -(-len(indices) // step)
    bits = np.full(points + 1, np.inf)
    bits[0] = 0.0
    came_from = np.zeros(points + 1, np.int64)
    for point in range(points):
        kernel.cost_from(indices, minimum_code_size, point * step, step, bits, SLACK, came_from)
    path: list[int] = []
    point = int(came_from[points])
    while point:
        path.append(point * step)
        point = int(came_from[point])
    return np.array(path[::-1], np.int64)


def _encode(flat: U8, minimum_code_size: int, clears: NDArray[np.int64]) -> bytes:
    out = _room(len(flat), len(clears))
    return out[: kernel.encode(flat, minimum_code_size, clears, out)].tobytes()


def _checked(indices: U8, minimum_code_size: int) -> U8:
    _check_code_size(minimum_code_size)
    flat = np.ascontiguousarray(indices, np.uint8).ravel()
    if not flat.size:
        raise ValueError("there is nothing to code")
    if int(flat.max()) >> minimum_code_size:
        raise ValueError(f"index {flat.max()} does not fit a code size of {minimum_code_size}")
    return flat


def _check_code_size(minimum_code_size: int) -> None:
    if not 2 <= minimum_code_size <= 8:
        raise ValueError(f"the minimum code size is 2..8, not {minimum_code_size}")


def _room(pixels: int, clears: int) -> U8:
    """Return space for the worst case: a 12-bit code for each pixel, and the clear codes."""
    return np.empty(2 * (pixels + clears) + 16, np.uint8)
