"""LZW coding of palette indices, without loss (GIF89a, appendix F)."""

from __future__ import annotations

from functools import partial

import numpy as np

from ssimgif.host import start
from ssimgif.kernels import lzw as kernel
from ssimgif.model import U8, Bool


def encode(indices: U8, minimum_code_size: int) -> bytes:
    """Code indices with the longest phrases known.

    A full table is cleared when the rate worsens.

    Parameters
    ----------
    indices : u8, any shape, at least one
        Below ``2 ** minimum_code_size``.
    minimum_code_size : int
        2..8.

    Returns
    -------
    bytes
        From clear code to end code, not cut into sub-blocks.
    """
    flat = checked(indices, minimum_code_size)
    out = room(flat.size)
    return out[: kernel.encode(flat, minimum_code_size, out)].tobytes()


def encode_ties(visible: U8, held: U8 | Bool, transparent: int, minimum_code_size: int) -> bytes:
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

    Returns
    -------
    bytes
        As from `encode`.
    """
    own = checked(visible, minimum_code_size)
    free = np.ascontiguousarray(held, np.uint8).ravel()
    if free.shape != own.shape:
        raise ValueError(f"held has {free.size} pixels, visible {own.size}")
    if not 0 <= transparent < 1 << minimum_code_size:
        raise ValueError(f"transparent index {transparent} does not fit the code size")
    if not free.any():
        return encode(own, minimum_code_size)
    filled = np.where(free, np.uint8(transparent), own)
    runs = np.empty_like(own)
    kernel.continue_runs(own, free, transparent, runs)
    preferred = (runs == transparent).astype(np.uint8)

    def free_choice() -> bytes:
        out = room(own.size)
        size = kernel.encode_ties(own, free, transparent, preferred, minimum_code_size, out)
        return out[:size].tobytes()

    fixed = [start(partial(encode, choice, minimum_code_size)) for choice in (filled, own)]
    return min(free_choice(), *(choice() for choice in fixed), key=len)


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


def checked(indices: U8, minimum_code_size: int) -> U8:
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


def room(pixels: int) -> U8:
    """Return space for the worst case: a 12-bit code for each pixel, and the clear codes."""
    return np.empty(2 * pixels + 16, np.uint8)
