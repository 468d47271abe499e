"""How far the colours of a picture are from the source's, as the eye would blend them.

Both pictures are blurred by a 3x3 binomial in linear light, so that dithering counts for the
colour it makes, and compared by CIEDE2000.

Source: G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 color-difference formula: implementation
notes, supplementary test data, and mathematical observations", Color Research & Application 30
(2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssimgif.host import bands, together
from ssimgif.image import LINEAR_LIGHT, Area
from ssimgif.kernels import ciede2000
from ssimgif.metrics.picture import Recent, grown, whole
from ssimgif.model import F32, U8

Histogram = NDArray[np.int64]

BINS_PER_UNIT = 50
BINS = 120 * BINS_PER_UNIT + 1
# Parts of the source, for the like pictures to come.
KEPT = 4

_ROTATION = ciede2000.rotation_table(2049)


@dataclass(frozen=True, slots=True, eq=False)
class ColorErrors:
    """CIEDE2000 of each pixel, and how often each is there.

    Attributes
    ----------
    bins : i16[h, w]
        In `BINS_PER_UNIT` to the unit.
    counts : i64[6001]
        Pixels with a CIEDE2000 of 0, .02, .04 .. 120, rounded to the nearest.
    """

    bins: NDArray[np.int16]
    counts: Histogram


class ColorReference:
    """One source picture that others are compared with.

    Parameters
    ----------
    rgb : u8[h, w, 3]
    step : int
        Look at every ``step``-th row only.
    """

    def __init__(self, rgb: U8, step: int = 1) -> None:
        _check_picture(rgb)
        self._rgb = rgb
        self._step = step
        self._parts: Recent[Area, F32] = Recent(KEPT)

    def difference(self, rgb: U8) -> F32:
        """Return CIEDE2000 f32[ceil(h / step), w] of a picture u8[h, w, 3] of the same size."""
        self._check(rgb)
        lab = blurred_lab(rgb, self._step)
        out = np.empty((lab.shape[0], lab.shape[2]), np.float32)
        ciede2000.difference_map(self._lab(whole(rgb.shape)), lab, _ROTATION, out)
        return out

    def histogram(self, rgb: U8) -> Histogram:
        """Count the pixels of each difference, so that several pictures can be pooled.

        Parameters
        ----------
        rgb : u8[h, w, 3]

        Returns
        -------
        i64[6001]
            See `ColorErrors`.
        """
        return self.whole(rgb).counts

    def whole(self, rgb: U8) -> ColorErrors:
        """Return the differences of a picture u8[h, w, 3] of the same size."""
        self._check(rgb)
        ours = self._lab(whole(rgb.shape))
        bins = np.empty((ours.shape[0], ours.shape[2]), np.int16)

        def compare(part: tuple[int, int]) -> Histogram:
            theirs, rows = _band_of_lab(rgb, self._step, part)
            counts = np.zeros(BINS, np.int64)
            given = _ROTATION, np.float32(BINS_PER_UNIT)
            ciede2000.difference_bins(ours[rows], theirs, *given, bins[rows], counts)
            return counts

        found = together(compare, bands(len(rgb), self._step))
        return ColorErrors(bins, np.sum(found, axis=0))

    def patched(self, known: ColorErrors, rgb: U8, area: Area) -> ColorErrors:
        """Return `whole` of a picture, by that of a pair that differs in a rectangle alone.

        Parameters
        ----------
        known : ColorErrors
            Of another picture and its source.
        rgb : u8[h, w, 3]
        area : Area
        """
        self._check(rgb)
        step = self._step
        # A blur reaches by one pixel, and what is blurred needs another one.
        around = grown(area, 2, rgb.shape, step)
        found = self._errors(rgb, around).bins
        touched = grown(area, 1, rgb.shape)
        first, last = -(-touched.top // step), -(-(touched.top + touched.height) // step)
        here = slice(first, last), slice(touched.left, touched.left + touched.width)
        top = around.top // step
        there = (
            slice(first - top, last - top),
            slice(touched.left - around.left, touched.left - around.left + touched.width),
        )
        bins = known.bins.copy()
        bins[here] = found[there]
        counts = known.counts - _count(known.bins[here]) + _count(bins[here])
        return ColorErrors(bins, counts)

    def _errors(self, rgb: U8, area: Area) -> ColorErrors:
        lab = blurred_lab(rgb[area.slices], self._step)
        bins, counts = np.empty((lab.shape[0], lab.shape[2]), np.int16), np.zeros(BINS, np.int64)
        per_unit = np.float32(BINS_PER_UNIT)
        ciede2000.difference_bins(self._lab(area), lab, _ROTATION, per_unit, bins, counts)
        return ColorErrors(bins, counts)

    def _lab(self, area: Area) -> F32:
        """Return a part of the source."""
        return self._parts.get(area, lambda area: blurred_lab(self._rgb[area.slices], self._step))

    def _check(self, rgb: U8) -> None:
        if rgb.shape != self._rgb.shape or rgb.dtype != np.uint8:
            raise ValueError(f"a picture must be u8{self._rgb.shape}, not {rgb.dtype}{rgb.shape}")


def _count(bins: NDArray[np.int16]) -> Histogram:
    counts = np.zeros(BINS, np.int64)
    ciede2000.count_bins(np.ascontiguousarray(bins), counts)
    return counts


def _check_picture(rgb: U8) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise ValueError(f"a picture must be u8[h, w, 3], not {rgb.dtype}{rgb.shape}")


def blurred_lab(rgb: U8, step: int = 1) -> F32:
    """Return CIELAB (D65) of every ``step``-th row of a slightly blurred picture.

    Parameters
    ----------
    rgb : u8[h, w, 3]

    Returns
    -------
    f32[ceil(h / step), 3, w]
    """
    _check_picture(rgb)
    parts = bands(len(rgb), step)
    if len(parts) == 1:
        return _blurred_lab(rgb, step)
    out = np.empty((-(-len(rgb) // step), 3, rgb.shape[1]), np.float32)

    def blur(part: tuple[int, int]) -> None:
        lab, rows = _band_of_lab(rgb, step, part)
        out[rows] = lab

    together(blur, parts)
    return out


def _blurred_lab(rgb: U8, step: int) -> F32:
    out = np.empty((-(-len(rgb) // step), 3, rgb.shape[1]), np.float32)
    ciede2000.blurred_lab(np.ascontiguousarray(rgb), LINEAR_LIGHT, step, out)
    return out


def _band_of_lab(rgb: U8, step: int, part: tuple[int, int]) -> tuple[F32, slice]:
    """Return what `blurred_lab` makes of a band of rows, and which of its rows these are."""
    first, last = part
    around = grown(Area(0, first, rgb.shape[1], last - first), 1, rgb.shape, step)
    rows = slice(first // step, -(-last // step))
    before = around.top // step
    lab = _blurred_lab(rgb[around.slices], step)
    return lab[rows.start - before : rows.stop - before], rows


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
