"""The part of a picture that a block has to draw upon what is on screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssimgif.image import Area, Canvas
from ssimgif.model import U8, Bool, Palette


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What one block draws.

    Attributes
    ----------
    area : Area
        The block's rectangle.
    indices : u8[h, w]
        Palette indices of the picture in the rectangle; the transparent one where it is
        transparent.
    held : bool[h, w]
        Where the screen shows the right thing already, so that the transparent index is right
        as well. False everywhere if the palette has no transparent index.
    """

    area: Area
    indices: U8
    held: Bool

    def filled(self, transparent: int) -> U8:
        """Return the indices with the transparent one wherever the screen is right."""
        return np.where(self.held, np.uint8(transparent), self.indices)


def patch(canvas: Canvas, indices: U8, palette: Palette, cover: Bool | None = None) -> Patch | None:
    """Return what has to be drawn to turn the canvas into a picture.

    Parameters
    ----------
    canvas : Canvas
        What is on screen.
    indices : u8[h, w]
        The wanted picture; its transparent pixels have ``palette.transparent``.
    palette : Palette
    cover : bool[h, w], optional
        Pixels that the rectangle must contain, though they may be right already.

    Returns
    -------
    Patch or None
        None when the canvas shows the picture already and there is nothing to cover.

    Raises
    ------
    ValueError
        When an opaque pixel would have to become transparent: only the disposal of the frame
        before can do that.
    """
    opaque = np.ones(indices.shape, np.bool_)
    if palette.transparent is not None:
        opaque = indices != palette.transparent
    if (canvas.opaque & ~opaque).any():
        raise ValueError("a block can't draw transparency over opaque pixels")
    changed = canvas.differs(Canvas(palette.colors[indices], opaque))
    area = Area.around(changed if cover is None else changed | cover)
    if area is None:
        return None
    held = ~changed & (palette.transparent is not None)
    rows, columns = area.slices
    return Patch(area, np.ascontiguousarray(indices[rows, columns]), held[rows, columns].copy())
