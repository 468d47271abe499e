"""What errors cost the encoder: by SSIM, but edges are no texture, and changes must arrive.

SSIM's own price of a squared error of luma is 1 / (2 v + C2), v the variance around it. Beside an
edge v is large on both sides, as in texture, so that errors there are nearly free, and outlines
fray. But one side of an edge is smooth, while texture is rough all around: the price takes the
variance for ``v^(1 - s) m^s``, m the least variance of the places around. A place that is smaller
than the window, such as a cursor or what is between letters, has no smooth place around; there
errors show where the pixels beside them are equal: the price is at least that of
``v^(1 - f) (4 w)^f``, w the variance within 3x3 pixels.
A strong change that is missed by half costs at least a fixed price, whatever the variance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ssimgif.metrics.missed import MissedReference
from ssimgif.metrics.ssim import C2, SsimReference
from ssimgif.model import F32, U8, Bool

# How far the least variance counts, 0..1, and how many pixels away it is looked for.
SMOOTHNESS = 0.5
DISTANCE = 4
# How far the variance within 3x3 pixels counts, 0..1, which is a quarter of what masks, and what it
# is at the least.
FINENESS = 0.5
FINE_SHARE = 0.25
LEAST_FINE = 1.0
# Price of a squared error of luma where all around is the same.
UNMASKED = 1 / C2
# Price of an error as large as a strong change.
CHANGE_PRICE = 12.0
# By what power of that of luma the price of chroma rises where luma's rises above SSIM's.
CHROMA_SHARE = 0.5


class Prices(NamedTuple):
    """What an error costs at each pixel of a frame.

    Attributes
    ----------
    luma : f32[h, w]
        Price of a squared error of luma.
    chroma_gain : f32[h, w]
        How much more than elsewhere one of chroma costs.
    even : bool[h, w]
        Where luma is the same within 3x3 pixels.
    """

    luma: F32
    chroma_gain: F32
    even: Bool

    @classmethod
    def empty(cls, height: int, width: int) -> Prices:
        """Return those of a frame of which all parts are still to be put in."""
        shape = height, width
        planes = np.empty(shape, np.float32), np.empty(shape, np.float32)
        return cls(*planes, np.empty(shape, np.bool_))

    def within(self, part: tuple[slice, slice]) -> Prices:
        """Return those of a part of the frame."""
        return Prices(self.luma[part], self.chroma_gain[part], self.even[part])

    def put(self, part: tuple[slice, slice], new: Prices) -> None:
        """Take those of a part in."""
        for plane, values in zip(self, new, strict=True):
            plane[part] = values

    def copy(self) -> Prices:
        return Prices(self.luma.copy(), self.chroma_gain.copy(), self.even.copy())


def error_weights(ssim: SsimReference, changes: MissedReference | None) -> Prices:
    """Return what errors cost in a frame.

    Parameters
    ----------
    ssim : SsimReference
    changes : MissedReference or None
        Strong changes from the frame before.
    """
    usual = ssim.weights
    rough = np.maximum(ssim.variance, 1e-3).astype(np.float32)
    masking = _between(rough, least_around(rough), SMOOTHNESS)
    weights: F32 = np.maximum(usual, ssim.blurred(1 / (2 * masking + C2)))
    variance = fine_variance(ssim.luma)
    fine = np.clip(variance / np.float32(FINE_SHARE), LEAST_FINE, None)
    masking = _between(rough, np.minimum(rough, fine), FINENESS)
    weights = np.maximum(weights, 1 / (2 * masking + C2))
    if changes is not None and changes.places.size:
        flat = weights.ravel()
        least = CHANGE_PRICE / np.square(changes.steps, dtype=np.float32)
        flat[changes.places] = np.maximum(flat[changes.places], least)
    return Prices(weights, (weights / usual) ** np.float32(CHROMA_SHARE), variance == 0)


def least_around(rough: F32) -> F32:
    """Return the least of nine places, `DISTANCE` apart, around each, f32[h, w]."""
    height, width = rough.shape
    padded = np.pad(rough, DISTANCE, mode="edge")
    least = padded.copy()
    for shift in (DISTANCE, -DISTANCE):
        least = np.minimum(least, np.roll(padded, shift, axis=0))
    padded = least.copy()
    for shift in (DISTANCE, -DISTANCE):
        least = np.minimum(least, np.roll(padded, shift, axis=1))
    return least[DISTANCE : DISTANCE + height, DISTANCE : DISTANCE + width]


def fine_variance(luma: U8) -> F32:
    """Return the variance of luma u8[h, w] within 3x3 pixels, f32[h, w], edges repeated."""
    plane = np.pad(luma, 1, mode="edge").astype(np.float32)
    mean, square = _sums_of_nine(plane) / 9, _sums_of_nine(plane * plane) / 9
    variance: F32 = np.maximum(square - mean * mean, 0)
    return variance


def _between(one: F32, other: F32, share: float) -> F32:
    """Return the geometric mean, in which ``other`` counts by a share."""
    power = np.float32(share)
    mean: F32 = one ** (1 - power) * other**power
    return mean


def _sums_of_nine(plane: F32) -> F32:
    rows = plane[:-2] + plane[1:-1] + plane[2:]
    sums: F32 = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return sums
