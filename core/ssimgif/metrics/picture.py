"""A picture as the metrics take it, and what of it must be looked at again where a part changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

from ssimgif.host import bands, together
from ssimgif.image import LINEAR_LIGHT, Area, luma
from ssimgif.kernels import ssimulacra2
from ssimgif.kernels.canvas import difference_bounds
from ssimgif.model import F32, U8

Shape = tuple[int, ...]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The last few values of a function of one argument.

    Parameters
    ----------
    kept : int
        How many.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._known: dict[K, V] = {}
        self._entering = Lock()

    def get(self, key: K, make: Callable[[K], V]) -> V:
        """Return the value for a key, which is made where it is not known."""
        known = self._known.get(key)
        if known is None:
            known = make(key)
            with self._entering:
                # Another dictionary, for threads that look into the old one.
                kept = list(self._known.items())[1 - self._kept :]
                self._known = {**dict(kept), key: known}
        return known


class Picture:
    """A picture, of which luma and linear light are worked out once, where they are asked for.

    Threads may ask for the same at once: it is worked out twice then, and is the same.

    Parameters
    ----------
    rgb : u8[h, w, 3]
        Is not to be written to any more.
    """

    def __init__(self, rgb: U8) -> None:
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
            raise ValueError(f"a picture must be u8[h, w, 3], not {rgb.dtype}{rgb.shape}")
        self.rgb = np.ascontiguousarray(rgb)
        self._luma: U8 | None = None
        # By scale; where one is known, all larger ones are.
        self._smaller: dict[int, F32] = {}

    @classmethod
    def of(cls, picture: Picture | U8) -> Picture:
        """Return a picture, which may be given by its pixels u8[h, w, 3]."""
        return picture if isinstance(picture, Picture) else cls(picture)

    @property
    def luma(self) -> U8:
        """BT.601 luma u8[h, w]."""
        if self._luma is None:
            self._luma = luma(self.rgb)
        return self._luma

    def light(self, scale: int, area: Area | None = None) -> F32:
        """Return linear light f32[3, h, w] at 1 / 2 ** scale of the size, as a new array.

        Parameters
        ----------
        scale : int
        area : Area, optional
            The only part to return, in pixels of that size.
        """
        if scale:
            level = self._at(scale)
            return level.copy() if area is None else cut(level, area)
        if area is not None and area != whole(self.rgb.shape):
            return linear_light(self.rgb[area.slices])
        full = linear_light(self.rgb)
        if not self._smaller:
            # Whoever asks for all of it is about to ask for this, too.
            self._smaller.setdefault(1, halved(full))
        return full

    def _at(self, scale: int) -> F32:
        """Return linear light at a smaller scale, as it is kept."""
        known = self._smaller.get(scale)
        if known is None:
            made = halved(self._at(scale - 1)) if scale > 1 else self._half()
            known = self._smaller.setdefault(scale, made)
        return known

    def halve(self) -> None:
        """Work out now what several threads will ask for, light at half the size."""
        self._at(1)

    def _half(self) -> F32:
        """Return linear light at half the size."""
        height, width = scale_shape(self.rgb.shape, 1)
        out = np.empty((3, height, width), np.float32)

        def make(part: tuple[int, int]) -> None:
            first, last = part
            out[:, first:last] = halved(linear_light(self.rgb[2 * first : 2 * last]))

        together(make, bands(height))
        return out

    def patched(self, rgb: U8, area: Area) -> Picture:
        """Return a picture that differs from this one in a rectangle alone.

        Parameters
        ----------
        rgb : u8[h, w, 3]
        area : Area
        """
        other = Picture(rgb)
        for scale, known in sorted(self._smaller.copy().items()):
            small = at_scale(area, scale)
            large = clipped(scaled_up(small), scale_shape(rgb.shape, scale - 1))
            level = known.copy()
            level[(slice(None), *small.slices)] = halved(other.light(scale - 1, large))
            other._smaller[scale] = level
        return other

    def difference(self, rgb: U8) -> Area | None:
        """Return the rectangle around all that differs from a picture u8[h, w, 3], or None."""
        if self.rgb is rgb:
            return None
        shape = (len(rgb), -1)
        here, there = self.rgb.reshape(shape), rgb.reshape(shape)

        def within(part: tuple[int, int]) -> Area | None:
            rows, bounds = slice(*part), np.empty(4, np.int64)
            difference_bounds(here[rows], there[rows], bounds)
            top, bottom, first, last = (int(line) for line in bounds)
            if bottom <= top:
                return None
            left, right = first // 3, -(-last // 3)
            return Area(left, part[0] + top, right - left, bottom - top)

        found: Area | None = None
        for area in together(within, bands(len(rgb))):
            found = union(found, area)
        return found


def linear_light(rgb: U8) -> F32:
    """Return linear light f32[3, h, w] of u8[h, w, 3]."""
    out = np.empty((3, *rgb.shape[:2]), np.float32)
    ssimulacra2.linear_planes(np.ascontiguousarray(rgb), LINEAR_LIGHT, out)
    return out


def halved(planes: F32) -> F32:
    """Return f32[n, h, w] at half the size, edges repeated."""
    out = np.empty((len(planes), *(-(-side // 2) for side in planes.shape[1:])), np.float32)
    ssimulacra2.halve(planes, out)
    return out


def cut(planes: F32, area: Area) -> F32:
    """Return a rectangle of planes f32[n, h, w], as a new array."""
    return planes[(slice(None), *area.slices)].copy()


def union(one: Area | None, other: Area | None) -> Area | None:
    """Return the smallest rectangle around two; None is an empty one."""
    if one is None or other is None:
        return one or other
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(one.left + one.width, other.left + other.width)
    bottom = max(one.top + one.height, other.top + other.height)
    return Area(left, top, right - left, bottom - top)


def grown(area: Area, by: int, shape: Shape, step: int = 1) -> Area:
    """Return a rectangle with so many pixels more on all sides that lie within a picture.

    Parameters
    ----------
    area : Area
    by : int
    shape : (h, w, ...)
        Of the picture.
    step : int
        The edges are moved outwards to multiples of it, or to the border.
    """
    left, top = (area.left - by) // step * step, (area.top - by) // step * step
    right = -(-(area.left + area.width + by) // step) * step
    bottom = -(-(area.top + area.height + by) // step) * step
    return clipped(Area(left, top, right - left, bottom - top), shape)


def clipped(area: Area, shape: Shape) -> Area:
    """Return what of a rectangle lies within a picture of shape (h, w, ...)."""
    left, top = max(area.left, 0), max(area.top, 0)
    right = min(area.left + area.width, shape[1])
    bottom = min(area.top + area.height, shape[0])
    return Area(left, top, right - left, bottom - top)


def at_scale(area: Area, scale: int) -> Area:
    """Return the rectangle around the pixels at 1 / 2 ** scale of the size that it touches."""
    size = 1 << scale
    left, top = area.left // size, area.top // size
    right = -(-(area.left + area.width) // size)
    bottom = -(-(area.top + area.height) // size)
    return Area(left, top, right - left, bottom - top)


def scaled_up(area: Area) -> Area:
    """Return the rectangle at twice the size."""
    return Area(2 * area.left, 2 * area.top, 2 * area.width, 2 * area.height)


@lru_cache(64)
def scale_shape(shape: Shape, scale: int) -> tuple[int, int]:
    """Return height and width of a picture of shape (h, w, ...) at 1 / 2 ** scale of the size."""
    height, width = shape[:2]
    for _ in range(scale):
        height, width = -(-height // 2), -(-width // 2)
    return height, width


def whole(shape: Shape) -> Area:
    """Return the rectangle of a whole picture of shape (h, w, ...)."""
    return Area(0, 0, shape[1], shape[0])
