"""What BandingNet sees of a picture: luma and a map of likely banding edges (Algorithm 1)."""

from __future__ import annotations

import numpy as np

from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.kernels.edges import fill_banding_inputs


def banding_inputs(pixels: U8) -> F32:
    """Return f32[2, h, w]: luma 0..255 (BT.601, not rounded) and the edge map 0..8.

    The gradient G is the length of the steps to the next pixel right and below. Where most of a
    7 x 7 neighbourhood is flat, G is likely a banding edge: the weight is the squared share of
    ``ReLU(1 - G)`` in the neighbourhood. (The algorithm as printed in the GIFnets paper,
    ``(1 - ReLU(1 - G)) * ones(7 x 7)``, weights texture up and flat areas down, the reverse of
    what its text and figure say.) Beyond the border, pixels repeat.

    Parameters
    ----------
    pixels : u8[h, w, 3]
        sRGB.
    """
    out = np.empty((2, *pixels.shape[:2]), np.float32)
    fill_banding_inputs(np.ascontiguousarray(pixels), out)
    return out
