"""Rectangles in which pictures of one number a pixel differ."""

from __future__ import annotations

import numpy as np

from ssimgif.image.canvas import Area
from ssimgif.kernels.packed import changed_rectangle
from ssimgif.model import U32, Change


def changed_area(before: U32, after: U32, within: Area | None = None) -> Area | None:
    """Return the rectangle around the pixels that differ, None where none does.

    Parameters
    ----------
    before, after : u32[h, w]
    within : Area, optional
        Where to look.
    """
    height, width = after.shape
    area = within or Area(0, 0, width, height)
    found = np.empty(4, np.int64)
    changed_rectangle(before[area.slices], after[area.slices], found)
    top, bottom, left, right = found.tolist()
    if bottom <= top:
        return None
    return Area(area.left + left, area.top + top, right - left, bottom - top)


def change_to(before: U32, after: U32, within: Area, delay: int) -> Change:
    """Return the change from one picture to another; they differ nowhere but ``within``."""
    area = changed_area(before, after, within)
    if area is None:
        return Change(0, 0, np.empty((0, 0), np.uint32), delay)
    return Change(area.left, area.top, after[area.slices].copy(), delay)


def area_of(change: Change) -> Area | None:
    """Return where a picture differs from the one before, None where nowhere."""
    height, width = change.pixels.shape
    return Area(change.left, change.top, width, height) if change.pixels.size else None


def around(*areas: Area | None) -> Area | None:
    """Return the smallest rectangle around some, None where there is none."""
    some = [area for area in areas if area is not None and area.width * area.height]
    if not some:
        return None
    left, top = min(area.left for area in some), min(area.top for area in some)
    right = max(area.left + area.width for area in some)
    bottom = max(area.top + area.height for area in some)
    return Area(left, top, right - left, bottom - top)
