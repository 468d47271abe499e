"""Walk through a clip as the GIF will play it, with a look at the frames to come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ssimgif.gif import Slot, timing
from ssimgif.image import Canvas, luma, rgb_of, white
from ssimgif.lookahead.rest import resting
from ssimgif.model import U8, Bool, Clip

# Slots that are looked ahead for pixels that stay as they are.
AHEAD = 10


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One slot and what belongs to it.

    Attributes
    ----------
    slot : Slot
    judged : dict of int to u8[h, w, 4]
        The source frames whose middle the slot is on screen at, and its own.
    canvas : Canvas
        The frame to draw.
    following : Canvas or None
        The frame drawn after it.
    rest : u8[h, w]
        For how many of the coming slots, up to `AHEAD`, each pixel stays as it is.
    lasting : float
        0..1: the share of pixels that differ from the slot before, each counted by how much of
        `AHEAD` it stays.
    moved : bool[h, w] or None
        Which pixels do not stay as they were in the slot before; None where that is not known.
    before : u8[h, w] or None
        Luma of the slot before, on white.
    staying : float
        0..1: how much of `AHEAD` a pixel that differs from the slot before stays, on the average.
    """

    slot: Slot
    judged: dict[int, U8]
    canvas: Canvas
    following: Canvas | None
    rest: U8
    lasting: float
    moved: Bool | None = None
    before: U8 | None = None
    staying: float = 0.0


def playback(
    clip: Clip, slots: Sequence[Slot], durations: Sequence[Fraction], borders: frozenset[int]
) -> Iterator[Shown]:
    """Yield the slots in order; no more than a few frames are kept at a time.

    Parameters
    ----------
    slots : sequence of Slot
        As from `timing.plan`.
    durations : sequence of Fraction
        Of the source frames, seconds.
    borders : frozenset of int
        Source frames at which a scene starts: nothing rests across them.
    """
    judged = [{slot.source} for slot in slots]
    for source, number in enumerate(timing.shown_at_middle(slots, durations)):
        judged[number].add(source)
    frames = enumerate(clip.frames())
    known: dict[int, U8] = {}
    rests: deque[Bool] = deque()
    lumas: deque[U8] = deque()
    stayed: Bool | None = None
    following: Canvas | None = None
    before: U8 | None = None
    read = 0
    for number, slot in enumerate(slots):
        while read < min(number + AHEAD + 1, len(slots)):
            while max(judged[read]) not in known:
                index, frame = next(frames)
                known[index] = frame.pixels
            source = slots[read].source
            light = luma(rgb_of(known[source]))
            if lumas:
                stays = resting(lumas[-1], light) & _same_opacity(known, slots, read)
                rests.append(np.zeros_like(stays) if source in borders else stays)
            lumas.append(light)
            read += 1
        canvas = following or Canvas.of(known[slot.source])
        upcoming = known[slots[number + 1].source] if number + 1 < len(slots) else None
        following = None if upcoming is None else Canvas.of(upcoming)
        rest = _count(rests, lumas[0].shape)
        moved = None if stayed is None else ~stayed
        new = rest if moved is None else rest[moved]
        yield Shown(
            slot,
            {source: known[source] for source in sorted(judged[number])},
            canvas,
            following,
            rest,
            float(new.sum()) / (AHEAD * rest.size),
            moved,
            before,
            float(new.sum()) / (AHEAD * max(new.size, 1)),
        )
        light = lumas.popleft()
        before = light if canvas.opaque.all() else luma(white(canvas))
        if rests:
            stayed = rests.popleft()
        first_needed = min(judged[number + 1]) if number + 1 < len(slots) else len(durations)
        for index in [i for i in known if i < first_needed]:
            del known[index]


def _same_opacity(known: dict[int, U8], slots: Sequence[Slot], number: int) -> Bool:
    here, before = known[slots[number].source], known[slots[number - 1].source]
    return np.equal(here[..., 3], before[..., 3])


def _count(rests: Sequence[Bool] | deque[Bool], shape: tuple[int, ...]) -> U8:
    counts = np.zeros(shape, np.uint8)
    still = np.ones(shape, np.bool_)
    for stays in rests:
        still &= stays
        counts += still
    return counts
