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

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ssimgif.host import bands, together, workers
from ssimgif.image import Area
from ssimgif.kernels import butteraugli_errors
from ssimgif.metrics.local_scale import REACH, SourceScale
from ssimgif.metrics.picture import (
    Picture,
    at_scale,
    grown,
    scale_shape,
    whole,
)
from ssimgif.model import F32, U8

F64 = NDArray[np.float64]

LEAST_SIDE = 8
# Parts of the source are larger than asked for, so that they serve the like trials to come.
STEP = 16
KEPT = 2
# Pixels of a side of what one thread looks at: around it, 80 more have to be.
LEAST_TILE = 128


@dataclass(frozen=True, slots=True, eq=False)
class LocalErrors:
    """The errors of a picture.

    Attributes
    ----------
    scales : list of f32[h, w]
        At full and, where large enough, at half the size.
    sums : f64[h, 3]
        Third, sixth and twelfth powers of the two mixed, summed over each row.
    score : float
        3-norm of the mixed errors; 0 is equal.
    """

    scales: list[F32]
    sums: F64
    score: float


class LocalReference:
    """One source picture that others are compared with.

    Holds about 70 bytes for each pixel once a whole picture was. A picture of under 8 px on a side
    is extended to 8 px on both sides by its border pixels.

    Parameters
    ----------
    source : Picture or u8[h, w, 3]
    """

    def __init__(self, source: Picture | U8) -> None:
        source = Picture.of(source)
        self._shape = source.rgb.shape
        self._source = _extended(source)
        shapes = [scale_shape(self._source.rgb.shape, scale) for scale in range(2)]
        self._shapes = [shape for shape in shapes if min(shape) >= LEAST_SIDE]
        self._parts: list[list[SourceScale]] = [[] for _ in self._shapes]
        self._entering = Lock()
        self._bands: list[dict[Area, SourceScale]] = [{} for _ in self._shapes]

    def score(self, rgb: U8) -> float:
        """Return the 3-norm of the errors of a picture u8[h, w, 3] of the same size; 0 is equal."""
        return self.whole(Picture.of(rgb)).score

    def map(self, rgb: U8) -> F32:
        """Return the errors f32[h, w] of a picture u8[h, w, 3] of the same size."""
        return self.map_of(self.whole(Picture.of(rgb)))

    def map_of(self, errors: LocalErrors) -> F32:
        """Return the errors f32[h, w] at each pixel of a picture that was measured."""
        return self._mixed(errors.scales)

    def whole(self, picture: Picture) -> LocalErrors:
        """Return the errors of a picture of the same size."""
        self._check(picture)
        picture = _extended(picture)
        scales = [np.empty(shape, np.float32) for shape in self._shapes]

        def compare(part: tuple[int, Area]) -> None:
            scale, tile = part
            shape = self._shapes[scale]
            around = grown(tile, REACH, shape, 2)
            found, errors = self._errors(picture, scale, around, tile != whole(shape))
            scales[scale][tile.slices] = errors[tile.moved(-found.left, -found.top).slices]

        def pool(part: tuple[int, int]) -> None:
            # A small picture is extended, and its rows lie elsewhere.
            rows = () if part == (0, len(sums)) else part
            sums[slice(*part)] = _row_sums(self._mixed(scales, *rows))

        divided = [(k, tile) for k, s in enumerate(self._shapes) for tile in tiles(whole(s))]
        together(compare, divided)
        sums = np.empty((self._shape[0], 3))
        together(pool, bands(self._shape[0], 2))
        return self._pooled(scales, sums)

    def patched(self, known: LocalErrors, picture: Picture, area: Area) -> LocalErrors:
        """Return `whole` of a picture, by that of a pair that differs in a rectangle alone.

        Parameters
        ----------
        known : LocalErrors
            Of another picture and its source.
        picture : Picture
        area : Area
        """
        self._check(picture)
        if min(self._shape[:2]) < LEAST_SIDE:
            return self.whole(picture)
        scales = [errors.copy() for errors in known.scales]
        parts: list[tuple[int, Area]] = []
        first, last = self._shape[0], 0
        for k, shape in enumerate(self._shapes):
            touched = grown(grown(at_scale(area, k), REACH, shape), 0, shape, 2)
            first, last = min(first, touched.top << k), max(last, touched.top + touched.height << k)
            parts += [(k, tile) for tile in tiles(touched)]

        def compare(given: tuple[int, Area]) -> None:
            scale, part = given
            around = grown(part, REACH, self._shapes[scale], 2)
            inside, errors = self._errors(picture, scale, around)
            scales[scale][part.slices] = errors[part.moved(-inside.left, -inside.top).slices]

        together(compare, parts)
        sums = known.sums.copy()
        sums[first:last] = _row_sums(self._mixed(scales, first, last))
        return self._pooled(scales, sums)

    def _errors(
        self, picture: Picture, scale: int, area: Area, band: bool = False
    ) -> tuple[Area, F32]:
        """Return the errors in a part of a picture, and of which part of that they are."""
        source = self._band(scale, area) if band else self._part(scale, area)
        return source.inside, source.errors(picture.light(scale, area))

    def _band(self, scale: int, area: Area) -> SourceScale:
        """Return a band of the source, which is kept."""
        known = self._bands[scale].get(area)
        if known is None:
            light = self._source.light(scale, area)
            known = self._bands[scale][area] = SourceScale.of(light, area, self._shapes[scale])
        return known

    def _part(self, scale: int, area: Area) -> SourceScale:
        """Return a part of the source, out of a larger one where there is one."""
        shape, known = self._shapes[scale], self._parts[scale]
        for one in (*known, *self._bands[scale].copy().values()):
            if one.area.contains(area):
                return one.part(area, shape)
        larger = grown(area, STEP, shape, STEP)
        made = SourceScale.of(self._source.light(scale, larger), larger, shape)
        with self._entering:
            # Another list, for threads that look into the old one.
            kept = self._parts[scale][: KEPT * workers() - 1]
            self._parts[scale] = [made, *kept]
        return made.part(area, shape)

    def _mixed(self, scales: list[F32], first: int = 0, last: int | None = None) -> F32:
        """Mix the errors of all sizes in rows from an even one on."""
        height, width = self._shape[:2]
        mixed = scales[0][first:last].copy()
        if len(scales) > 1:
            butteraugli_errors.add_coarse(scales[1][first // 2 :], mixed)
        top, left = (_missing(side)[0] for side in (height, width))
        return np.ascontiguousarray(mixed[top : top + height, left : left + width])

    def _pooled(self, scales: list[F32], sums: F64) -> LocalErrors:
        return LocalErrors(scales, sums, _norm3(sums, self._shape[0] * self._shape[1]))

    def _check(self, picture: Picture) -> None:
        if picture.rgb.shape != self._shape:
            raise ValueError(f"a picture must be u8{self._shape}, not {picture.rgb.shape}")


def tiles(area: Area) -> list[Area]:
    """Divide a rectangle among the threads so that there is little to look at around each part.

    The parts begin at even distances from its top left corner.
    """
    rows, columns = min(_divisions(), key=partial(_cost, area))
    return [
        Area(area.left + left, area.top + top, right - left, bottom - top)
        for top, bottom in _cuts(area.height, rows)
        for left, right in _cuts(area.width, columns)
    ]


def _divisions() -> Iterator[tuple[int, int]]:
    """Yield numbers of rows and columns of tiles, no more than there are threads."""
    number = workers()
    for rows in range(1, number + 1):
        for columns in range(1, number // rows + 1):
            yield rows, columns


def _cost(area: Area, division: tuple[int, int]) -> float:
    """Weigh what the largest tile of a division takes, and what all take together."""
    tile = 1.0
    for side, parts in zip((area.height, area.width), division, strict=True):
        if parts > 1 and side < parts * LEAST_TILE:
            return np.inf
        tile *= side / parts + REACH * min(parts - 1, 2)
    return tile * tile * division[0] * division[1]


def _cuts(side: int, parts: int) -> list[tuple[int, int]]:
    return [*pairwise([*(side * i // parts // 2 * 2 for i in range(parts)), side])]


def _row_sums(errors: F32) -> F64:
    sums = np.empty((len(errors), 3))
    butteraugli_errors.power_sums(errors, sums)
    return sums


def _norm3(sums: F64, size: int) -> float:
    return float(np.mean((sums.sum(axis=0) / size) ** (1 / np.array([3, 6, 12]))))


def _extended(picture: Picture) -> Picture:
    around = [_missing(side) for side in picture.rgb.shape[:2]]
    if not any(map(any, around)):
        return picture
    return Picture(np.pad(picture.rgb, (*around, (0, 0)), mode="edge"))


def _missing(side: int) -> tuple[int, int]:
    """Return what is missing before and after a side that is too short."""
    missing = max(0, LEAST_SIDE - side)
    return missing // 2, missing - missing // 2
