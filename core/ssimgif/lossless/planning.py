"""What each block of a GIF has to draw, and what becomes of it before the next one."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ssimgif.errors import SourceError
from ssimgif.gif import MAX_COLORS, lzw
from ssimgif.image import Area, around
from ssimgif.kernels.packed import (
    SLOTS,
    collect_colors,
    count_changes,
    rough_indices,
    vanished_pixels,
)
from ssimgif.lossless.screen import Screen
from ssimgif.model import U32, Change, Disposal

# Restoring what was before must save a quarter of the changes, and a few more, and a quarter of
# the bytes, about.
WORTH = 0.75
WORTH_PIXELS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What one block draws.

    Attributes
    ----------
    area : Area
    disposal : Disposal
    delay : int
        Centiseconds.
    colors : u32[n]
        Those that its table must have, rising.
    mixed : bool
        Whether some of its pixels stay as they are.
    """

    area: Area
    disposal: Disposal
    delay: int
    colors: U32
    mixed: bool


def planned(name: str, screen: Screen, changes: Iterable[Change]) -> list[Block]:
    """Plan a block for each picture.

    Raises
    ------
    SourceError
        When one needs more colours than a table has.
    """
    blocks: list[Block] = []
    for change, following in screen.play(changes):
        block = _block(screen, change.delay, following is None)
        if block is None:
            raise SourceError(
                f"{name} can't be kept without loss: picture {len(blocks) + 1} of those that differ"
                f" has more than {MAX_COLORS} colours"
            )
        blocks.append(block)
        screen.dispose(block.disposal, block.area)
    return blocks


def _block(screen: Screen, delay: int, last: bool) -> Block | None:
    """Plan the present picture's block; None where a table has too few colours for it."""
    area = screen.drawn() or Area(0, 0, 1, 1)
    disposal = Disposal.NONE
    if not last:
        disposal, area = _disposed(screen, area)
    before, after = screen.before[area.slices], screen.shown[area.slices]
    changed, _ = count_changes(before, after)
    mixed = changed < after.size or disposal is Disposal.BACKGROUND
    colors = _colors(before, after, False)
    if mixed and (colors is None or len(colors) == MAX_COLORS):
        # No index is left for what stays as it is, so that all pixels are drawn.
        mixed, colors = False, _colors(before, after, True)
    return None if colors is None else Block(area, disposal, delay, colors, mixed)


def _colors(before: U32, after: U32, everything: bool) -> U32 | None:
    """Return the colours of the pixels that change, or of all; None if there are too many."""
    keys = np.zeros(SLOTS, np.uint32)
    if collect_colors(before, after, everything, keys) > MAX_COLORS:
        return None
    return np.sort(keys[keys != 0])


def _disposed(screen: Screen, area: Area) -> tuple[Disposal, Area]:
    """Choose what leaves the fewest pixels for the next block to draw.

    A block can't draw transparency: pixels that turn transparent are cleared by the disposal of
    the block before, whose rectangle must cover them.
    """
    near = around(screen.left, screen.coming)
    if near is None:
        return Disposal.NONE, area
    before, shown, following = (
        picture[near.slices] for picture in (screen.before, screen.shown, screen.following)
    )
    kept, vanished = count_changes(shown, following)
    restored, lost = count_changes(before, following)
    if lost or not screen.started:
        restored = sys.maxsize
    if not vanished:
        worth = restored < WORTH * kept - WORTH_PIXELS
        # What changes little has ties, which save more than a rough look can tell.
        if worth and _rough_bytes(before, following) < WORTH * _rough_bytes(shown, following):
            return Disposal.PREVIOUS, area
        return Disposal.NONE, area
    gone = np.empty(shown.shape, np.bool_)
    vanished_pixels(shown, following, gone)
    hidden = Area.around(gone)
    assert hidden is not None
    covered = around(area, hidden.moved(near.left, near.top)) or area
    cleared = screen.shown.copy()
    cleared[covered.slices] = 0
    everywhere = around(near, covered) or near
    redrawn, _ = count_changes(cleared[everywhere.slices], screen.following[everywhere.slices])
    if restored < redrawn:
        return Disposal.PREVIOUS, area
    return Disposal.BACKGROUND, covered


def _rough_bytes(before: U32, after: U32) -> int:
    """Return about how many bytes the pixels take that change."""
    indices = np.empty(after.size, np.uint8)
    rough_indices(before, after, indices)
    return len(lzw.encode(indices, 8))
