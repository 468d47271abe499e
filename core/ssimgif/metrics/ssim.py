"""Structural similarity of luma, with everything about the source worked out once.

Source: Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from
error visibility to structural similarity", IEEE Transactions on Image Processing 13 (2004).
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ssimgif.host import bands, together
from ssimgif.image import Area
from ssimgif.kernels import blur, ssim
from ssimgif.metrics.picture import grown
from ssimgif.model import F32, F64, U8

T = TypeVar("T", bound=np.generic)
RADIUS = 5
# What a pixel may score above 1, by rounding.
ROUNDING = 1e-6
C1 = (0.01 * 255) ** 2
C2 = (0.03 * 255) ** 2
_GAUSSIAN = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / 1.5) ** 2)
_TAPS = (_GAUSSIAN / _GAUSSIAN.sum())[: RADIUS + 1]


class SsimReference:
    """One source picture that others are compared with.

    The window is Gaussian, sigma 1.5, 11x11; K1 = .01, K2 = .03, L = 255. The score leaves out a
    border of 5 px, as the paper does; a picture under 11 px on a side has no such inside, and is
    scored on all its pixels with its borders reflected.

    Parameters
    ----------
    luma : u8[h, w]
    """

    def __init__(self, luma: U8) -> None:
        self._take(luma)
        self._reflected = _statistics(_reflect(self._luma))

    def _take(self, luma: U8) -> None:
        if luma.ndim != 2 or luma.dtype != np.uint8 or not luma.size:
            raise ValueError(f"luma must be u8[h, w], not {luma.dtype}{luma.shape}")
        self._luma = np.ascontiguousarray(luma)
        self._small = min(luma.shape) <= 2 * RADIUS
        self._middle: tuple[F64, F64] | None = None

    def following(self, luma: U8, area: Area) -> SsimReference:
        """Return the reference of a source u8[h, w] that differs in a rectangle alone."""
        if self._small:
            return SsimReference(luma)
        self._check(luma)
        other = SsimReference.__new__(SsimReference)
        other._take(luma)
        touched = grown(area, RADIUS, luma.shape)
        wide = Area(
            touched.left, touched.top, touched.width + 2 * RADIUS, touched.height + 2 * RADIUS
        )
        part = np.ascontiguousarray(_reflect(luma)[wide.slices])
        planes = self._reflected[0].copy(), self._reflected[1].copy()
        for plane, new in zip(planes, _statistics(part), strict=True):
            plane[touched.slices] = new
        other._reflected = planes
        return other

    def score(self, luma: U8) -> float:
        """Return the mean SSIM, -1..1, of a picture u8[h, w] of the same size."""
        return mean_ssim(self.whole(luma))

    def whole(self, luma: U8) -> F32:
        """Return the SSIM f32[h - 10, w - 10] of a picture u8[h, w]; of a small one f32[h, w]."""
        self._check(luma)
        if self._small:
            return self.map(luma)
        mean, variance = self._inside()
        out = np.empty(mean.shape, np.float32)

        def compare(part: tuple[int, int]) -> None:
            rows, under = slice(*part), slice(part[0], part[1] + 2 * RADIUS)
            given = self._luma[under], mean[rows], variance[rows], plane[under], _TAPS, C1, C2
            ssim.ssim_map(*given, np.inf, out[rows])

        plane = np.ascontiguousarray(luma)
        together(compare, bands(len(out)))
        return out

    def patched(self, known: F32, luma: U8, area: Area) -> F32:
        """Return `whole` of a picture, by that of a pair that differs in a rectangle alone.

        Parameters
        ----------
        known : f32
            Of another picture and its source.
        luma : u8[h, w]
        area : Area
        """
        if self._small:
            return self.whole(luma)
        self._check(luma)
        height, width = known.shape
        # The window of each place reaches from its own row and column on.
        top, left = max(area.top - 2 * RADIUS, 0), max(area.left - 2 * RADIUS, 0)
        bottom, right = min(area.top + area.height, height), min(area.left + area.width, width)
        out = (slice(top, bottom), slice(left, right))
        under = (slice(top, bottom + 2 * RADIUS), slice(left, right + 2 * RADIUS))
        statistics = self._inside(out)
        pixels = np.ascontiguousarray(self._luma[under]), np.ascontiguousarray(luma[under])
        patched = known.copy()
        patched[out] = _compare(pixels[0], statistics, pixels[1])[0]
        return patched

    def _inside(self, part: tuple[slice, slice] | None = None) -> tuple[F64, F64]:
        """Return mean and variance of the source without its border, or of a part of that."""
        if part is None and self._middle is not None:
            return self._middle
        within = (plane[RADIUS:-RADIUS, RADIUS:-RADIUS] for plane in self._reflected)
        mean, variance = (np.ascontiguousarray(p if part is None else p[part]) for p in within)
        if part is None:
            self._middle = mean, variance
        return mean, variance

    def reaches(self, luma: U8, least: float) -> bool:
        """Tell whether a picture scores ``least`` or more; a bad one is soon found out."""
        if self._small:
            return self.score(luma) >= least
        self._check(luma)
        statistics = self._inside()
        most_loss = (1.0 - least + ROUNDING) * statistics[0].size
        plane = np.ascontiguousarray(luma)
        similarity, whole = _compare(self._luma, statistics, plane, most_loss)
        return whole and mean_ssim(similarity) >= least

    def map(self, luma: U8) -> F32:
        """Return the SSIM f32[h, w] around each pixel, borders reflected."""
        self._check(luma)
        return _compare(_reflect(self._luma), self._reflected, _reflect(luma))[0]

    @property
    def luma(self) -> U8:
        """The source's luma, u8[h, w]."""
        return self._luma

    @cached_property
    def weights(self) -> F32:
        """What an error at each pixel costs, f32[h, w].

        To second order in a small error e without bias, ``1 - SSIM`` is the mean of ``W e^2``
        with W = Gaussian * 1 / (2 variance + C2).
        """
        return self.blurred(1 / (2 * np.maximum(self.variance, 0) + C2))

    @property
    def variance(self) -> F64:
        """Variance f64[h, w] around each pixel, borders reflected."""
        return self._reflected[1]

    def blurred(self, plane: F64 | F32) -> F32:
        """Return a plane f32[h, w] blurred by the window."""
        wide = np.ascontiguousarray(plane, np.float64)
        out = np.empty_like(wide)
        blur.blur_plane(_reflect(wide), _TAPS, out)
        return out.astype(np.float32)

    def _check(self, luma: U8) -> None:
        if luma.shape != self._luma.shape or luma.dtype != np.uint8:
            expected = f"u8{self._luma.shape}"
            raise ValueError(f"luma must be {expected}, not {luma.dtype}{luma.shape}")


def mean_ssim(similarity: F32) -> float:
    """Return the mean of SSIM f32[h, w]."""
    return float(similarity.mean(dtype=np.float64))


def _statistics(plane: U8) -> tuple[F64, F64]:
    shape = (plane.shape[0] - 2 * RADIUS, plane.shape[1] - 2 * RADIUS)
    mean, variance = np.empty(shape), np.empty(shape)

    def measure(part: tuple[int, int]) -> None:
        rows, under = slice(*part), slice(part[0], part[1] + 2 * RADIUS)
        ssim.local_statistics(plane[under], _TAPS, mean[rows], variance[rows])

    together(measure, bands(shape[0]))
    return mean, variance


def _compare(
    reference: U8, statistics: tuple[F64, F64], plane: U8, most_loss: float = np.inf
) -> tuple[F32, bool]:
    """Return the SSIM at each pixel, and whether it is whole: all did not lose too much before."""
    mean, variance = statistics
    out = np.empty(mean.shape, np.float32)
    whole = ssim.ssim_map(reference, mean, variance, plane, _TAPS, C1, C2, most_loss, out)
    return out, bool(whole)


def _reflect(plane: NDArray[T]) -> NDArray[T]:
    return np.pad(plane, RADIUS, mode="symmetric")
