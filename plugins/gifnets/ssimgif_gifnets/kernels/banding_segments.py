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
def _edge_at(labels, areas, smallest, depth, y, x, down):
    """Return the edge that the side right of a pixel, or below it, belongs to; -1 for none.

    See `shared_sides`; ``down`` is 0 for the side to the right and 1 for the one below.
    """
    here = np.int64(labels[y, x])
    if areas[here] < smallest:
        return np.int64(-1)
    across = 1 - down
    inside = y - down * (depth - 1) >= 0 and y + down * depth < labels.shape[0]
    if not inside or x - across * (depth - 1) < 0 or x + across * depth >= labels.shape[1]:
        return np.int64(-1)
    there = np.int64(labels[y + down, x + across])
    if there == here or areas[there] < smallest:
        return np.int64(-1)
    for k in range(1, depth):
        behind = labels[y - down * k, x - across * k]
        beyond = labels[y + down * (k + 1), x + across * (k + 1)]
        if behind != here or beyond != there:
            return np.int64(-1)
    return min(here, there) * np.int64(areas.shape[0]) + max(here, there)


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
    count = 0
    for y in range(height):
        for x in range(width):
            for down in range(2):
                key = _edge_at(labels, areas, smallest, depth, y, x, down)
                if key >= 0:
                    keys[count] = key
                    count += 1
    return np.sort(keys[:count])


@njit(cache=True, nogil=True)
def add_edges(labels, areas, smallest, depth, edges, values, cell, out):
    """Add the value of its edge for each side, to the cell that the side lies in.

    Parameters
    ----------
    labels, areas, smallest, depth :
        As for `shared_sides`.
    edges : i64[k]
        Rising; sides of other edges add nothing.
    values : f32[k]
    cell : int
        Width and height of a cell in pixels.
    out : f32[ceil(h / cell), ceil(w / cell)]
    """
    for y in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            for down in range(2):
                key = _edge_at(labels, areas, smallest, depth, y, x, down)
                if key < 0:
                    continue
                at = np.searchsorted(edges, key)
                if at < edges.shape[0] and edges[at] == key:
                    out[y // cell, x // cell] += values[at]
