"""When each GIF frame starts and how long it stays, in the centiseconds that GIF knows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor

# Browsers show a delay of 0 or 1 centisecond for 10 centiseconds.
MIN_DELAY = 2
MAX_DELAY = 65_535
DEFAULT_DELAY = 10


@dataclass(frozen=True, slots=True)
class Slot:
    """One GIF frame to be: the source frame it shows, and for how many centiseconds.

    Slots that follow one another with the same ``source`` are one picture whose delay does not
    fit a single block; all but the first need no new pixels.
    """

    source: int
    delay: int


def plan(durations: Sequence[Fraction]) -> list[Slot]:
    """Round frame starts to centiseconds, and leave out frames that come too fast for GIF.

    Every start is rounded by itself, so errors never add up, and the end is within half a
    centisecond of the source's. A start is moved further, and a frame left out, only where source
    frames follow one another faster than browsers show them (2 centiseconds).

    Parameters
    ----------
    durations : sequence of Fraction
        Seconds, each more than 0.

    Returns
    -------
    list of Slot
        Sources strictly rise, except where a delay of more than 65,535 centiseconds is split
        into several slots of one source. Delays are 2..65,535. A clip shorter than
        2 centiseconds becomes one slot of 2.
    """
    if not durations:
        raise ValueError("a clip needs at least one frame")
    starts, middles, end = _timeline(durations)
    ticks = _ticks(starts, middles, max(MIN_DELAY, round(end)))
    shown = [bisect_right(ticks, middle, hi=len(ticks) - 1) - 1 for middle in middles]
    slots: list[Slot] = []
    for number, (start, stop) in enumerate(pairwise(ticks)):
        first, last = bisect_right(shown, number - 1), bisect_right(shown, number) - 1
        slots += [Slot((first + last) // 2, delay) for delay in split(stop - start)]
    return slots


def on_screen(delay: int) -> int:
    """Return for how many centiseconds browsers show a delay in centiseconds."""
    return delay if delay >= MIN_DELAY else DEFAULT_DELAY


def split(delay: int) -> list[int]:
    """Cut a delay in centiseconds into as few parts as possible, each at most 65,535."""
    parts = max(1, -(-delay // MAX_DELAY))
    return [delay // parts + (number < delay % parts) for number in range(parts)]


def shown_at_middle(slots: Sequence[Slot], durations: Sequence[Fraction]) -> list[int]:
    """Return, for each source frame, the number of the slot on screen at the frame's middle."""
    _, middles, _ = _timeline(durations)
    starts = [0, *accumulate(slot.delay for slot in slots[:-1])]
    return [bisect_right(starts, middle) - 1 for middle in middles]


def _timeline(durations: Sequence[Fraction]) -> tuple[list[Fraction], list[Fraction], Fraction]:
    """Return starts, middles and the end of the frames, in centiseconds."""
    ends = [100 * time for time in accumulate(durations)]
    starts = [Fraction(0), *ends[:-1]]
    middles = [(start + stop) / 2 for start, stop in zip(starts, ends, strict=True)]
    return starts, middles, ends[-1]


def _ticks(starts: Sequence[Fraction], middles: Sequence[Fraction], end: int) -> list[int]:
    """Return the starts of the slots, at least 2 apart, and ``end``.

    A frame gets a slot if the slot can start by the frame's middle and after the middle of the
    frame shown before. After a frame left out, the next may start early, down to that middle.
    """
    ticks, kept = [0], 0
    for i in range(1, len(starts)):
        wish = round(starts[i])
        if kept < i - 1:
            wish = min(wish, floor(middles[i - 1]) + 1)
        tick = max(wish, ticks[-1] + MIN_DELAY, floor(middles[kept]) + 1)
        if tick <= middles[i]:
            ticks.append(tick)
            kept = i
    if len(ticks) > 1 and ticks[-1] > end - MIN_DELAY:
        earlier, last = end - MIN_DELAY, ticks.pop()
        others = [middle for middle in middles if middle < last]
        if earlier == last - 1 >= ticks[-1] + MIN_DELAY and others[-1] < earlier:
            ticks.append(earlier)
    return [*ticks, end]
