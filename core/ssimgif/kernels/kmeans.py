"""Weighted k-means on points of a three-dimensional colour space."""

import numpy as np

from ssimgif.kernels.jit import kernel


@kernel
def _widest_axis(points, weights, order, start, stop):
    """Return the axis of greatest weighted variance of a box, and its sum of squared errors."""
    total = 0.0
    sums = np.zeros(3)
    squares = np.zeros(3)
    for k in range(start, stop):
        i = order[k]
        w = np.float64(weights[i])
        total += w
        for c in range(3):
            x = np.float64(points[i, c])
            sums[c] += w * x
            squares[c] += w * x * x
    error = 0.0
    widest = 0
    greatest = -1.0
    for c in range(3):
        e = max(0.0, squares[c] - sums[c] * sums[c] / max(total, 1e-30))
        error += e
        if e > greatest:
            greatest = e
            widest = c
    return widest, error


@kernel
def _best_cut(points, weights, order, start, stop, axis):
    """Return where to cut a sorted box so that the halves' errors along the axis are least."""
    total = 0.0
    whole = 0.0
    for k in range(start, stop):
        w = np.float64(weights[order[k]])
        total += w
        whole += w * points[order[k], axis]
    best = start + 1
    greatest = -1.0
    weight = 0.0
    part = 0.0
    for k in range(start, stop - 1):
        w = np.float64(weights[order[k]])
        weight += w
        part += w * points[order[k], axis]
        rest = total - weight
        if weight <= 0.0 or rest <= 0.0:
            continue
        # Least squared error is greatest sum of (sum ** 2 / weight) over both halves.
        gain = part * part / weight + (whole - part) * (whole - part) / rest
        if gain > greatest:
            greatest = gain
            best = k + 1
    return best


@kernel
def split_boxes(points, weights, size):
    """Divide points into boxes of small weighted variance (Wu 1991, on a list of points).

    The box of greatest squared error is cut in two across its axis of greatest variance,
    where the errors left are least, until there are ``size`` boxes.

    Parameters
    ----------
    points : f32[n, 3]
    weights : f32[n]
    size : int

    Returns
    -------
    i32[n]
        The box of each point, 0..min(size, n) - 1.
    """
    n = points.shape[0]
    order = np.arange(n)
    starts = np.zeros(size, np.int64)
    stops = np.zeros(size, np.int64)
    axes = np.zeros(size, np.int64)
    errors = np.zeros(size)
    stops[0] = n
    axes[0], errors[0] = _widest_axis(points, weights, order, 0, n)
    count = 1
    while count < size:
        box = -1
        for b in range(count):
            if stops[b] - starts[b] > 1 and (box < 0 or errors[b] > errors[box]):
                box = b
        if box < 0:
            break
        start, stop, axis = starts[box], stops[box], axes[box]
        keys = np.empty(stop - start, np.float32)
        for k in range(start, stop):
            keys[k - start] = points[order[k], axis]
        order[start:stop] = order[start:stop][np.argsort(keys, kind="mergesort")]
        cut = _best_cut(points, weights, order, start, stop, axis)
        stops[box] = cut
        starts[count] = cut
        stops[count] = stop
        axes[box], errors[box] = _widest_axis(points, weights, order, start, cut)
        axes[count], errors[count] = _widest_axis(points, weights, order, cut, stop)
        count += 1
    labels = np.empty(n, np.int32)
    for b in range(count):
        for k in range(starts[b], stops[b]):
            labels[order[k]] = b
    return labels


@kernel
def weighted_means(points, weights, labels, centers):
    """Set each of f32[k, 3] centres to the weighted mean of its points; leave empty ones alone."""
    count = centers.shape[0]
    sums = np.zeros((count, 4))
    for i in range(points.shape[0]):
        k = labels[i]
        w = np.float64(weights[i])
        sums[k, 0] += w
        for c in range(3):
            sums[k, c + 1] += w * points[i, c]
    for k in range(count):
        if sums[k, 0] > 0.0:
            for c in range(3):
                centers[k, c] = sums[k, c + 1] / sums[k, 0]


@kernel
def assign_nearest(points, centers, labels):
    """Set i32[n] labels to the nearest of f32[k, 3] centres, starting from the labels given.

    Centres are visited outwards from the point's own first coordinate and the search ends when
    that coordinate alone is farther away than the best centre, so the result is exact.

    Returns
    -------
    int
        How many labels changed.
    """
    count = centers.shape[0]
    order = np.argsort(centers[:, 0])
    x = np.empty(count, np.float32)
    y = np.empty(count, np.float32)
    z = np.empty(count, np.float32)
    for k in range(count):
        x[k] = centers[order[k], 0]
        y[k] = centers[order[k], 1]
        z[k] = centers[order[k], 2]
    changed = 0
    for i in range(points.shape[0]):
        p, q, r = points[i, 0], points[i, 1], points[i, 2]
        old = labels[i]
        best = old
        dx, dy, dz = centers[old, 0] - p, centers[old, 1] - q, centers[old, 2] - r
        least = dx * dx + dy * dy + dz * dz
        above = np.searchsorted(x, p)
        below = above - 1
        while above < count:
            dx = x[above] - p
            if dx * dx >= least:
                break
            dy = y[above] - q
            dz = z[above] - r
            d = dx * dx + dy * dy + dz * dz
            if d < least:
                least = d
                best = order[above]
            above += 1
        while below >= 0:
            dx = x[below] - p
            if dx * dx >= least:
                break
            dy = y[below] - q
            dz = z[below] - r
            d = dx * dx + dy * dy + dz * dz
            if d < least:
                least = d
                best = order[below]
            below -= 1
        if best != old:
            labels[i] = best
            changed += 1
    return changed
