"""Which disposal a frame asks for, judged by the frame that comes after it."""

from __future__ import annotations

import numpy as np

from ssimgif.image import Area, Canvas, dispose, draw
from ssimgif.model import Bool, Disposal

__all__ = ["Area", "Canvas", "choose", "dispose", "draw", "to_clear"]

# Disposing of pixels must save a quarter of the changes, and a few more, to be worth its blocks.
WORTH = 0.75
WORTH_PIXELS = 64


def choose(
    before: Canvas, shown: Canvas, following: Canvas | None, tolerance: int = 16
) -> Disposal:
    """Choose what happens to the frame shown before the following one is drawn.

    A frame can't draw transparency, so pixels that turn from opaque to transparent must be
    disposed of: with BACKGROUND (the frame must then cover `to_clear`), or with PREVIOUS
    where what was there before does as well and leaves fewer pixels to draw. Otherwise NONE,
    unless PREVIOUS leaves clearly fewer pixels to draw, as after a flash.

    Parameters
    ----------
    before : Canvas
        What the frame shown is drawn on.
    shown, following : Canvas
        The pictures; ``following`` is None at the end.
    tolerance : int
        0..255; a pixel is left alone when no channel differs by more.
    """
    if following is None:
        return Disposal.NONE
    cleared = to_clear(before, shown, following)
    area = Area.around(cleared)
    restored = _changes(before, following, tolerance)
    if area is None:
        kept = np.count_nonzero(shown.differs(following, tolerance))
        worth = restored is not None and restored < WORTH * kept - WORTH_PIXELS
        return Disposal.PREVIOUS if worth and before.opaque.any() else Disposal.NONE
    covered = Area.around(cleared | before.differs(shown, tolerance)) or area
    left = dispose(before, shown, Disposal.BACKGROUND, covered)
    redrawn = np.count_nonzero(left.differs(following))
    if restored is not None and restored < redrawn and before.opaque.any():
        return Disposal.PREVIOUS
    return Disposal.BACKGROUND


def to_clear(before: Canvas, shown: Canvas, following: Canvas | None) -> Bool:
    """Return the pixels that must turn transparent when the frame shown is disposed of.

    The rectangle of a frame with Disposal.BACKGROUND must cover them. All are false when
    nothing needs clearing.

    Parameters
    ----------
    before, shown, following : Canvas
        See `choose`.

    Returns
    -------
    bool[h, w]
    """
    if following is None:
        return np.zeros_like(before.opaque)
    return (before.opaque | shown.opaque) & ~following.opaque


def _changes(canvas: Canvas, wanted: Canvas, tolerance: int) -> int | None:
    """Count the pixels to draw on a canvas, or None when one would have to be cleared."""
    if (canvas.opaque & ~wanted.opaque).any():
        return None
    return int(np.count_nonzero(canvas.differs(wanted, tolerance)))
