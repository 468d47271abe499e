"""Palettes that compete for a scene, and how they are ranked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace

import numpy as np

from ssimgif.metrics import LOCAL, FrameScore, Requirement
from ssimgif.model import Palette, PaletteCandidate
from ssimgif.palette import EXACT
from ssimgif.ratecontrol import BANDED, QUICK_CHROMA_GAIN, PalettePlan, RateControlState

# How far the nearest colours must exceed the target, so that the encoder has something to spend.
HEADROOM = 0.02
# Estimates that are so near one another are taken for equal.
TIE = 1.02
# How much larger the estimate may be of what may turn out smaller.
RUNNER_UP = 1.15
# How far the nearest colours must exceed the target in SSIM, looks and colour for fewer of them to
# be surely better.
PLENTY = np.array([2.4, 0.5, 0.5, 0.5, 0.0, 0.0])


@dataclass(slots=True, eq=False)
class Candidate:
    """A strategy at a size: one palette, or one for each spread frame and for any other.

    ``scores`` are of the spread frames in their nearest colours, ``sizes`` and ``contours`` of the
    runs' frames as they were coded; ``holds`` tells whether it does at full size, where that is
    known.
    """

    strategy: str
    size: int
    palettes: list[Palette]
    per_frame: bool
    scores: list[FrameScore] = field(default_factory=list)
    margin: float = 0.0
    ample: bool = False
    bytes: float | None = None
    start: RateControlState = field(
        default_factory=lambda: RateControlState(gain=QUICK_CHROMA_GAIN)
    )
    filtered: bool = False
    holds: bool | None = None
    sizes: list[list[int]] = field(default_factory=list)
    contours: list[float] = field(default_factory=list)

    def rate(self, requirement: Requirement) -> None:
        """Work out by how much the samples in their nearest colours exceed what is required."""
        margins = np.min([requirement.margins(score) for score in self.scores], axis=0)
        # One bad frame may be made up for by others.
        worst = [score.local for score in self.scores if score.local is not None]
        margins[LOCAL] = requirement.local_margin(float(np.mean(worst)) if worst else None)
        self.margin = float(margins.min())
        self.ample = bool((margins >= PLENTY).all())

    def without_places(self) -> Candidate:
        """Return the same candidate for a target that asks nothing of the worst places."""
        scores = [replace(score, local=None) for score in self.scores]
        return Candidate(self.strategy, self.size, self.palettes, self.per_frame, scores)

    def twin(self) -> Candidate:
        """Return the same candidate, which is coded for trial by itself."""
        start, sizes, contours = deepcopy((self.start, self.sizes, self.contours))
        return replace(self, start=start, sizes=sizes, contours=contours)

    def take(self, twin: Candidate) -> None:
        """Take over what a twin's trials have shown."""
        self.start, self.sizes, self.contours = twin.start, twin.sizes, twin.contours

    @property
    def score(self) -> float:
        """Least SSIM of the samples in their nearest colours."""
        return min((score.ssim for score in self.scores), default=0.0)

    @property
    def entries(self) -> int:
        return max(len(palette.colors) for palette in self.palettes)

    @property
    def colors(self) -> int:
        """Colours at most; the transparent entry is none."""
        if self.per_frame:
            return self.size
        return self.entries - (self.palettes[0].transparent is not None)


def best_of_each_size(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return, of each number of colours and each kind, the one that comes nearest to the source."""
    best: dict[tuple[int, bool], Candidate] = {}
    for candidate in candidates:
        kind = (candidate.entries, candidate.per_frame)
        if kind not in best or candidate.margin > best[kind].margin:
            best[kind] = candidate
    return list(best.values())


def by_bytes(candidates: list[Candidate]) -> list[Candidate]:
    """Return them from the smallest to the largest, of equal ones the one of the fewest colours."""
    least = TIE * min((one.bytes or 0.0 for one in candidates), default=0.0)

    def rank(one: Candidate) -> tuple[float, bool, int]:
        size = one.bytes or 0.0
        return (0.0 if size <= least else size, one.per_frame, one.entries)

    return sorted(candidates, key=rank)


def runner_up(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the second of candidates by bytes, if it may well turn out smaller than the first."""
    if len(candidates) < 2:
        return None
    best, other = candidates[:2]
    return other if (other.bytes or 0.0) <= RUNNER_UP * (best.bytes or 0.0) else None


def plan_of(
    best: Candidate, candidates: Sequence[Candidate], beaten: Candidate | None = None
) -> PalettePlan:
    """Return the plan of the best candidate, which tells of all.

    Parameters
    ----------
    best : Candidate
    candidates : sequence of Candidate
    beaten : Candidate, optional
        What was estimated to be smaller, and is not if this plan is followed.
    """
    coded = {one.entries for one in candidates if one.bytes is not None}

    def verdict(one: Candidate) -> str:
        if one is best:
            return "chosen"
        if one is beaten:
            return "came out larger"
        if one.margin <= HEADROOM:
            return "below the target"
        if one.bytes is not None:
            return "larger" if one.bytes > (best.bytes or 0.0) else "more colours than needed"
        if one.entries in coded:
            return "less like the source"
        return "more colours than needed" if one.entries > best.entries else "little to spare"

    def name(one: Candidate) -> str:
        parts = [one.strategy]
        parts += ["a palette a frame"] * one.per_frame + ["filtered"] * one.filtered
        return ", ".join(parts)

    return PalettePlan(
        palette=None if best.per_frame else best.palettes[0],
        size=best.colors,
        strategy=best.strategy,
        start=best.start,
        score=best.score,
        bytes=np.inf if best.bytes is None else best.bytes,
        filtered=best.filtered,
        banded=not best.contours or float(np.mean(best.contours)) > BANDED,
        exact=next((one.palettes[0] for one in candidates if one.strategy == EXACT), None),
        candidates=tuple(
            PaletteCandidate(
                name(one),
                one.colors,
                one.score,
                None if one.bytes is None else round(one.bytes),
                verdict(one),
            )
            for one in candidates
        ),
    )
