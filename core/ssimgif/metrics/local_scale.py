"""Butteraugli at one size: a part of the source in bands, and the errors of what is shown there.

Each step takes in what is some pixels further away. Of a part of a picture that amounts to `REACH`
pixels, by which the errors of the part are trimmed on sides that are not the picture's borders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ssimgif.image import Area
from ssimgif.kernels import butteraugli_bands, butteraugli_errors
from ssimgif.metrics.picture import Shape, at_scale, cut, halved
from ssimgif.model import F32

F64 = NDArray[np.float64]

X, Y, B = range(3)

Weights = tuple[np.float32, ...]

# Weights of squared differences: of X, Y and B where frequencies are low, of B where middle.
LOW = np.array([29.2353797994, 0.844626970982, 0.703646627719], np.float32)
MIDDLE_BLUE = np.array([16.2176043152], np.float32)
ACTIVITY = np.array([10.0], np.float32)


def _weights(square: float, one_sided: float, line: float, norm: float, scale: float) -> Weights:
    """Return the weights of squares and of lines, as `butteraugli_errors.malta_sparse` has them."""
    scale /= 2 * 3.75 + 1
    along = scale * np.sqrt(0.5 * line), scale * np.sqrt(0.33 * line)
    return tuple(np.float32(w) for w in (square, one_sided, *along, norm))


# Of X and Y.
MIDDLE = (
    _weights(2150.0, 0, 8246.75321353, 1009002.70582, 0.611612573796),
    _weights(10.6195433239, 0, 37.0819870399, 130262059.556, 0.611612573796),
)
HIGH = (
    _weights(320.0, 320.0, 6923.99476109, 8051.15833247, 0.611612573796),
    _weights(1.206525624944, 1.206525624944, 18.7237414387, 4498534.45232, 0.611612573796),
)
ULTRA = (
    _weights(0, 0, 173.5, 5.0, 0.39905817637),
    _weights(0, 0, 1.10039032555, 71.7800275169, 0.39905817637),
)


def _taps(sigma: float) -> F32:
    """Return the outermost to the middle tap of a Gaussian that ends at 2.25 sigma."""
    radius = int(2.25 * sigma)
    return np.exp(-(np.arange(-radius, 1) ** 2) / (2 * sigma**2)).astype(np.float32)


ADAPTATION_TAPS = _taps(1.2)
ADAPTATION_TAPS /= 2 * ADAPTATION_TAPS.sum() - ADAPTATION_TAPS[-1]
# At half the size, where halving and doubling blur a little, too.
LOW_TAPS = _taps(3.56)
MIDDLE_TAPS = _taps(3.22489901262)
HIGH_TAPS = _taps(1.56416327805)
ACTIVITY_TAPS = _taps(2.7)

# How far each step reaches: adaptation, low frequencies (at half the size, and interpolated),
# middle and high ones, and lines along which errors add up; what masks reaches further than these.
ADAPTATION = len(ADAPTATION_TAPS) - 1
LOW_REACH = 2 * len(LOW_TAPS)
MIDDLE_REACH = len(MIDDLE_TAPS) - 1
HIGH_REACH = len(HIGH_TAPS) - 1
LINES = 4
REACH = 40
# Parts of a picture come in many sizes; of each, a few kilobytes are kept.
KEPT_SIDES = 2048


@dataclass(frozen=True, slots=True)
class Sides:
    """Which sides of a part of a picture, 0 or 1 each, are not the picture's borders."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def of(cls, area: Area, shape: Shape) -> Sides:
        """Return the sides of a rectangle of a picture of shape (h, w)."""
        bottom, right = area.top + area.height, area.left + area.width
        return cls(area.top > 0, bottom < shape[0], area.left > 0, right < shape[1])

    def trimmed(self, planes: F32, by: int) -> F32:
        """Return planes f32[..., h, w] without so many pixels at these sides."""
        if not (self.top or self.bottom or self.left or self.right):
            return planes
        height, width = planes.shape[-2:]
        rows = slice(by * self.top, height - by * self.bottom)
        return planes[..., rows, by * self.left : width - by * self.right].copy()

    def inside(self, area: Area, by: int) -> Area:
        """Return a rectangle without so many pixels at these sides."""
        return Area(
            area.left + by * self.left,
            area.top + by * self.top,
            area.width - by * (self.left + self.right),
            area.height - by * (self.top + self.bottom),
        )


