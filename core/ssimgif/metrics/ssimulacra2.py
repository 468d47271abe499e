"""How good a picture looks beside its source: SSIMULACRA2.

Structural dissimilarity, added edges (ringing, banding) and lost edges (blurring) are measured
in an XYB colour space at up to six scales, pooled by mean and by 4-norm, and weighted.
90 is hard to tell from the source, 70 is high, 50 medium, 30 low quality; 100 is equal and there
is no lower bound.

Source: J. Sneyers, "SSIMULACRA 2" (Cloudinary, 2022, updated 2023), as in libjxl 0.11. Its
weights and constants are Copyright (c) Jon Sneyers, Cloudinary, under the BSD 3-clause licence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssimgif.host import bands, together, workers
from ssimgif.image import Area
from ssimgif.kernels import ssimulacra2
from ssimgif.metrics.picture import Picture, Recent, at_scale, grown, scale_shape, whole
from ssimgif.model import F32, F64, U8

SCALES = 6
LEAST_SIDE = 8
X, Y, B = range(3)

# What libjxl's recursive Gaussian of sigma 1.5 amounts to: its outermost to its middle tap.
TAPS = np.array([0.00941436781, 0.0360111147, 0.109335373, 0.212928592, 0.264621105], np.float32)
RADIUS = len(TAPS) - 1
# Pixels of a side of the tiles over which errors are summed up.
TILE = 16

Tiles = dict[tuple[int, int], F64]

# A weight below this moves no score by a tenth of a point: 25 of 108 remain.
NEGLIGIBLE = 0.01

# Component, scale; then mean and 4-norm of: dissimilarity, edges added, edges lost. All weights
# in libjxl's order, which is by (component X Y B, scale, norm, kind).
# fmt: off
WEIGHTS = np.array([
    0.0, 0.0007376606707406586, 0.0, 0.0, 0.0007793481682867309, 0.0,
    0.0, 0.0004371155730107379, 0.0, 1.1041726426657346, 0.00066284834129271,
    0.00015231632783718752,
    0.0, 0.0016406437456599754, 0.0, 1.8422455520539298, 11.441172603757666, 0.0,
    0.0007989109436015163, 0.000176816438078653, 0.0, 1.8787594979546387, 10.94906990605142, 0.0,
    0.0007289346991508072, 0.9677937080626833, 0.0, 0.00014003424285435884, 0.9981766977854967,
    0.00031949755934435053,
    0.0004550992113792063, 0.0, 0.0, 0.0013648766163243398, 0.0, 0.0,
    0.0, 0.0, 0.0, 7.466890328078848, 0.0, 17.445833984131262,
    0.0006235601634041466, 0.0, 0.0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,
    225.20515300849274, 0.0, 0.0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
    176.39317598450694, 0.0, 0.0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408,
    0.0, 0.0, 0.0, 34.77906344483772, 44.835625328877896, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0008680556573291698, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0005313191874358747, 0.0, 0.00016533814161379112, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0004179171803251336, 0.0017290828234722833, 0.0,
    0.0020827005846636437, 0.0, 0.0, 8.826982764996862, 23.19243343998926, 0.0,
    95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493,
    171.2667255897307, 0.9807858872435379,
    0.0, 0.0, 0.0, 0.0005130064588990679, 0.0, 0.00010854057858411537,
])
# fmt: on


@dataclass(frozen=True, slots=True, eq=False)
class _Plane:
    """A part of one component of the source at one scale."""

    pixels: F32
    mean: F32
    variance: F32


@dataclass(frozen=True, slots=True, eq=False)
class LooksErrors:
    """The errors of a picture.

    Attributes
    ----------
    tiles : dict of (scale, component) to f64[rows, columns, 2, 3]
        Sums over each tile, as `kernels.ssimulacra2.plane_errors` has them.
    score : float
        SSIMULACRA2, at most 100.
    """

    tiles: dict[tuple[int, int], F64]
    score: float


class LooksReference:
    """One source picture that others are compared with.

    Holds about 20 bytes for each pixel once a whole picture was. A picture of under 8 px on a
    side, which libjxl refuses, is extended to 8 px by its border pixels.

    Parameters
    ----------
    source : Picture or u8[h, w, 3]
    """

    def __init__(self, source: Picture | U8) -> None:
        source = Picture.of(source)
        self._shape = source.rgb.shape
        self._source = _extended(source)
        self._needed = _needed_planes(self._shape[:2])
        # Of a few trials.
        self._parts: Recent[tuple[int, Area], list[_Plane]] = Recent(2 * SCALES * workers())

    def score(self, rgb: U8) -> float:
        """Return SSIMULACRA2, at most 100, of a picture u8[h, w, 3] of the same size."""
        return self.whole(Picture.of(rgb)).score

    def whole(self, picture: Picture) -> LooksErrors:
        """Return the errors of a picture of the same size."""
        return self._errors(picture, None, whole(self._source.rgb.shape))

    def patched(self, known: LooksErrors, picture: Picture, area: Area) -> LooksErrors:
        """Return `whole` of a picture, by that of a pair that differs in a rectangle alone.

        Parameters
        ----------
        known : LooksErrors
            Of another picture and its source.
        picture : Picture
        area : Area
        """
        return self._errors(picture, known, area)

    def _errors(self, picture: Picture, known: LooksErrors | None, area: Area) -> LooksErrors:
        if picture.rgb.shape != self._shape:
            raise ValueError(f"a picture must be u8{self._shape}, not {picture.rgb.shape}")
        picture, tiles, error = _extended(picture), {}, 0.0
        shapes = [scale_shape(self._source.rgb.shape, scale) for scale in range(len(self._needed))]
        # What has changed is blurred; all tiles that it reaches are summed up anew.
        inside = [grown(at_scale(area, k), RADIUS, shape, TILE) for k, shape in enumerate(shapes)]
        for scale, components in enumerate(self._needed):
            rows, columns = (-(-side // TILE) for side in shapes[scale])
            for component in components:
                if known is None:
                    tiles[scale, component] = np.zeros((rows, columns, 2, 3))
                else:
                    tiles[scale, component] = known.tiles[scale, component].copy()
        parts = [
            (scale, Area(inner.left, inner.top + first, inner.width, last - first))
            for scale, inner in enumerate(inside)
            for first, last in bands(inner.height, TILE)
            if self._needed[scale]
        ]
        together(lambda part: self._sum(picture, *part, tiles), parts)
        for scale, components in enumerate(self._needed):
            for component, weights in components.items():
                total = tiles[scale, component].sum(axis=(0, 1)) / np.prod(shapes[scale])
                total[1] **= 0.25
                error += float((weights * total).sum())
        return LooksErrors(tiles, _to_score(error))

    def _sum(self, picture: Picture, scale: int, inner: Area, tiles: Tiles) -> None:
        """Sum up the errors of a picture at a scale over tiles, for which more is blurred."""
        components = self._needed[scale]
        outer = grown(inner, RADIUS, scale_shape(self._source.rgb.shape, scale))
        coded = xyb(picture.light(scale, outer), B in components)
        place = inner.top - outer.top, inner.left - outer.left
        top, left = inner.top // TILE, inner.left // TILE
        rows, columns = -(-inner.height // TILE), -(-inner.width // TILE)
        planes = self._parts.get((scale, outer), self._planes)
        for component, plane in zip(components, planes, strict=True):
            sums = np.zeros((rows, columns, 2, 3))
            given = (plane.pixels, plane.mean, plane.variance, coded[component], TAPS)
            ssimulacra2.plane_errors(*given, *place, TILE, sums)
            tiles[scale, component][top : top + rows, left : left + columns] = sums

    def _planes(self, part: tuple[int, Area]) -> list[_Plane]:
        """Return the components of a part of the source at a scale."""
        scale, area = part
        components = self._needed[scale]
        source = xyb(self._source.light(scale, area), B in components)
        planes = []
        for component in components:
            pixels = source[component].copy()
            mean, variance = np.empty_like(pixels), np.empty_like(pixels)
            ssimulacra2.plane_statistics(pixels, TAPS, mean, variance)
            planes.append(_Plane(pixels, mean, variance))
        return planes


def _needed_planes(shape: tuple[int, int]) -> list[dict[int, F64]]:
    """List, for each scale, the components with a weight that matters.

    As in libjxl, a scale is left out when the one before it is under 8 px on a side, and the
    weights are taken in order, so that small pictures meet other weights.
    """
    height, width = (max(side, LEAST_SIDE) for side in shape)
    count = 0
    while count < SCALES and min(height, width) >= LEAST_SIDE:
        count += 1
        if count > 1:
            height, width = -(-height // 2), -(-width // 2)
    weights = WEIGHTS[: 18 * count].reshape(3, count, 2, 3)
    return [
        {c: weights[c, scale] for c in (X, Y, B) if weights[c, scale].max() >= NEGLIGIBLE}
        for scale in range(count)
    ]


def xyb(linear: F32, blue: bool) -> F32:
    """Return X and Y, or X, Y and B f32[2 or 3, h, w] of linear light f32[3, h, w]."""
    out = np.empty((3 if blue else 2, *linear.shape[1:]), np.float32)
    ssimulacra2.xyb_planes(linear, out)
    return out


def _extended(picture: Picture) -> Picture:
    missing = [max(0, LEAST_SIDE - side) for side in picture.rgb.shape[:2]]
    if not any(missing):
        return picture
    return Picture(np.pad(picture.rgb, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge"))


def _to_score(error: float) -> float:
    """Map the weighted error to libjxl's scale."""
    error *= 0.9562382616834844
    error = (6.248496625763138e-05 * error - 0.020884521182843837) * error**2 + (
        2.326765642916932 * error
    )
    return 100.0 - 10.0 * error**0.6276336467831387 if error > 0 else 100.0
