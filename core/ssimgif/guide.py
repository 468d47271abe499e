"""Where the searches of a clip's frames ended, so that they can begin there the next time."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hint:
    """Where one search ended.

    Attributes
    ----------
    x : float
        Natural logarithm of lambda.
    margin : float
        The least margin there; negative where the target was out of reach.
    """

    x: float
    margin: float


@dataclass(slots=True)
class Guide:
    """Hints of earlier searches, and notes of those that are made now.

    A frame may be searched several times, with other palettes; its hints are given in that order.

    Attributes
    ----------
    hints, notes : dict of int to list of Hint
        By source frame.
    """

    hints: dict[int, list[Hint]] = field(default_factory=dict)
    notes: dict[int, list[Hint]] = field(default_factory=dict)

    def next(self, frame: int) -> Hint | None:
        """Return the hint for the search of a frame that is about to begin."""
        known = self.hints.get(frame, [])
        place = len(self.notes.get(frame, []))
        return known[place] if place < len(known) else None

    def note(self, frame: int, x: float, margin: float) -> None:
        """Remember where a search ended."""
        self.notes.setdefault(frame, []).append(Hint(x, margin))
