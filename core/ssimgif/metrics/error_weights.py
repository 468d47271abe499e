"""What errors cost the encoder: by SSIM, but edges are no texture, and changes must arrive.

SSIM's own price of a squared error of luma is 1 / (2 v + C2), v the variance around it. Beside an
edge v is large on both sides, as in texture, so that errors there are nearly free, and outlines
fray. But one side of an edge is smooth, while texture is rough all around: the price takes the
variance for ``v^(1 - s) m^s``, m the least variance of the places around.
A strong change that is missed by half costs at least a fixed price, whatever the variance.
"""

from __future__ import annotations

import numpy as np

from ssimgif.metrics.missed import MissedReference
from ssimgif.metrics.ssim import C2, SsimReference
from ssimgif.model import F32, F64

# How far the least variance counts, 0..1, and how many pixels away it is looked for.
SMOOTHNESS = 0.5
DISTANCE = 4
# Price of an error as large as a strong change.
CHANGE_PRICE = 12.0
# By what power of that of luma the price of chroma rises where luma's rises above SSIM's.
CHROMA_SHARE = 0.5


def error_weights(ssim: SsimReference, changes: MissedReference | None) -> tuple[F32, F32]:
    """Return the price of a squared error of luma, and how much more one of chroma costs there.

    Parameters
    ----------
    ssim : SsimReference
    changes : MissedReference or None
        Strong changes from the frame before.

    Returns
    -------
    f32[h, w], f32[h, w]
    """
    usual = ssim.weights
    weights = usual
    if SMOOTHNESS:
        weights = np.maximum(usual, ssim.blurred(1 / (2 * beside_smooth(ssim.variance) + C2)))
    if changes is not None and changes.places.size:
        weights = weights.copy()
        flat = weights.ravel()
        least = CHANGE_PRICE / np.square(changes.steps, dtype=np.float32)
        flat[changes.places] = np.maximum(flat[changes.places], least)
    return weights, (weights / usual) ** np.float32(CHROMA_SHARE)


def beside_smooth(variance: F64) -> F32:
    """Return the variance f32[h, w] that masks: less of it beside what is smooth."""
    rough = np.maximum(variance, 1e-3).astype(np.float32)
    height, width = rough.shape
    padded = np.pad(rough, DISTANCE, mode="edge")
    least = padded.copy()
    for shift in (DISTANCE, -DISTANCE):
        least = np.minimum(least, np.roll(padded, shift, axis=0))
    padded = least.copy()
    for shift in (DISTANCE, -DISTANCE):
        least = np.minimum(least, np.roll(padded, shift, axis=1))
    least = least[DISTANCE : DISTANCE + height, DISTANCE : DISTANCE + width]
    share = np.float32(SMOOTHNESS)
    return rough ** (1 - share) * least**share
