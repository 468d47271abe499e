"""Slow, obvious twins of the kernels that crop rectangles."""

from __future__ import annotations

import numpy as np


def line_gains(indices, transparent, held, floor, clear, lam, drawn, top, bottom):
    """Return the gains of the rows from top to bottom, and of the columns over these rows."""
    gain = np.where(indices == transparent, 0.0, lam * (held - floor) - drawn)
    gain = np.where(clear, np.inf, gain)[top:bottom]
    return gain.sum(axis=1), gain.sum(axis=0)


def changed_rectangle(indices, colors, transparent, rgb, opaque, clear):
    """Return first and last row, first and last column of what changes."""
    height, width = indices.shape
    places = [
        (y, x)
        for y in range(height)
        for x in range(width)
        if clear[y, x]
        or (
            indices[y, x] != transparent
            and not (opaque[y, x] and (colors[indices[y, x]] == rgb[y, x]).all())
        )
    ]
    if not places:
        return height, -1, width, -1
    rows, columns = zip(*places, strict=True)
    return min(rows), max(rows), min(columns), max(columns)
