"""Where false contours show, errors in smooth areas weigh more in the frames that follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssimgif.model import F32, Bool

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
            new = np.minimum(_density(contours) / FULL_SHARE, 1.0) * np.float32(MOST_WEIGHT)
            left = new if left is None else np.maximum(new, left)
        self.weight = left
        return share


def _density(marks: Bool) -> F32:
    """Return the share of pixels in the square around each that are marked, f32[h, w]."""
    side = 2 * RADIUS + 1
    sums = np.pad(marks, (RADIUS + 1, RADIUS)).astype(np.int32).cumsum(0).cumsum(1)
    counts = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(counts / side**2, np.float32)
