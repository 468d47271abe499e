"""What each block of a GIF has to draw, and what becomes of it before the next one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ssimgif.errors import SourceError
from ssimgif.gif import MAX_COLORS
from ssimgif.image import Area
from ssimgif.kernels.packed import SLOTS, collect_colors, count_changes, vanished_pixels
from ssimgif.lossless.pictures import U32, Picture, changed_area
from ssimgif.model import Disposal

# Restoring what was before must save a quarter of the changes, and a few more.
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


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A picture with what is on screen before it, and the picture after it, None at the end."""

    before: U32
    picture: Picture
    following: Picture | None


class Screen:
    """What is on screen between blocks."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels: U32 = np.zeros((height, width), np.uint32)

    def show(self, picture: Picture, disposal: Disposal, area: Area) -> None:
        """Draw a picture with a block in an area, and dispose of it."""
        if disposal is Disposal.NONE:
            self.pixels = picture.pixels
        elif disposal is Disposal.BACKGROUND:
            self.pixels = picture.pixels.copy()
            self.pixels[area.slices] = 0


def planned(name: str, width: int, height: int, shown: Iterator[Picture]) -> list[Block]:
    """Plan a block for each picture.

    Raises
    ------
    SourceError
        When one needs more colours than a table has.
    """
    screen, blocks = Screen(width, height), []
    picture = next(shown, None)
    while picture is not None:
        following = next(shown, None)
        block = _block(Step(screen.pixels, picture, following))
        if block is None:
            number = len(blocks) + 1
            raise SourceError(
                f"{name} can't be kept without loss: picture {number} has more than 256 colours"
            )
        blocks.append(block)
        screen.show(picture, block.disposal, block.area)
        picture = following
    return blocks


def _block(step: Step) -> Block | None:
    shown = step.picture.pixels
    area = changed_area(step.before, shown) or Area(0, 0, 1, 1)
    disposal, area = _disposed(step, area)
    part = area.slices
    before, after = step.before[part], shown[part]
    changed, _ = count_changes(before, after)
    mixed = changed < after.size or disposal is Disposal.BACKGROUND
    for everything in (False, True):
        colors = _colors(before, after, everything)
        if colors is None:
            return None
        if not mixed or len(colors) < MAX_COLORS:
            return Block(area, disposal, step.picture.delay, colors, mixed)
        # No index is left for what stays as it is, so that all pixels are drawn.
        mixed = False
    return None


def _colors(before: U32, after: U32, everything: bool) -> U32 | None:
    keys = np.zeros(SLOTS, np.uint32)
    if collect_colors(before, after, everything, keys) > MAX_COLORS:
        return None
    return np.sort(keys[keys != 0])


def _disposed(step: Step, area: Area) -> tuple[Disposal, Area]:
    """Choose what leaves the fewest pixels for the next block to draw.

    A block can't draw transparency: pixels that turn transparent are cleared by the disposal of
    the block before, whose rectangle must cover them.
    """
    if step.following is None:
        return Disposal.NONE, area
    shown, following = step.picture.pixels, step.following.pixels
    kept, vanished = _changes(shown, following)
    restored, lost = _changes(step.before, following) if step.before.any() else (0, 1)
    if not vanished:
        worth = not lost and restored < WORTH * kept - WORTH_PIXELS
        return (Disposal.PREVIOUS if worth else Disposal.NONE), area
    gone = np.empty(shown.shape, np.bool_)
    vanished_pixels(shown.ravel(), following.ravel(), gone.ravel())
    covered = _around(area, Area.around(gone) or area)
    cleared = shown.copy()
    cleared[covered.slices] = 0
    if not lost and restored < _changes(cleared, following)[0]:
        return Disposal.PREVIOUS, area
    return Disposal.BACKGROUND, covered


def _changes(before: U32, after: U32) -> tuple[int, int]:
    area = changed_area(before, after)
    return (0, 0) if area is None else count_changes(before[area.slices], after[area.slices])


def _around(one: Area, other: Area) -> Area:
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(one.left + one.width, other.left + other.width)
    bottom = max(one.top + one.height, other.top + other.height)
    return Area(left, top, right - left, bottom - top)
