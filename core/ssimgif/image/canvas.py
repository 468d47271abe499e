"""What a decoder shows: the canvas, and how blocks are drawn on it and disposed of.

GIF89a, 23, as browsers understand it: "restore to background" leaves transparency behind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssimgif.image.color import rgb_of
from ssimgif.kernels.canvas import differences, draw_block
from ssimgif.model import U8, Bool, Disposal, Palette


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the canvas, pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the rectangle."""
        return (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )

    def moved(self, right: int, down: int) -> Area:
        """Return the rectangle of the same size elsewhere."""
        return Area(self.left + right, self.top + down, self.width, self.height)

    def contains(self, other: Area) -> bool:
        """Tell whether the other rectangle, which is not empty, is inside this one."""
        right, bottom = self.left + self.width, self.top + self.height
        inside = self.left <= other.left and other.left + other.width <= right
        inside = inside and self.top <= other.top and other.top + other.height <= bottom
        return inside and other.width > 0 and other.height > 0

    def within(self, width: int, height: int) -> Area:
        """Return the part that lies on a canvas of this size; it may be empty."""
        left, top = min(self.left, width), min(self.top, height)
        return Area(left, top, min(self.width, width - left), min(self.height, height - top))

    @classmethod
    def around(cls, mask: Bool) -> Area | None:
        """Return the smallest rectangle around the true pixels, or None."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return None
        (left, right), (top, bottom) = columns[[0, -1]].tolist(), rows[[0, -1]].tolist()
        return cls(left, top, right - left + 1, bottom - top + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """What is on screen.

    Attributes
    ----------
    rgb : u8[h, w, 3]
        sRGB; without meaning where nothing is opaque.
    opaque : bool[h, w]
        False where the page shows through.
    """

    rgb: U8
    opaque: Bool

    @classmethod
    def blank(cls, width: int, height: int) -> Canvas:
        """Return the canvas before the first frame: transparent everywhere."""
        return cls(np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.bool_))

    @classmethod
    def of(cls, pixels: U8) -> Canvas:
        """Return the canvas that shows ``pixels`` u8[h, w, 4], whose alpha is 0 or 255."""
        return cls(rgb_of(pixels), pixels[..., 3] == 255)

    def differs(self, other: Canvas, tolerance: int = 0) -> Bool:
        """Return where the two look different, bool[h, w].

        Parameters
        ----------
        other : Canvas
        tolerance : int
            0..255; opaque pixels count as equal when no channel differs by more.
        """
        out = np.empty(self.opaque.shape, np.bool_)
        here, there = self.rgb.ravel(), other.rgb.ravel()
        one, another = self.opaque.ravel(), other.opaque.ravel()
        differences(here, one, there, another, np.uint8(tolerance), out.ravel())
        return out


def draw(canvas: Canvas, indices: U8, palette: Palette, area: Area) -> Canvas:
    """Return the canvas with a block drawn on it; transparent pixels leave it as it is.

    Parameters
    ----------
    canvas : Canvas
    indices : u8[area.height, area.width]
    palette : Palette
    area : Area
    """
    rgb, opaque = canvas.rgb.copy(), canvas.opaque.copy()
    transparent = palette.transparent_index
    draw_block(indices, palette.colors, transparent, area.top, area.left, rgb, opaque)
    return Canvas(rgb, opaque)


def dispose(before: Canvas, after: Canvas, disposal: Disposal, area: Area) -> Canvas:
    """Return what the next block is drawn on.

    Parameters
    ----------
    before, after : Canvas
        Without and with the block.
    disposal : Disposal
    area : Area
        The block's rectangle.
    """
    if disposal is Disposal.PREVIOUS:
        return before
    if disposal is Disposal.BACKGROUND:
        opaque = after.opaque.copy()
        opaque[area.slices] = False
        return Canvas(after.rgb, opaque)
    return after


def white(canvas: Canvas) -> U8:
    """Return what a canvas shows on a white page, u8[h, w, 3]."""
    if canvas.opaque.all():
        return canvas.rgb
    return np.where(canvas.opaque[..., None], canvas.rgb, np.uint8(255))