class SourceScale:
    """A part of the source at one size, in bands.

    Attributes
    ----------
    area : Area
        The part, which begins at an even row and column.
    """

    def __init__(self, area: Area, sides: Sides, bands: Sequence[F32], mask: F32) -> None:
        self.area = area
        self._sides = sides
        self._bands = bands
        self._mask = mask

    @classmethod
    def of(cls, linear: F32, area: Area, shape: Shape) -> SourceScale:
        """Split a part of the source.

        Parameters
        ----------
        linear : f32[3, area.height, area.width]
            Linear light, which is written over.
        area : Area
        shape : (h, w)
            Of the picture.
        """
        sides = Sides.of(area, shape)
        bands = [band.copy() for band in _split(linear, sides)]
        mask = np.empty(bands[-1].shape[1:], np.float32)
        butteraugli_errors.erode(bands[-1][0], mask)
        return cls(area, sides, bands, mask)

    def part(self, area: Area, shape: Shape) -> SourceScale:
        """Return a part of this one, in a picture of shape (h, w)."""
        if area == self.area:
            return self
        sides = Sides.of(area, shape)
        outer = self._sides.inside(self.area, REACH - LINES)
        inner = sides.inside(area, REACH - LINES)
        here = inner.moved(-outer.left, -outer.top)
        low, *others = self._bands
        cut_low = cut(low, at_scale(here, 1))
        bands = [cut_low, *(cut(band, here) for band in others)]
        return SourceScale(area, sides, bands, cut(self._mask[None], here)[0])

    @property
    def inside(self) -> Area:
        """What errors are known of."""
        return self._sides.inside(self.area, REACH)

    def errors(self, linear: F32) -> F32:
        """Return the errors f32[h, w] of linear light f32[3, h, w], which is written over."""
        low, middle, high, ultra, activity = self._bands
        slow, fast = np.zeros(low.shape[1:], np.float32), np.zeros_like(self._mask)
        coded = _split(linear, self._sides)
        butteraugli_errors.squared_errors(low, next(coded), LOW, slow)
        band = next(coded)
        butteraugli_errors.squared_errors(middle[B:], band[B:], MIDDLE_BLUE, fast)
        for c in (X, Y):
            butteraugli_errors.malta_sparse(middle[c], band[c], *MIDDLE[c], fast)
        band = next(coded)
        for c in (X, Y):
            butteraugli_errors.malta_sparse(high[c], band[c], *HIGH[c], fast)
        band = next(coded)
        for c in (X, Y):
            butteraugli_errors.malta_long(ultra[c], band[c], *ULTRA[c], fast)
        butteraugli_errors.squared_errors(activity, next(coded), ACTIVITY, fast)
        butteraugli_errors.mask_errors(slow, fast, self._mask)
        return self._sides.trimmed(fast, LINES)


def _split(planes: F32, sides: Sides) -> Iterator[F32]:
    """Split linear light f32[3, h, w], which is written over.

    Yields the low frequencies of X, Y and B at half the size, the middle ones, the high and
    the ultra-high ones of X and Y, and the activity that masks errors; each is there until
    the next is. All are trimmed to `LINES` around what errors are known of.
    """
    left = REACH - LINES
    butteraugli_bands.opsin_dynamics(planes, ADAPTATION_TAPS)
    planes, left = sides.trimmed(planes, ADAPTATION), left - ADAPTATION
    low = halved(planes)
    height, width = planes.shape[1:]
    low[..., -1] *= _half_coverage(width)[-1]
    low[:, -1] *= _half_coverage(height)[-1]
    butteraugli_bands.blur_inside(low, *_half_window(height, width), low)
    butteraugli_bands.split_low(planes, low)
    yield sides.trimmed(low, left // 2)
    planes, left = sides.trimmed(planes, LOW_REACH), left - LOW_REACH
    other = np.empty_like(planes)
    butteraugli_bands.split_middle(planes, *_window("middle", *planes.shape[1:]), other)
    yield sides.trimmed(other, left)
    planes, left = sides.trimmed(planes[:B], MIDDLE_REACH), left - MIDDLE_REACH
    high, loudness = np.empty_like(planes), np.empty_like(planes[:1])
    window = _window("high", *planes.shape[1:])
    butteraugli_bands.split_high(planes, *window, high, loudness[0])
    yield sides.trimmed(high, left)
    yield sides.trimmed(planes, left)
    loudness, left = sides.trimmed(loudness, HIGH_REACH), left - HIGH_REACH
    window = _window("activity", *loudness.shape[1:])
    butteraugli_bands.blur_inside(loudness, *window, loudness)
    yield sides.trimmed(loudness, left)


TAPS = {"middle": MIDDLE_TAPS, "high": HIGH_TAPS, "activity": ACTIVITY_TAPS}


def _window(band: str, height: int, width: int) -> tuple[F32, F32, F32]:
    """Return taps, and one over their sum within the borders for each column and each row."""
    return TAPS[band], _side_weights(band, width), _side_weights(band, height)


def _half_window(height: int, width: int) -> tuple[F32, F32, F32]:
    """Return the same of low frequencies, of planes that are halved from this size."""
    return LOW_TAPS, _half_side_weights(width), _half_side_weights(height)


@lru_cache(KEPT_SIDES)
def _side_weights(band: str, side: int) -> F32:
    return _inverse_weights(TAPS[band], np.ones(side))


@lru_cache(KEPT_SIDES)
def _half_side_weights(side: int) -> F32:
    return _inverse_weights(LOW_TAPS, _half_coverage(side))


def _inverse_weights(taps: F32, inside: F64) -> F32:
    """Return one over the sum of the taps that lie inside, f32[side]."""
    window = np.concatenate([taps, taps[-2::-1]])
    radius = len(taps) - 1
    return (1 / np.convolve(inside, window)[radius : radius + len(inside)]).astype(np.float32)


def _half_coverage(side: int) -> F64:
    """Return how much of each pixel lies within at half the size: all, or half of the last."""
    return np.minimum(np.arange(side, 0, -2), 2) / 2
