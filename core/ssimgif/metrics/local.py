"""How bad the worst places of a picture are beside its source: butteraugli.

Light is turned to what adapted cones answer, split into low, middle, high and ultra-high
frequencies of red-green (X), brightness (Y) and blue (B), and compared: by squares, and along
lines of many directions (Malta), where errors add up that the eye takes for an edge. What the
source masks counts less, unless there are smooth places beside it. The same at half the size is
mixed in. Errors are pooled by the mean of 3-, 6- and 12-norm, so that a few bad places weigh as
much as many fair ones. Below 1 a difference is hard to see, above 2 it is plain; 0 is equal and
there is no upper bound.

Source: J. Alakuijala, "Butteraugli" (Google, 2016), as in libjxl 0.11 at 80 nits, whose
``butteraugli_main`` prints this number as the 3-norm. Its constants are Copyright (c) the JPEG XL
Project Authors, under the BSD 3-clause licence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ssimgif.image import LINEAR_LIGHT
from ssimgif.kernels import butteraugli_bands, butteraugli_errors, ssimulacra2
from ssimgif.model import F32, U8

LEAST_SIDE = 8
PLACE = 16
X, Y, B = range(3)

Lines = tuple[tuple[np.float32, np.float32, np.float32], ...]

# Weights of squared differences by component.
LOW = np.array([29.2353797994, 0.844626970982, 0.703646627719], np.float32)
MIDDLE = np.array([2150.0, 10.6195433239, 16.2176043152], np.float32)
HIGH = np.array([0.8 * 400.0, 0.8 * 1.50815703118], np.float32)
ACTIVITY = np.array([10.0], np.float32)


def _line_weights(
    weight: float, norm: float, length_scale: float
) -> tuple[np.float32, np.float32, np.float32]:
    """Return the weights of differences both ways and of those beyond, and where they halve."""
    scale = length_scale / (2 * 3.75 + 1)
    both, beyond = np.sqrt(0.5 * weight), np.sqrt(0.33 * weight)
    return np.float32(scale * both), np.float32(scale * beyond), np.float32(norm)


# By component X, Y.
MIDDLE_LINES = (
    _line_weights(8246.75321353, 1009002.70582, 0.611612573796),
    _line_weights(37.0819870399, 130262059.556, 0.611612573796),
)
HIGH_LINES = (
    _line_weights(6923.99476109, 8051.15833247, 0.611612573796),
    _line_weights(18.7237414387, 4498534.45232, 0.611612573796),
)
ULTRA_LINES = (
    _line_weights(173.5, 5.0, 0.39905817637),
    _line_weights(1.10039032555, 71.7800275169, 0.39905817637),
)


def _taps(sigma: float) -> F32:
    """Return the outermost to the middle tap of a Gaussian that ends at 2.25 sigma."""
    radius = int(2.25 * sigma)
    taps: F32 = np.exp(-(np.arange(-radius, 1) ** 2) / (2 * sigma**2)).astype(np.float32)
    return taps


def _normalised(taps: F32) -> F32:
    normalised: F32 = taps / (2 * taps.sum() - taps[-1])
    return normalised


ADAPTATION_TAPS = _normalised(_taps(1.2))
LOW_TAPS = _taps(7.15593339443)
MIDDLE_TAPS = _taps(3.22489901262)
HIGH_TAPS = _taps(1.56416327805)
ACTIVITY_TAPS = _taps(2.7)


@dataclass(frozen=True, slots=True)
class WorstPlace:
    """Where a picture looks worst.

    Attributes
    ----------
    error : float
        Mean error of the place.
    x, y : int
        Left and top of the place of 16x16 px, or of what the picture has of it.
    """

    error: float
    x: int
    y: int


class LocalReference:
    """One source picture that others are compared with.

    Holds about 60 bytes for each pixel. A picture of under 8 px on a side is extended to 8 px on
    both sides by its border pixels.

    Parameters
    ----------
    rgb : u8[h, w, 3]
    """

    def __init__(self, rgb: U8) -> None:
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
            raise ValueError(f"a picture must be u8[h, w, 3], not {rgb.dtype}{rgb.shape}")
        self._shape = rgb.shape
        self._scales = [_SourceScale(linear) for linear in _linear_scales(rgb)]

    def score(self, rgb: U8) -> float:
        """Return the 3-norm of the errors, 0 or more, of a picture u8[h, w, 3] of that size."""
        return norm3(self.map(rgb))

    def map(self, rgb: U8) -> F32:
        """Return the errors f32[h, w] of a picture u8[h, w, 3] of the same size."""
        if rgb.shape != self._shape or rgb.dtype != np.uint8:
            raise ValueError(f"a picture must be u8{self._shape}, not {rgb.dtype}{rgb.shape}")
        scales = zip(self._scales, _linear_scales(rgb), strict=True)
        errors, *coarse = [source.errors(linear) for source, linear in scales]
        if coarse:
            butteraugli_errors.add_coarse(coarse[0], errors)
        height, width = self._shape[:2]
        top, left = (_missing(side)[0] for side in (height, width))
        return errors[top : top + height, left : left + width]


def norm3(errors: F32) -> float:
    """Pool errors f32[h, w] as ``butteraugli_main --pnorm 3`` does."""
    sums = butteraugli_errors.power_sums(errors) / errors.size
    return float(np.mean(sums ** (1 / np.array([3, 6, 12]))))


def worst_place(errors: F32) -> WorstPlace:
    """Return the place of 16x16 px with the greatest mean of errors f32[h, w]."""
    height, width = (min(PLACE, side) for side in errors.shape)
    sums = np.pad(errors.cumsum(0, np.float64).cumsum(1), ((1, 0), (1, 0)))
    rows = sums[height:] - sums[:-height]
    means = (rows[:, width:] - rows[:, :-width]) / (height * width)
    y, x = np.unravel_index(means.argmax(), means.shape)
    return WorstPlace(float(means[y, x]), int(x), int(y))


class _SourceScale:
    """The source at one size, in bands."""

    def __init__(self, linear: F32) -> None:
        height, width = linear.shape[1:]
        self._inside = {
            len(taps): (_inverse_weights(taps, width), _inverse_weights(taps, height))
            for taps in (LOW_TAPS, MIDDLE_TAPS, HIGH_TAPS, ACTIVITY_TAPS)
        }
        self._bands = [band.copy() for band in self._split(linear)]
        self._mask = np.empty((height, width), np.float32)
        butteraugli_errors.erode(self._bands[-1][0], self._mask)

    def errors(self, linear: F32) -> F32:
        """Return the errors f32[h, w] of linear light f32[3, h, w], which is written over."""
        slow, fast = np.zeros((2, *self._mask.shape), np.float32)
        low, middle, high, ultra, activity = self._bands
        coded = self._split(linear)
        butteraugli_errors.squared_errors(low, next(coded), LOW, slow)
        band = next(coded)
        butteraugli_errors.squared_errors(middle, band, MIDDLE, fast)
        _add_lines(butteraugli_errors.malta_sparse, middle, band, MIDDLE_LINES, fast)
        band = next(coded)
        butteraugli_errors.one_sided_errors(high, band, HIGH, fast)
        _add_lines(butteraugli_errors.malta_sparse, high, band, HIGH_LINES, fast)
        _add_lines(butteraugli_errors.malta_long, ultra, next(coded), ULTRA_LINES, fast)
        butteraugli_errors.squared_errors(activity, next(coded), ACTIVITY, fast)
        butteraugli_errors.mask_errors(slow, fast, self._mask)
        return slow

    def _split(self, planes: F32) -> Iterator[F32]:
        """Split linear light f32[3, h, w], which is written over.

        Yields the low and the middle frequencies of X, Y and B, the high and the ultra-high ones
        of X and Y, and the activity that masks errors; each is there until the next is.
        """
        other = np.empty_like(planes)
        butteraugli_bands.opsin_dynamics(planes, ADAPTATION_TAPS)
        self._blur(planes, LOW_TAPS, other)
        butteraugli_bands.split_low(planes, other)
        yield other
        self._blur(planes, MIDDLE_TAPS, other)
        butteraugli_bands.split_middle(planes, other)
        yield other
        self._blur(planes[:B], HIGH_TAPS, other)
        butteraugli_bands.split_high(planes, other, other[B])
        yield other[:B]
        yield planes[:B]
        self._blur(other[B:], ACTIVITY_TAPS, planes)
        yield planes[:1]

    def _blur(self, planes: F32, taps: F32, out: F32) -> None:
        for plane, blurred in zip(planes, out, strict=False):
            butteraugli_bands.blur_inside(plane, taps, *self._inside[len(taps)], blurred)


def _add_lines(
    malta: Callable[..., None], source: F32, coded: F32, weights: Lines, out: F32
) -> None:
    for c in (X, Y):
        malta(source[c], coded[c], *weights[c], out)


def _inverse_weights(taps: F32, side: int) -> F32:
    """Return one over the sum of the taps that lie inside, f32[side]."""
    kernel = np.concatenate([taps, taps[-2::-1]])
    inside = np.convolve(np.ones(side), kernel, mode="full")[len(taps) - 1 :][:side]
    return (1 / inside).astype(np.float32)


def _linear_scales(rgb: U8) -> list[F32]:
    """Return linear light f32[3, h, w] at full and, where large enough, at half the size."""
    around = [_missing(side) for side in rgb.shape[:2]]
    if any(map(any, around)):
        rgb = np.pad(rgb, (*around, (0, 0)), mode="edge")
    full = np.empty((3, *rgb.shape[:2]), np.float32)
    ssimulacra2.linear_planes(np.ascontiguousarray(rgb), LINEAR_LIGHT, full)
    half = np.empty((3, *(-(-side // 2) for side in rgb.shape[:2])), np.float32)
    if min(half.shape[1:]) < LEAST_SIDE:
        return [full]
    ssimulacra2.halve(full, half)
    return [full, half]


def _missing(side: int) -> tuple[int, int]:
    """Return what is missing before and after a side that is too short."""
    missing = max(0, LEAST_SIDE - side)
    return missing // 2, missing - missing // 2
