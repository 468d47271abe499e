"""What a clip shows, picture after picture, each as one number a pixel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssimgif.gif import Slot, timing
from ssimgif.image import Area
from ssimgif.kernels.packed import changed_rectangle, clear_hidden
from ssimgif.model import Clip

U32 = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture and how long it stays.

    Attributes
    ----------
    pixels : u32[h, w]
        0 where nothing shows.
    delay : int
        Centiseconds.
    """

    pixels: U32
    delay: int


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """When each frame of a clip is shown in a GIF.

    Attributes
    ----------
    slots : sequence of Slot
        Their delays are the source's own where a GIF source has the clip's times.
    frames : int
    seconds : float
        Of one play.
    """

    slots: Sequence[Slot]
    frames: int
    seconds: float

    @classmethod
    def of(cls, clip: Clip) -> Timeline:
        """Read a clip through for its times."""
        durations = [frame.duration for frame in clip.frames()]
        slots = timing.plan(durations)
        given = clip.gif_delays or ()
        if [timing.on_screen(delay) for delay in given] == durations:
            slots = [Slot(number, delay) for number, delay in enumerate(given)]
        return cls(slots, len(durations), float(sum(durations)))


def pictures(clip: Clip, slots: Sequence[Slot]) -> Iterator[Picture]:
    """Yield what is shown; frames that show the same as the one before only make it last longer."""
    waiting: Picture | None = None
    for slot, pixels in _shown(clip, slots):
        picture = Picture(pixels, slot.delay)
        if waiting is not None:
            same = changed_area(waiting.pixels, pixels) is None
            if same and _can_be_added(waiting.delay, slot.delay):
                picture = Picture(waiting.pixels, waiting.delay + slot.delay)
            else:
                yield waiting
        waiting = picture
    if waiting is not None:
        yield waiting


def changed_area(before: U32, after: U32) -> Area | None:
    """Return the rectangle around the pixels that differ, None where none does."""
    found = np.empty(4, np.int64)
    changed_rectangle(before, after, found)
    top, bottom, left, right = found.tolist()
    return Area(left, top, right - left, bottom - top) if bottom > top else None


def _shown(clip: Clip, slots: Sequence[Slot]) -> Iterator[tuple[Slot, U32]]:
    waiting = iter(slots)
    slot = next(waiting, None)
    for number, frame in enumerate(clip.frames()):
        if slot is None:
            return
        if slot.source > number:
            continue
        pixels = np.ascontiguousarray(frame.pixels).view(np.uint32)[..., 0]
        if clip.has_alpha:
            visible = np.empty_like(pixels)
            clear_hidden(pixels.ravel(), visible.ravel())
            pixels = visible
        while slot is not None and slot.source == number:
            yield slot, pixels
            slot = next(waiting, None)


def _can_be_added(one: int, other: int) -> bool:
    """Tell whether a delay can stand for two; viewers show those of 0 and 1 for longer."""
    return min(one, other) >= timing.MIN_DELAY and one + other <= timing.MAX_DELAY
