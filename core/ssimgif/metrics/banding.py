"""False contours: steps where the source is a smooth gradient.

A pixel lies on one when the 5x5 source pixels around it span at most 3 levels of luma, and the
picture, blurred a little so that dithering counts little, steps there by at least one level
more than the source.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssimgif.host import bands, together
from ssimgif.kernels import banding
from ssimgif.model import U8, Bool

SMOOTH_SPAN = 3
_LEVEL = 256
_RADIUS = 2


class BandingReference:
    """One source picture that others are compared with.

    Parameters
    ----------
    luma : u8[h, w]
    """

    def __init__(self, luma: U8) -> None:
        if luma.ndim != 2 or luma.dtype != np.uint8 or not luma.size:
            raise ValueError(f"luma must be u8[h, w], not {luma.dtype}{luma.shape}")
        self.smooth: Bool = np.empty(luma.shape, np.bool_)
        banding.flat_areas(np.ascontiguousarray(luma), SMOOTH_SPAN, self.smooth)
        self._gradient = _gradient(luma)

    def contours(self, luma: U8) -> Bool:
        """Mark the pixels bool[h, w] of a picture u8[h, w] that lie on a false contour."""
        if luma.shape != self.smooth.shape or luma.dtype != np.uint8:
            expected = f"u8{self.smooth.shape}"
            raise ValueError(f"luma must be {expected}, not {luma.dtype}{luma.shape}")
        return self.smooth & (_gradient(luma) - self._gradient >= _LEVEL)

    def share(self, luma: U8) -> float:
        """Return the share of a picture's pixels, 0..1, that lie on a false contour."""
        return float(self.contours(luma).mean())


def _gradient(luma: U8) -> NDArray[np.int32]:
    out, padded = np.empty(luma.shape, np.int32), np.pad(luma, _RADIUS, mode="symmetric")

    def measure(part: tuple[int, int]) -> None:
        first, last = part
        # The row below is needed, too.
        found = np.empty((min(last + 1, len(luma)) - first, luma.shape[1]), np.int32)
        banding.gradient(padded[first : first + len(found) + 2 * _RADIUS], found)
        out[first:last] = found[: last - first]

    together(measure, bands(len(luma)))
    return out
