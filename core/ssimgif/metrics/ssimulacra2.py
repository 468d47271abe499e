"""How good a picture looks beside its source: SSIMULACRA2.

Structural dissimilarity, added edges (ringing, banding) and lost edges (blurring) are measured
in an XYB colour space at up to six scales, pooled by mean and by 4-norm, and weighted.
90 is hard to tell from the source, 70 is high, 50 medium, 30 low quality; 100 is equal and there
is no lower bound.

Source: J. Sneyers, "SSIMULACRA 2" (Cloudinary, 2022, updated 2023), as in libjxl 0.11. Its
weights and constants are Copyright (c) Jon Sneyers, Cloudinary, under the BSD 3-clause licence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ssimgif.image import LINEAR_LIGHT
from ssimgif.kernels import ssimulacra2
from ssimgif.model import F32, F64, U8

SCALES = 6
LEAST_SIDE = 8
X, Y, B = range(3)

# What libjxl's recursive Gaussian of sigma 1.5 amounts to: its outermost to its middle tap.
TAPS = np.array([0.00941436781, 0.0360111147, 0.109335373, 0.212928592, 0.264621105], np.float32)

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
    """One component of the source at one scale, and the weights f64[2, 3] of its errors."""

    component: int
    scale: int
    weights: F64
    pixels: F32
    mean: F32
    variance: F32


class LooksReference:
    """One source picture that others are compared with.

    Holds about 20 bytes for each pixel. A picture of under 8 px on a side, which libjxl
    refuses, is extended to 8 px by its border pixels.

    Parameters
    ----------
    rgb : u8[h, w, 3]
    """

    def __init__(self, rgb: U8) -> None:
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
            raise ValueError(f"a picture must be u8[h, w, 3], not {rgb.dtype}{rgb.shape}")
        self._shape = rgb.shape
        self._needed = _needed_planes(rgb.shape[:2])
        self._planes: list[_Plane] = []
        for scale, xyb in _pyramid(rgb, self._needed):
            for component, weights in self._needed[scale].items():
                pixels = xyb[component].copy()
                mean, variance = np.empty_like(pixels), np.empty_like(pixels)
                ssimulacra2.plane_statistics(pixels, TAPS, mean, variance)
                self._planes.append(_Plane(component, scale, weights, pixels, mean, variance))

    def score(self, rgb: U8) -> float:
        """Return SSIMULACRA2, at most 100, of a picture u8[h, w, 3] of the same size."""
        if rgb.shape != self._shape or rgb.dtype != np.uint8:
            raise ValueError(f"a picture must be u8{self._shape}, not {rgb.dtype}{rgb.shape}")
        pyramid = dict(_pyramid(rgb, self._needed))
        error = 0.0
        for plane in self._planes:
            coded = pyramid[plane.scale][plane.component]
            sums = ssimulacra2.plane_errors(plane.pixels, plane.mean, plane.variance, coded, TAPS)
            sums /= coded.size
            sums[1] **= 0.25
            error += float((plane.weights * sums).sum())
        return _to_score(error)


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


def _pyramid(rgb: U8, needed: list[dict[int, F64]]) -> Iterator[tuple[int, F32]]:
    """Yield scale and XYB planes f32[2 or 3, h, w] of the scales that are needed."""
    rgb = np.ascontiguousarray(_extended(rgb))
    linear = np.empty((3, *rgb.shape[:2]), np.float32)
    ssimulacra2.linear_planes(rgb, LINEAR_LIGHT, linear)
    for scale, components in enumerate(needed):
        if scale:
            height, width = linear.shape[1:]
            half = np.empty((3, -(-height // 2), -(-width // 2)), np.float32)
            ssimulacra2.halve(linear, half)
            linear = half
        if components:
            xyb = np.empty((3 if B in components else 2, *linear.shape[1:]), np.float32)
            ssimulacra2.xyb_planes(linear, xyb)
            yield scale, xyb


def _extended(rgb: U8) -> U8:
    missing = [max(0, LEAST_SIDE - side) for side in rgb.shape[:2]]
    if not any(missing):
        return rgb
    return np.pad(rgb, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")


def _to_score(error: float) -> float:
    """Map the weighted error to libjxl's scale."""
    error *= 0.9562382616834844
    error = (6.248496625763138e-05 * error - 0.020884521182843837) * error**2 + (
        2.326765642916932 * error
    )
    return 100.0 - 10.0 * error**0.6276336467831387 if error > 0 else 100.0
