"""Time: which pixels stay as they are, and a weak filter against noise in them."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels import temporal
from ssimgif.model import F32, U8


class TemporalFilter:
    """Filters frames one by one, each with the frames before it only.

    Every sample moves towards the filtered frame before, the less the more its 5x5
    neighbourhood differs from that frame, and never by more than ``most``: what moves is left
    alone, and no error can build up.

    Parameters
    ----------
    strength : float
        Share of the difference to the frame before that is taken away at rest, 0..1.
    still : float
        8-bit levels; a neighbourhood that differs by this much is not touched.
    most : float
        8-bit levels; the greatest change of a sample.

    Raises
    ------
    ValueError
        On a parameter out of its range.
    """

    def __init__(self, strength: float = 0.5, still: float = 6.0, most: float = 2.0) -> None:
        if not 0 <= strength <= 1 or not still > 0 or not most >= 0:
            raise ValueError("strength must be 0..1, still more than 0 and most 0 or more")
        self._strength, self._still, self._most = strength, still, most
        self._before: F32 | None = None

    def restart(self) -> None:
        """Forget the frames before."""
        self._before = None

    def __call__(self, rgb: U8) -> U8:
        """Return the next frame, filtered.

        Parameters
        ----------
        rgb : u8[h, w, 3]
            Of the size of the frame before, else the filter starts over.
        """
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
            raise ValueError(f"a frame must be u8[h, w, 3], not {rgb.dtype}{rgb.shape}")
        rgb = np.ascontiguousarray(rgb)
        if self._before is None or self._before.shape != rgb.shape:
            self._before = rgb.astype(np.float32)
            return rgb.copy()
        out = np.empty(rgb.shape, np.float32)
        temporal.smooth(rgb, self._before, self._strength, self._still, self._most, out)
        self._before = out
        return np.rint(out).astype(np.uint8)
