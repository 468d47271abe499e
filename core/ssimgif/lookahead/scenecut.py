"""Cut a clip into scenes, and find the scenes that look alike.

A cut is a fall of SSIM to the frame before that also stands out of its neighbourhood: a fast pan
or film grain keeps that SSIM low all the time. A slow dissolve shows against a frame further
back, and in the histogram.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ssimgif.image import histogram_distance
from ssimgif.lookahead.features import REFERENCE_DISTANCE, ClipFeatures
from ssimgif.model import F32, F64, Scene

SHORTEST_SCENE = 4
# Frames on either side that a cut is compared with.
NEIGHBOURS = 5
# A cut's dissimilarity is this many times that of its neighbours and more by this much.
STANDS_OUT = 2.0
STANDS_OUT_BY = 0.06
# Or the colours jump: histogram distance, and how many times that of its neighbours.
COLOR_JUMP = 0.15
COLOR_STANDS_OUT = 4.0
# Histogram distance across a dissolve, and that of a slow change of scenery.
DISSOLVE = 0.15
DRIFT = 0.50
# Histogram distance up to which two scenes count as the same shot.
SAME_SHOT = 0.16


def find_scenes(analysis: ClipFeatures, threshold: float = 0.88) -> list[Scene]:
    """Cut a clip into scenes.

    Parameters
    ----------
    analysis : ClipFeatures
    threshold : float
        SSIM below which two frames may belong to different scenes, 0..1; 0 makes one scene.

    Returns
    -------
    list of Scene
        In order and without gaps. Scenes that look alike have the same ``cluster``, numbered
        in order of appearance.
    """
    count = len(analysis.durations)
    ends = [0, *_hard_cuts(analysis, threshold), count]
    for start, stop in pairwise(ends):
        ends = sorted({*ends, *_slow_cuts(analysis, threshold, start, stop)})
    spans = list(pairwise(ends))
    means = np.array([analysis.histograms[a:b].mean(axis=0) for a, b in spans])
    clusters = _clusters(means, np.array([b - a for a, b in spans]))
    return [Scene(a, b, cluster) for (a, b), cluster in zip(spans, clusters, strict=True)]


def _hard_cuts(analysis: ClipFeatures, threshold: float) -> list[int]:
    """Return the first frames of the scenes that begin with a cut, without frame 0."""
    unlike = 1.0 - analysis.ssim_previous.astype(np.float64)
    jumps = np.zeros(len(unlike))
    jumps[1:] = histogram_distance(analysis.histograms[1:], analysis.histograms[:-1])
    candidates = []
    for i in (np.flatnonzero(unlike[1:] > 1.0 - threshold) + 1).tolist():
        usual = _usual(unlike, i, analysis)
        stands_out = unlike[i] > STANDS_OUT * usual + STANDS_OUT_BY
        usual = _usual(jumps, i, analysis)
        jumps_out = jumps[i] > COLOR_STANDS_OUT * usual + COLOR_JUMP
        if stands_out or jumps_out:
            candidates.append((float(unlike[i] + jumps[i]), i))
    cuts: list[int] = []
    for _, cut in sorted(candidates, reverse=True):
        if all(abs(cut - other) >= SHORTEST_SCENE for other in (0, *cuts, len(unlike))):
            cuts.append(cut)
    return sorted(cuts)


def _usual(values: F64, i: int, analysis: ClipFeatures) -> float:
    """Return the greater median of the values on either side of frame i, repeats left out."""
    moving = ~analysis.identical
    moving[0] = False
    sides = [
        values[max(0, i - NEIGHBOURS) : i][moving[max(0, i - NEIGHBOURS) : i]],
        values[i + 1 : i + 1 + NEIGHBOURS][moving[i + 1 : i + 1 + NEIGHBOURS]],
    ]
    return max((float(np.median(side)) for side in sides if len(side)), default=0.0)


def _slow_cuts(analysis: ClipFeatures, threshold: float, start: int, stop: int) -> list[int]:
    """Return where, between two hard cuts, one shot dissolves or drifts into another one."""
    histograms = analysis.histograms
    cuts: list[int] = []
    settled = start
    for low, high in _dips(analysis.ssim_reference, threshold, start, stop):
        middle = (low + high - REFERENCE_DISTANCE) // 2
        before = histograms[max(settled, low - NEIGHBOURS) : low].mean(axis=0)
        after = histograms[high : high + NEIGHBOURS].mean(axis=0)
        begin = cuts[-1] if cuts else start
        if histogram_distance(before, after) > DISSOLVE and _fits(middle, begin, stop):
            cuts += [*_drifts(analysis, threshold, settled, low), middle]
            settled = high
    return cuts + _drifts(analysis, threshold, settled, stop)


def _dips(values: F32, threshold: float, start: int, stop: int) -> list[tuple[int, int]]:
    """Return the runs below the threshold that have frames above it on both sides.

    The first frames look back across the cut at ``start`` and are left out.
    """
    first = start + REFERENCE_DISTANCE if start else 1
    below = np.zeros(max(0, stop - first) + 2, np.int8)
    below[1:-1] = values[first:stop] < threshold
    edges = np.diff(below)
    lows, highs = np.flatnonzero(edges == 1) + first, np.flatnonzero(edges == -1) + first
    runs = zip(lows.tolist(), highs.tolist(), strict=True)
    return [(low, high) for low, high in runs if low > first and high < stop]


def _drifts(analysis: ClipFeatures, threshold: float, start: int, stop: int) -> list[int]:
    """Return where the colours have left those that the scene began with."""
    cuts: list[int] = []
    begin = start
    for i in range(start + SHORTEST_SCENE, stop):
        first = analysis.histograms[begin : begin + SHORTEST_SCENE].mean(axis=0)
        moved = float(histogram_distance(analysis.histograms[i], first))
        changed = analysis.ssim_reference[i] < threshold
        if moved > DRIFT and changed and _fits(i, begin, stop):
            cuts.append(i)
            begin = i
    return cuts


def _fits(cut: int, start: int, stop: int) -> bool:
    return start + SHORTEST_SCENE <= cut <= stop - SHORTEST_SCENE


def _clusters(means: F32, lengths: NDArray[np.int64]) -> list[int]:
    """Number scenes by looks: the two closest groups are joined until none are close.

    Parameters
    ----------
    means : f32[k, m]
        Mean histogram of each scene.
    lengths : i64[k]
        Frames of each scene.
    """
    groups = [[i] for i in range(len(means))]
    centers = [mean.astype(np.float64) for mean in means]
    while len(groups) > 1:
        stacked = np.array(centers)
        distances = histogram_distance(stacked[:, None], stacked[None])
        np.fill_diagonal(distances, np.inf)
        a, b = sorted(divmod(int(distances.argmin()), len(groups)))
        if distances[a, b] > SAME_SHOT:
            break
        groups[a] += groups.pop(b)
        centers.pop(b)
        centers[a] = np.average(means[groups[a]], axis=0, weights=lengths[groups[a]])
    numbers = [0] * len(means)
    for number, group in enumerate(sorted(groups, key=min)):
        for i in group:
            numbers[i] = number
    return numbers
