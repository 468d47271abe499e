"""Structural similarity of luma, with everything about the source worked out once.

Source: Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from
error visibility to structural similarity", IEEE Transactions on Image Processing 13 (2004).
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ssimgif.kernels import blur, ssim
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
        if luma.ndim != 2 or luma.dtype != np.uint8 or not luma.size:
            raise ValueError(f"luma must be u8[h, w], not {luma.dtype}{luma.shape}")
        self._luma = np.ascontiguousarray(luma)
        self._small = min(luma.shape) <= 2 * RADIUS
        self._reflected = _statistics(_reflect(self._luma))
        mean, variance = self._reflected
        inside = (slice(RADIUS, -RADIUS),) * 2
        self._inside = np.ascontiguousarray(mean[inside]), np.ascontiguousarray(variance[inside])

    def score(self, luma: U8) -> float:
        """Return the mean SSIM, -1..1, of a picture u8[h, w] of the same size."""
        self._check(luma)
        if self._small:
            return float(self.map(luma).mean(dtype=np.float64))
        similarity, _ = _compare(self._luma, self._inside, np.ascontiguousarray(luma))
        return float(similarity.mean(dtype=np.float64))

    def reaches(self, luma: U8, least: float) -> bool:
        """Tell whether a picture scores ``least`` or more; a bad one is soon found out."""
        if self._small:
            return self.score(luma) >= least
        self._check(luma)
        most_loss = (1.0 - least + ROUNDING) * self._inside[0].size
        plane = np.ascontiguousarray(luma)
        similarity, whole = _compare(self._luma, self._inside, plane, most_loss)
        return whole and float(similarity.mean(dtype=np.float64)) >= least

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


def _statistics(plane: U8) -> tuple[F64, F64]:
    shape = (plane.shape[0] - 2 * RADIUS, plane.shape[1] - 2 * RADIUS)
    mean, variance = np.empty(shape), np.empty(shape)
    ssim.local_statistics(plane, _TAPS, mean, variance)
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
