"""Where a coded frame has faults, errors weigh more: in its next trial, and in frames that follow.

A fault in few places is mended there. A greater lambda would mend it everywhere, for many times the
bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssimgif.kernels.mean_around import mean_around
from ssimgif.model import F32, I64, U8, Bool

# The share of a frame's pixels on false contours from which on they count.
BANDED = 0.002
# Pixels to each side of one among which false contours are counted.
RADIUS = 12
# The share of them that gives all of the weight, which a smooth area then has in addition.
FULL_SHARE = 0.02
MOST_WEIGHT = 5.0
# What is left of it from frame to frame.
DECAY = 0.7
# Less than this is forgotten.
LEAST_WEIGHT = 0.05
# Pixels to each side of one whose errors make a place.
PLACE_RADIUS = 6
# By how much one trial and all together may raise the weight of a place, and of a missed change.
MOST_RAISE = 4.0
MOST_PLACE = 8.0
MISSED_RAISE = 4.0
MOST_MISSED_RAISE = 16.0
# The power of it that is left from frame to frame; what is less than this is forgotten.
PLACE_DECAY = 0.5
LEAST_RAISE = 1.1


@dataclass(slots=True)
class ContourGuard:
    """Remembers where the last frames showed false contours.

    Attributes
    ----------
    weight : f32[h, w] or None
        What to add to 1, the weight of an error in a smooth area; None where there is nothing to
        add. It is not changed, but replaced.
    """

    weight: F32 | None = None

    def note(self, contours: Bool) -> float:
        """Take the false contours bool[h, w] of a coded frame into account; return their share."""
        share = np.count_nonzero(contours) / contours.size
        left = None if self.weight is None else np.float32(DECAY) * self.weight
        if left is not None and left.max() < LEAST_WEIGHT:
            left = None
        if share > BANDED:
            new = np.minimum(
                _mean_around(contours.view(np.uint8), RADIUS) / FULL_SHARE, 1.0
            ) * np.float32(MOST_WEIGHT)
            left = new if left is None else np.maximum(new, left)
        self.weight = left
        return share


@dataclass(slots=True)
class PlaceGuard:
    """Remembers which places were worse than they may be, and which changes of a frame were missed.

    Attributes
    ----------
    worst : f32[h, w] or None
        By how much errors weigh more where places were bad, in this frame and the last ones; None
        where nowhere. It is not changed, but replaced, and so is ``missed``.
    missed : f32[h, w] or None
        The same where changes of this frame were missed.
    """

    worst: F32 | None = None
    missed: F32 | None = None

    @property
    def weight(self) -> F32 | None:
        """By how much errors weigh more, f32[h, w]; None where nowhere."""
        if self.worst is None or self.missed is None:
            return self.missed if self.worst is None else self.worst
        return self.worst * self.missed

    def fade(self) -> None:
        """Forget what the next frame is no longer concerned with."""
        self.missed = None
        if self.worst is not None:
            left = self.worst ** np.float32(PLACE_DECAY)
            self.worst = left if left.max() > LEAST_RAISE else None

    def note_worst(self, errors: F32, limit: float) -> None:
        """Take errors f32[h, w] of places into account that are greater than the limit."""
        around = _mean_around(np.square(errors), PLACE_RADIUS)
        raised = np.clip(around / np.float32(limit**2), 1, MOST_RAISE)
        known = raised if self.worst is None else self.worst * raised
        self.worst = np.minimum(known, MOST_PLACE)

    def note_missed(self, places: I64, shape: tuple[int, int]) -> None:
        """Take into account which changes were missed, i64[n] into a flat picture."""
        raised = np.ones(shape, np.float32) if self.missed is None else self.missed.copy()
        flat = raised.ravel()
        flat[places] = np.minimum(flat[places] * MISSED_RAISE, MOST_MISSED_RAISE)
        self.missed = raised


def _mean_around(plane: U8 | F32, radius: int) -> F32:
    """Return the mean in the square around each pixel of [h, w], zeros beyond the borders."""
    out = np.empty(plane.shape, np.float32)
    mean_around(plane, radius, out)
    return out
