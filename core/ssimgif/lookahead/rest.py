"""Which pixels stay as they are from one frame to the next."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels import temporal
from ssimgif.model import U8, Bool


def resting(before: U8, after: U8, limit: float = 1.5) -> Bool:
    """Tell which pixels stay as they are from one frame to the next.

    A pixel that stays is coded once and held afterwards, so an error there costs in every
    frame that holds it.

    Parameters
    ----------
    before, after : u8[h, w]
        Luma.
    limit : float
        8-bit levels of change, averaged over 5x5 pixels, from which on a pixel counts as moving.

    Returns
    -------
    bool[h, w]
    """
    change = np.empty(before.shape, np.float32)
    temporal.motion(np.ascontiguousarray(before), np.ascontiguousarray(after), change)
    return change < limit
