"""What a clip shows, as what changes from each picture to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ssimgif.gif import timing
from ssimgif.image import Area, change_to
from ssimgif.kernels.packed import clear_hidden
from ssimgif.model import Change, Clip

# What is kept in memory of a clip's changes, bytes; where there is more, they are read again.
MEMORY = 192 << 20


class Changes:
    """The changes of a clip, to be read as often as needed.

    Parameters
    ----------
    clip : Clip
    source : Clip or None
        One that shows the same; of a GIF, what changes is known.
    keep_delays : bool
        Whether a GIF's delays stay of which viewers make a tenth of a second.
    """

    def __init__(self, clip: Clip, source: Clip | None, keep_delays: bool) -> None:
        self._clip = clip
        self._source = source
        self._keep_delays = keep_delays
        self._kept: list[Change] | None = None

    def __iter__(self) -> Iterator[Change]:
        """Iterate from the first picture on; equal ones that follow one another are one."""
        if self._kept is not None:
            return iter(self._kept)
        return self._kept_while_read(_merged(self._read()))

    def _read(self) -> Iterator[Change]:
        if self._source is None or self._source.changes is None:
            return _of_frames(self._clip)
        changes = self._source.changes()
        return changes if self._keep_delays else map(_followed, changes)

    def _kept_while_read(self, changes: Iterator[Change]) -> Iterator[Change]:
        kept: list[Change] = []
        used = 0
        for change in changes:
            used += change.pixels.nbytes
            if used <= MEMORY:
                kept.append(change)
            else:
                kept.clear()
            yield change
        if used <= MEMORY:
            self._kept = kept


def _followed(change: Change) -> Change:
    """Return a change with the delay that viewers follow."""
    return Change(change.left, change.top, change.pixels, timing.on_screen(change.delay))


def _of_frames(clip: Clip) -> Iterator[Change]:
    """Yield the changes of a clip's frames, at their times in a GIF."""
    slots = iter(timing.plan([frame.duration for frame in clip.frames()]))
    slot = next(slots, None)
    everything = Area(0, 0, clip.width, clip.height)
    shown = np.zeros((clip.height, clip.width), np.uint32)
    for number, frame in enumerate(clip.frames()):
        if slot is None:
            return
        if slot.source > number:
            continue
        visible = np.empty_like(shown)
        pixels = np.ascontiguousarray(frame.pixels).view(np.uint32)
        clear_hidden(pixels.ravel(), visible.ravel())
        while slot is not None and slot.source == number:
            yield change_to(shown, visible, everything, slot.delay)
            shown = visible
            slot = next(slots, None)


def _merged(changes: Iterable[Change]) -> Iterator[Change]:
    """Let a picture last longer instead of showing the same again."""
    waiting: Change | None = None
    for change in changes:
        if waiting is None:
            waiting = change
        elif not change.pixels.size and _can_be_added(waiting.delay, change.delay):
            delay = waiting.delay + change.delay
            waiting = Change(waiting.left, waiting.top, waiting.pixels, delay)
        else:
            yield waiting
            waiting = change
    if waiting is not None:
        yield waiting


def _can_be_added(one: int, other: int) -> bool:
    """Tell whether one delay can stand for two; viewers show those of 0 and 1 for longer."""
    return min(one, other) >= timing.MIN_DELAY and one + other <= timing.MAX_DELAY
