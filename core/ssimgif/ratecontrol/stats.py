"""What coding a clip's frames came to, so that it can begin there the next time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from ssimgif.image import Area
from ssimgif.metrics import FrameReference
from ssimgif.model import Palette


@dataclass(frozen=True, slots=True)
class Hint:
    """Where one search ended.

    Attributes
    ----------
    x : float
        Natural logarithm of lambda.
    margin : float
        The least margin there; negative where the target was out of reach.
    area : Area
        The block's rectangle.
    """

    x: float
    margin: float
    area: Area


@dataclass(slots=True)
class PassStats:
    """Hints of earlier searches, and notes of those that are made now.

    A frame may be searched several times, with other palettes; its hints are given in that order.

    Attributes
    ----------
    hints, notes : dict of int to list of Hint
        By source frame.
    palettes, made : dict of (int, int or None) to Palette
        Palettes of single frames, by source frame and greatest size: those known before, and those
        that are used now.
    """

    hints: dict[int, list[Hint]] = field(default_factory=dict)
    notes: dict[int, list[Hint]] = field(default_factory=dict)
    palettes: dict[tuple[int, int | None], Palette] = field(default_factory=dict)
    made: dict[tuple[int, int | None], Palette] = field(default_factory=dict)

    def next(self, frame: int) -> Hint | None:
        """Return the hint for the search of a frame that is about to begin."""
        known = self.hints.get(frame, [])
        place = len(self.notes.get(frame, []))
        return known[place] if place < len(known) else None

    def own_palette(self, make: Callable[..., Palette], frame: int) -> Callable[..., Palette]:
        """Return a maker of a frame's own palette that need not make one that is known."""
        return partial(self._own_palette, make, frame)

    def _own_palette(
        self,
        make: Callable[..., Palette],
        frame: int,
        reference: FrameReference,
        strategy: str,
        size: int | None = None,
    ) -> Palette:
        known = self.palettes.get((frame, size))
        palette = make(reference, strategy, size) if known is None else known
        self.made[frame, size] = palette
        return palette

    def note(self, frame: int, hint: Hint) -> None:
        """Remember where a search ended."""
        self.notes.setdefault(frame, []).append(hint)
