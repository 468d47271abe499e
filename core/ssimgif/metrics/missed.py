"""Changes of the source that don't arrive: a typed letter, a menu that is gone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssimgif.model import F32, I64, U8, Bool

# Levels of luma from one frame to the next above which a change is strong.
STRONG = 24
# Levels above which a pixel counts as moving.
MOVING = 3
# The share of strong changes that may be missed, in a picture that stands still and in one of
# which at least so much moves.
MISSABLE = 0.01
MISSABLE_IN_MOTION = 0.05
ALL_IN_MOTION = 0.5


@dataclass(frozen=True, slots=True)
class Missed:
    """Strong changes of luma from the frame before.

    Attributes
    ----------
    changes : int
        Pixels that change strongly in the source.
    missed : int
        Those of them at which what is shown is off by more than half of the step.
    missable : float
        How many of them may be missed.
    """

    changes: int = 0
    missed: int = 0
    missable: float = 0.0


class MissedReference:
    """A source frame and the one before, with which what is shown is compared.

    Parameters
    ----------
    before, luma : u8[h, w]
        Luma of the frame before and of the frame.
    """

    def __init__(self, before: U8, luma: U8) -> None:
        step = np.abs(luma.astype(np.int16) - before)
        self.places = np.flatnonzero(step > STRONG)
        self.steps = step.ravel()[self.places]
        self._wanted = luma.ravel()[self.places].astype(np.int16)
        moving = float(np.mean(step > MOVING)) if self.places.size else 0.0
        share = min(moving / ALL_IN_MOTION, 1.0)
        self._share = MISSABLE + (MISSABLE_IN_MOTION - MISSABLE) * share

    def score(self, luma: U8) -> Missed:
        """Return how many of the changes are missed by what is shown, u8[h, w]."""
        if not self.places.size:
            return Missed()
        missed = int(np.count_nonzero(self._gone(self._errors(luma))))
        return Missed(self.places.size, missed, self._share * self.places.size)

    def missed_by(self, luma: U8) -> I64:
        """Return which of the changes are missed by what is shown, i64[n] into the flat picture."""
        missed: I64 = self.places[self._gone(self._errors(luma))]
        return missed

    def map(self, luma: U8) -> F32:
        """Return by how many levels what is shown is off where a change is missed, f32[h, w].

        It is 0 elsewhere.
        """
        out = np.zeros(luma.size, np.float32)
        errors = self._errors(luma)
        out[self.places] = np.where(self._gone(errors), errors, 0)
        return out.reshape(luma.shape)

    def _errors(self, luma: U8) -> NDArray[np.int16]:
        errors: NDArray[np.int16] = np.abs(luma.ravel()[self.places] - self._wanted)
        return errors

    def _gone(self, errors: NDArray[np.int16]) -> Bool:
        gone: Bool = 2 * errors > self.steps
        return gone
