"""Strong changes of the source that what is shown misses: what arrives late or never.

A change is strong where the source's luma moves by more than 24 levels from a frame to the next.
It is missed where what is shown in the later frame differs from it by more than half of the step:
that is nearer to the frame before, or as far beyond.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ssimgif.kernels import missed
from ssimgif.model import U8

WEAK_STEP = 24


class MissedReference:
    """One source frame and the one before it, whose changes are looked for.

    Holds 2 bytes for each pixel; nothing where no change is strong.

    Parameters
    ----------
    previous, luma : u8[h, w]
        BT.601 luma of the two frames.

    Attributes
    ----------
    strong : int
        Pixels that change strongly.
    """

    def __init__(self, previous: U8, luma: U8) -> None:
        if luma.ndim != 2 or luma.dtype != np.uint8:
            raise ValueError(f"luma must be u8[h, w], not {luma.dtype}{luma.shape}")
        self._shape = luma.shape
        bounds = np.empty((2, luma.size), np.uint8)
        planes = self._flat(previous), self._flat(luma)
        self.strong = int(missed.strong_changes(*planes, WEAK_STEP, *bounds))
        self._bounds = bounds if self.strong else None

    def count(self, shown: U8) -> tuple[int, int]:
        """Return how many strong changes the luma u8[h, w] on screen misses, and of how many."""
        plane = self._flat(shown)
        if self._bounds is None:
            return 0, 0
        return int(missed.count_outside(plane, *self._bounds)), self.strong

    def _flat(self, luma: U8) -> U8:
        if luma.shape != self._shape or luma.dtype != np.uint8:
            raise ValueError(f"luma must be u8{self._shape}, not {luma.dtype}{luma.shape}")
        return np.ascontiguousarray(luma).ravel()


def missed_share(counts: Iterable[tuple[int, int]]) -> float:
    """Return the share 0..1 of strong changes that are missed, 0 where there are none.

    ``counts`` are what `MissedReference.count` gives for a clip's frames.
    """
    gone, strong = np.array([(0, 0), *counts], np.int64).sum(axis=0)
    return float(gone / strong) if strong else 0.0
