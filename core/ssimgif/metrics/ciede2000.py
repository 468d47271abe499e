"""How far the colours of a picture are from the source's, as the eye would blend them.

Both pictures are blurred by a 3x3 binomial in linear light, so that dithering counts for the
colour it makes, and compared by CIEDE2000.

Source: G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 color-difference formula: implementation
notes, supplementary test data, and mathematical observations", Color Research & Application 30
(2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssimgif.image import LINEAR_LIGHT
from ssimgif.kernels import ciede2000
from ssimgif.model import F32, U8

Histogram = NDArray[np.int64]

BINS_PER_UNIT = 50
BINS = 120 * BINS_PER_UNIT + 1

_ROTATION = ciede2000.rotation_table(2049)


class ColorReference:
    """One source picture that others are compared with.

    Parameters
    ----------
    rgb : u8[h, w, 3]
    step : int
        Look at every ``step``-th row only.
    """

    def __init__(self, rgb: U8, step: int = 1) -> None:
        self._shape = rgb.shape
        self._step = step
        self._lab = blurred_lab(rgb, step)

    def difference(self, rgb: U8) -> F32:
        """Return CIEDE2000 f32[ceil(h / step), w] of a picture u8[h, w, 3] of the same size."""
        self._check(rgb)
        lab = blurred_lab(rgb, self._step)
        out = np.empty((lab.shape[0], lab.shape[2]), np.float32)
        ciede2000.difference_map(self._lab, lab, _ROTATION, out)
        return out

    def histogram(self, rgb: U8) -> Histogram:
        """Count the pixels of each difference, so that several pictures can be pooled.

        Parameters
        ----------
        rgb : u8[h, w, 3]

        Returns
        -------
        i64[6001]
            Pixels with a CIEDE2000 of 0, .02, .04 .. 120, rounded to the nearest.
        """
        self._check(rgb)
        counts = np.zeros(BINS, np.int64)
        lab = blurred_lab(rgb, self._step)
        ciede2000.difference_histogram(self._lab, lab, _ROTATION, np.float32(BINS_PER_UNIT), counts)
        return counts

    def _check(self, rgb: U8) -> None:
        if rgb.shape != self._shape or rgb.dtype != np.uint8:
            raise ValueError(f"a picture must be u8{self._shape}, not {rgb.dtype}{rgb.shape}")


def blurred_lab(rgb: U8, step: int = 1) -> F32:
    """Return CIELAB (D65) of every ``step``-th row of a slightly blurred picture.

    Parameters
    ----------
    rgb : u8[h, w, 3]

    Returns
    -------
    f32[ceil(h / step), 3, w]
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise ValueError(f"a picture must be u8[h, w, 3], not {rgb.dtype}{rgb.shape}")
    height, width = rgb.shape[:2]
    out = np.empty((-(-height // step), 3, width), np.float32)
    ciede2000.blurred_lab(np.ascontiguousarray(rgb), LINEAR_LIGHT, step, out)
    return out


def histogram_mean(counts: Histogram) -> float:
    """Return the mean difference of a histogram; 0 of an empty one."""
    total = int(counts.sum())
    return float(counts @ np.arange(counts.size)) / (total * BINS_PER_UNIT) if total else 0.0


def histogram_percentile(counts: Histogram, percent: float) -> float:
    """Return the difference that ``percent`` of the pixels do not exceed; 0 of an empty one."""
    total = int(counts.sum())
    if not total:
        return 0.0
    rank = percent / 100 * (total - 1)
    return float(np.searchsorted(np.cumsum(counts), rank, side="right")) / BINS_PER_UNIT
