"""Areas of one level in a plane, and the edges that neighbours share."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _root(parents, label):
    """Return the smallest label joined with this one, shortening the way there."""
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


@njit(cache=True, nogil=True)
def label_segments(plane, labels):
    """Number the 4-connected areas of equal value.

    Parameters
    ----------
    plane : u8[h, w]
    labels : i32[h, w]
        Set to 0..n - 1.

    Returns
    -------
    areas : i32[n]
        In pixels.
    levels : u8[n]
    """
    height, width = plane.shape
    parents = np.empty(height * width, np.int32)
    count = 0
    for y in range(height):
        for x in range(width):
            value = plane[y, x]
            left = x > 0 and plane[y, x - 1] == value
            above = y > 0 and plane[y - 1, x] == value
            if left and above:
                first = _root(parents, labels[y, x - 1])
                second = _root(parents, labels[y - 1, x])
                parents[max(first, second)] = min(first, second)
                labels[y, x] = min(first, second)
            elif left:
                labels[y, x] = labels[y, x - 1]
            elif above:
                labels[y, x] = labels[y - 1, x]
            else:
                parents[count] = count
                labels[y, x] = count
                count += 1
    numbers = np.empty(count, np.int32)
    found = 0
    for label in range(count):
        if parents[label] == label:
            numbers[label] = found
            found += 1
        else:
            numbers[label] = numbers[_root(parents, label)]
    areas = np.zeros(found, np.int32)
    levels = np.zeros(found, np.uint8)
    for y in range(height):
        for x in range(width):
            label = numbers[labels[y, x]]
            labels[y, x] = label
            areas[label] += 1
            levels[label] = plane[y, x]
    return areas, levels


@njit(cache=True, nogil=True)
def shared_sides(labels, areas, smallest, depth):
    """List the pixel sides between two segments of at least ``smallest`` pixels each.

    Parameters
    ----------
    labels : i32[h, w]
    areas : i32[n]
    smallest : int
    depth : int
        A side is listed where both segments are at least this deep, square to it.

    Returns
    -------
    i64[m]
        The lesser label * n + the greater one, once for each side, in rising order.
    """
    height, width = labels.shape
    keys = np.empty(2 * height * width, np.int64)
    segments = np.int64(areas.shape[0])
    count = 0
    for y in range(height):
        for x in range(width):
            here = np.int64(labels[y, x])
            if areas[here] < smallest:
                continue
            for down in range(2):
                across = 1 - down
                if y - down * (depth - 1) < 0 or y + down * depth >= height:
                    continue
                if x - across * (depth - 1) < 0 or x + across * depth >= width:
                    continue
                there = np.int64(labels[y + down, x + across])
                if there == here or areas[there] < smallest:
                    continue
                deep = True
                for k in range(1, depth):
                    deep &= labels[y - down * k, x - across * k] == here
                    deep &= labels[y + down * (k + 1), x + across * (k + 1)] == there
                if deep:
                    keys[count] = min(here, there) * segments + max(here, there)
                    count += 1
    return np.sort(keys[:count])
