"""Where a block's rectangle can end: margins that are not worth their bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssimgif.image import Area
from ssimgif.kernels import crop as kernel
from ssimgif.model import F32, F64, U8, Bool


@dataclass(frozen=True, slots=True)
class Price:
    """What drawing takes, in bits.

    Attributes
    ----------
    lam : float
        Bits that one unit of error is worth.
    pixel, drawn : float
        Bits that each pixel of a rectangle takes, and what more each that is drawn.
    """

    lam: float
    pixel: float
    drawn: float


def crop(indices: U8, transparent: int, held: F32, floor: F32, clear: Bool, price: Price) -> Area:
    """Return the rectangle without the margins whose pixels gain less than they cost.

    Parameters
    ----------
    indices : u8[h, w]
        What a coding draws.
    transparent : int
        The index of pixels that stay as they are.
    held, floor : f32[h, w]
        Weighted squared error of each pixel that stays as it is, infinite where it may not, and
        the least that a pixel can have.
    clear : bool[h, w]
        What must be inside the rectangle.
    price : Price

    Returns
    -------
    Area
        Within ``indices``, of one pixel at least.
    """
    height, width = indices.shape
    rows, columns = np.empty(height), np.empty(width)
    given = (indices, transparent, held, floor, clear, price.lam, price.drawn)
    kernel.line_gains(*given, 0, height, rows, columns)
    top, bottom = _margins(rows - price.pixel * width)
    kernel.line_gains(*given, top, height - bottom, rows, columns)
    left, right = _margins(columns - price.pixel * (height - top - bottom))
    return Area(left, top, width - left - right, height - top - bottom)


def _margins(surplus: F64) -> tuple[int, int]:
    """Return how many lines to leave out at the beginning and at the end of a row of lines."""
    first = _lines(surplus[:-1])
    return first, _lines(surplus[first + 1 :][::-1])


def _lines(surplus: F64) -> int:
    """Return how many of the first lines have the least sum; the most of equal ones."""
    sums = np.cumsum(np.append(0.0, surplus))
    return len(sums) - 1 - int(np.argmin(sums[::-1]))
