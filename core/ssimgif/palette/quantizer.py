"""Candidate palettes of a scene.

Colours are compared in OKLab (Ottosson 2020). Palettes are the weighted k-means centres of a
colour histogram, started by splitting boxes of least variance (Wu 1991). The pixels' weights are
the square root of what SSIM makes of an error there, so flat areas count more than texture.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ssimgif.image import ColorSet, NearestColors, bins_of, exact_luma, map_nearest, oklab_from_rgb
from ssimgif.kernels.kmeans import assign_nearest, split_boxes, weighted_means
from ssimgif.model import F32, F64, U8, Palette

__all__ = [
    "STRATEGIES",
    "Histogram",
    "box_means",
    "candidate_palettes",
    "exact_palette",
    "map_nearest",
    "merge",
    "opaque_colors",
    "prune",
]

I64 = NDArray[np.int64]

MOST_PRUNED = 192
LLOYD_STEPS = 8
# Weight of OKLab's a and b against L. More of it lowers the colour difference and the SSIM.
CHROMA_WEIGHT = 1.0
CHROMA_WEIGHT_FAITHFUL = 1.6
# Luma within this of 0 or 255 counts as a deep shadow or a highlight ...
EXTREME_LUMA = 20.0
# ... and gets an entry when it is this much of the weight and the palette is this far off.
EXTREME_SHARE = 1e-4
EXTREME_MISS = 6.0
SMALLEST_WITH_EXTREMES = 8
STRATEGIES = ("kmeans", "faithful", "pruned")


def candidate_palettes(
    frames: Sequence[U8],
    weights: Sequence[F32],
    size: int,
    names: Collection[str] = STRATEGIES,
) -> dict[str, Palette]:
    """Propose palettes for the sample frames of a scene.

    Parameters
    ----------
    frames : sequence of u8[h, w, 3]
        sRGB; sizes may differ.
    weights : sequence of f32[h, w]
        The SSIM sensitivity of each pixel, as `SsimReference.weights` gives it; pixels of
        weight 0 are ignored.
    size : int
        Most colours, 1..256.
    names : collection of str
        Which of `STRATEGIES` to use.

    Returns
    -------
    dict of str to Palette
        ``exact`` alone, whatever the names, where the frames have no more than ``size`` colours.
        Else, of those named, ``kmeans``; ``faithful``, the same with more regard for chroma; and,
        up to `MOST_PRUNED` colours, ``pruned``, those of a palette of 256 that are missed least.
    """
    exact = exact_palette(frames, size)
    if exact is not None:
        return {"exact": exact}
    if not set(names) & set(STRATEGIES):
        return {}
    histogram = Histogram.of(frames, weights)
    found = {}
    if "kmeans" in names:
        found["kmeans"] = histogram.palette(size)
    if "faithful" in names:
        found["faithful"] = histogram.palette(size, CHROMA_WEIGHT_FAITHFUL)
    if "pruned" in names and size <= MOST_PRUNED:
        full = histogram.palette(256)
        found["pruned"] = prune(full, histogram.shares(full), size)
    return found


def box_means(rgb: F32, weights: F32, size: int) -> F32:
    """Return the mean colours of boxes of little variance in RGB (Wu 1991), a quick palette.

    Parameters
    ----------
    rgb : f32[n, 3]
        Colours, n at least 1.
    weights : f32[n]
    size : int
        Most boxes, 1..256.

    Returns
    -------
    f32[min(size, n), 3]
        In the order in which the boxes were split.
    """
    labels = split_boxes(rgb, weights, size)
    means = np.zeros((int(labels.max()) + 1, 3), np.float32)
    weighted_means(rgb, weights, labels, means)
    return means


def exact_palette(frames: Sequence[U8], size: int = 256) -> Palette | None:
    """Return all colours of u8[h, w, 3] frames as a palette, or None if there are more."""
    colors = ColorSet(size + 1)
    for frame in frames:
        colors.add(frame)
    return Palette(colors.colors()) if 0 < len(colors) <= size else None


class Histogram:
    """Weighted colours, and the palettes made of them.

    Attributes
    ----------
    rgb : f32[n, 3]
        0..255.
    weights : f32[n]
    """

    def __init__(self, rgb: F32, weights: F32) -> None:
        if len(rgb) == 0:
            raise ValueError("there are no pixels to make a palette of")
        self.rgb = rgb
        self.weights = weights
        self._lab = oklab_from_rgb(np.rint(rgb).astype(np.uint8))

    @classmethod
    def of(cls, frames: Sequence[U8], weights: Sequence[F32]) -> Histogram:
        """Count u8[h, w, 3] frames with the square root of their f32[h, w] weights."""
        return cls(*bins_of(frames, [np.sqrt(weight, dtype=np.float32) for weight in weights]))

    def palette(self, size: int, chroma_weight: float = CHROMA_WEIGHT) -> Palette:
        """Return the k-means palette of at most ``size`` colours.

        Means are taken in sRGB, where luma is linear: an area's mean luma is what SSIM and the
        eye at a distance see.
        """
        points = self._lab * np.array([1, chroma_weight, chroma_weight], np.float32)
        labels = split_boxes(points, self.weights, size)
        centers = np.zeros((int(labels.max()) + 1, 3), np.float32)
        for _ in range(LLOYD_STEPS):
            weighted_means(points, self.weights, labels, centers)
            if assign_nearest(points, centers, labels) == 0:
                break
        means = np.zeros_like(centers)
        weighted_means(self.rgb, self.weights, labels, means)
        used = np.bincount(labels, self.weights, len(centers)).astype(np.float64)
        colors = np.rint(means[used > 0]).astype(np.uint8)
        if size >= SMALLEST_WITH_EXTREMES:
            colors = self._with_extremes(colors, used[used > 0], size)
        return _sorted(colors)

    def shares(self, palette: Palette) -> F64:
        """Return the weight f64[n] that falls to each palette colour."""
        indices = NearestColors(palette).map(np.rint(self.rgb).astype(np.uint8)[None])[0]
        return np.bincount(indices, self.weights, len(palette.colors)).astype(np.float64)

    def _with_extremes(self, colors: U8, used: F64, size: int) -> U8:
        """Give deep shadows and highlights an entry where the palette has none near."""
        light = exact_luma(self.rgb)
        low, high = float(light.min()), float(light.max())
        shadow = light <= min(low + EXTREME_MISS, EXTREME_LUMA)
        highlight = light >= max(high - EXTREME_MISS, 255 - EXTREME_LUMA)
        for extreme in (shadow, highlight):
            if self.weights[extreme].sum() < EXTREME_SHARE * self.weights.sum():
                continue
            mean = np.average(self.rgb[extreme], axis=0, weights=self.weights[extreme])
            color = np.rint(mean).astype(np.uint8)
            if np.abs(exact_luma(colors) - exact_luma(color)).min() <= EXTREME_MISS:
                continue
            if len(colors) >= size:
                keep = np.arange(len(colors)) != int(np.argmin(used))
                colors, used = colors[keep], used[keep]
            colors = np.vstack([colors, color[None]])
            used = np.append(used, np.inf)
        return colors


def merge(first: Palette, second: Palette, size: int) -> Palette:
    """Return one palette of at most ``size`` colours for two scenes, each colour counting alike."""
    colors = np.unique(np.vstack([opaque_colors(first), opaque_colors(second)]), axis=0)
    if len(colors) <= size:
        return _sorted(colors)
    return Histogram(colors.astype(np.float32), np.ones(len(colors), np.float32)).palette(size)


def prune(palette: Palette, counts: NDArray[np.floating] | I64, size: int) -> Palette:
    """Return the ``size`` colours of a palette that are missed least, in their order.

    One after the other, the colour goes whose count times squared OKLab distance to the nearest
    colour left is least; its count passes to that colour. The transparent index goes first.

    Parameters
    ----------
    palette : Palette
    counts : f64[n] or i64[n]
        How much each colour is used.
    size : int
    """
    count = np.asarray(counts, np.float64).copy()
    lab = oklab_from_rgb(palette.colors).astype(np.float64)
    distance = ((lab[:, None] - lab[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    left = np.ones(len(count), np.bool_)
    if palette.transparent is not None:
        left[palette.transparent] = False
        distance[:, palette.transparent] = np.inf
    while left.sum() > max(size, 1):
        nearest = distance.argmin(axis=1)
        cost = np.where(left, count * distance[np.arange(len(count)), nearest], np.inf)
        gone = int(cost.argmin())
        count[nearest[gone]] += count[gone]
        left[gone] = False
        distance[:, gone] = np.inf
    return Palette(palette.colors[left])


def opaque_colors(palette: Palette) -> U8:
    """Return the palette's colours without the transparent entry."""
    if palette.transparent is None:
        return palette.colors
    return np.delete(palette.colors, palette.transparent, axis=0)


def _sorted(colors: U8) -> Palette:
    """Return a palette without repeated colours, from dark to light."""
    colors = np.unique(colors, axis=0)
    return Palette(np.ascontiguousarray(colors[np.argsort(exact_luma(colors), kind="stable")]))
