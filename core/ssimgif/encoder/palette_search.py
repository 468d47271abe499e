"""Choose each scene's palette: every candidate is coded on sample frames, the cheapest that
meets the target wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import cycle, islice, pairwise, product

import numpy as np

from ssimgif.encoder.candidates import (
    HEADROOM,
    RUNNER_UP,
    TIE,
    Candidate,
    best_of_each_size,
    by_bytes,
    plan_of,
    runner_up,
)
from ssimgif.encoder.estimates import Estimator, cut_short
from ssimgif.encoder.job import EncodeJob
from ssimgif.encoder.preprocess import in_nearest_colors
from ssimgif.gif import with_transparent
from ssimgif.host import Guess, ahead, spare, together
from ssimgif.image import Canvas, luma, white
from ssimgif.lookahead import Samples, reduced
from ssimgif.metrics import FrameReference, Missed
from ssimgif.model import U8, Palette
from ssimgif.ratecontrol import (
    QUICK_CHROMA_GAIN,
    PalettePlan,
    RateControlState,
    Reservoir,
    reach_factor,
)
from ssimgif.speed import SpeedSettings
from ssimgif.target import Target

# How far they must exceed it for one palette to be surely better than one a frame.
SCARCE = 0.15
# Pixels of pictures whose candidates are coded at any effort.
SMALL = 1 << 14
# Lambdas that a sample gets, and their tolerance: estimates need not be nearer than that.
ESTIMATE_TRIALS = 2
ESTIMATE_TOLERANCE = 0.15
# Filtering must save this share of the estimated bytes.
WORTH_FILTERING = 0.99

Strategies = Callable[..., dict[str, Palette]]


class PaletteSearch:
    """Judges palettes on sample frames.

    Parameters
    ----------
    target : Target
    speed : SpeedSettings
    colors : int
        Most entries a palette may have, the transparent one included.
    transparent : bool
        Whether palettes need a transparent entry.
    strategies : callable
        Proposes palettes for (frames, weights, size).
    """

    def __init__(
        self,
        target: Target,
        speed: SpeedSettings,
        colors: int,
        transparent: bool,
        strategies: Strategies,
    ) -> None:
        self.target = target
        self.speed = speed
        estimate = replace(
            speed,
            trials=min(speed.trials, ESTIMATE_TRIALS),
            tolerance=max(speed.tolerance, ESTIMATE_TOLERANCE),
        )
        self._estimator = Estimator(target, estimate, colors, self._palette)
        self.transparent = transparent
        self.strategies = strategies
        self.most = colors - 1 if transparent else colors
        self.sizes = sorted({min(size, self.most) for size in (*speed.colors, self.most)})
        tried = {"none": (), "largest": (self.most,), "all": self.sizes}
        self.local_sizes = tried[speed.local_tables]
        self.requirement = Reservoir(target, 1).requirement()
        self.reached = replace(
            self.requirement, local=self.requirement.local / reach_factor(target)
        )

    def plan(
        self, samples: Samples, small: Samples, judged: Sequence[Candidate] = ()
    ) -> PalettePlan:
        """Return the best plan for a scene's samples.

        Large frames are judged at a reduced size; what wins there must hold at full size.

        Parameters
        ----------
        samples : Samples
        small : Samples
            The same, reduced.
        judged : sequence of Candidate
            Candidates that need not be proposed and scored any more.
        """
        candidates = self._judged(small, judged)
        finalists = best_of_each_size(c for c in candidates if c.margin > HEADROOM)
        if not finalists and self.target.local:
            # No palette shows the worst places well enough, so they are no reason to choose one.
            means = [one.without_places() for one in candidates]
            return self._by_means().plan(samples, small, means)
        finalists = self._showing_changes(finalists, small)
        if not self._estimates(small):
            finalists = self._by_margin(finalists, small)
        self._measure(finalists, samples, small)
        finalists = by_bytes([one for one in finalists if one.bytes is not None])
        if finalists and self.speed.temporal_filter and samples.count > 1:
            finalists = self._filtered(finalists[0], small) + finalists
        if small is not samples:
            finalists = [one for one in finalists if self._holds(one, samples)]
        best = finalists[0] if finalists else max(candidates, key=lambda one: one.margin)
        tried = [*candidates, *(one for one in finalists if one not in candidates)]
        plan, other = plan_of(best, tried), runner_up(finalists)
        if other is None:
            return plan
        return replace(plan, runner_up=plan_of(other, tried, beaten=best))

    def _measure(self, finalists: Sequence[Candidate], samples: Samples, small: Samples) -> None:
        """Estimate what a scene takes by each candidate that may be the best.

        Those of a palette a frame have tables that are often larger than all that others take; then
        it is no use to code them, and only idle threads do, until that is known.
        """
        shared = [one for one in finalists if not one.per_frame]
        own = [one for one in finalists if one.per_frame]
        trying = Guess(partial(self._estimator.measure, own, small)) if own and spare() else None
        self._estimator.measure_upwards(shared, small)
        if not own:
            return
        coded = [one for one in shared if one.bytes is not None]
        safe = [one for one in coded if small is samples or self._holds(one, samples)]
        most = RUNNER_UP * TIE * min((one.bytes or 0.0 for one in safe), default=np.inf)
        if trying:
            trying.result()
            cut_short(own, small, most)
        else:
            self._estimator.measure(own, small, most)

    def _by_means(self) -> PaletteSearch:
        """Return a search that does without the worst places."""
        colors = self.most + self.transparent
        means = replace(self.target, local=0.0)
        given = (colors, self.transparent, self.strategies)
        return PaletteSearch(means, self.speed, *given)

    def _showing_changes(self, finalists: list[Candidate], samples: Samples) -> list[Candidate]:
        """Return those in whose nearest colours changes arrive; all, where that is none of them."""
        if not self.target.local or len(finalists) < 2:
            return finalists
        means = replace(self.target, looks=0.0, local=0.0)
        references = [
            FrameReference(after, means, before=luma(white(before)))
            for run in samples.runs
            for before, after in pairwise(map(Canvas.of, run.pictures))
        ]

        def changes(pair: tuple[Candidate, FrameReference]) -> Missed:
            candidate, reference = pair
            picture = in_nearest_colors(reference, self._palette(candidate, reference))
            return reference.missed(luma(picture))

        found = iter(together(changes, [*product(finalists, references)]))

        def arrive(those: Iterable[Missed]) -> bool:
            missed = missable = 0.0
            for one in those:
                missed, missable = missed + one.missed, missable + one.missable
            return missed <= missable

        count = len(references)
        return [one for one in finalists if arrive(islice(found, count))] or finalists

    def _estimates(self, samples: Samples) -> bool:
        """Tell whether candidates are coded: that of small pictures takes no time to speak of.

        There a table is a large part of the bytes, which a margin does not show.
        """
        height, width = samples.spread[0].shape[:2]
        return self.speed.estimates or height * width <= SMALL

    def _by_margin(self, finalists: Sequence[Candidate], samples: Samples) -> list[Candidate]:
        """Return the finalist that is likely to take the fewest bytes, without coding any.

        Where the nearest colours are far better than asked, the smallest palette that leaves them
        so is best, since fewer colours take fewer bits; else the largest.
        """
        ample = [one for one in finalists if one.ample]
        best = ample[-1:] or list(finalists[:1])
        enough = bool(best) and best[0].margin >= SCARCE
        if enough or not self.local_sizes or samples.count == 1:
            return best
        references = self._references(samples.spread)
        others = self._propose_local(references, self.most)
        together(lambda one: self._judge(one, references), others)
        for one in (*best, *others):
            one.rate(self.requirement)
        return sorted([*best, *others], key=lambda one: one.margin)[-1:]

    def _filtered(self, best: Candidate, samples: Samples) -> list[Candidate]:
        """Return the best candidate with noise weakened before coding, if that is smaller."""
        start = RateControlState(gain=QUICK_CHROMA_GAIN)
        other = replace(best, filtered=True, start=start, sizes=[], contours=[])
        self._estimator.measure([other], samples)
        assert best.bytes is not None and other.bytes is not None
        return [other] if other.bytes < WORTH_FILTERING * best.bytes else []

    def fits(self, palette: Palette, samples: Samples, threshold: float | None) -> bool:
        """Return whether a palette does for samples: at an SSIM, or at the target without one."""
        small = reduced(samples)
        for reference in self._references(small.spread):
            score = reference.score(in_nearest_colors(reference, palette))
            if (self.requirement.margins(score) <= HEADROOM).any():
                return False
            if threshold is not None and score.ssim < threshold:
                return False
        return True

    def cost(self, palette: Palette, samples: Samples) -> float:
        """Return the estimated bytes of a scene with a given palette, its table left out."""
        small = replace(reduced(samples), tables=0)
        candidate = Candidate("given", len(palette.colors), [palette], False)
        self._estimator.measure([candidate], small)
        return candidate.bytes or 0.0

    def own_palette(
        self, reference: FrameReference, strategy: str, size: int | None = None
    ) -> Palette:
        """Return a palette for one frame alone: of a size, or the smallest that leaves room."""
        sizes = [size] if size else [*reversed(self.sizes)]
        making = ahead([partial(self._own, reference, strategy, one) for one in sizes])
        with closing(making) as palettes:
            best = next(palettes)
            for smaller in palettes:
                score = reference.score(in_nearest_colors(reference, smaller))
                if (self.reached.margins(score) < SCARCE).any():
                    break
                best = smaller
        return best

    def _own(self, reference: FrameReference, strategy: str, size: int) -> Palette:
        found = self._strategies([reference], size, frozenset({strategy}))
        return found.get(strategy) or next(iter(found.values()))

    def _judged(self, samples: Samples, known: Sequence[Candidate]) -> list[Candidate]:
        """Propose and score candidates, from the largest palettes down to those that fail.

        The limit of the worst places must be within reach of a palette, unless it is for none.
        """
        references = self._references(samples.spread)
        sources = [*references, *self._references(samples.others)]
        candidates: list[Candidate] = []
        requirement = self.reached

        def judge(size: int) -> list[Candidate]:
            found = [one for one in known if one.size == size]
            if not found:
                found = self._propose(samples, sources, size)
                together(lambda one: self._judge(one, references), found)
            return found

        with closing(ahead([partial(judge, size) for size in reversed(self.sizes)])) as judged:
            for found in judged:
                for one in found:
                    one.rate(requirement)
                if not candidates and all(one.margin <= HEADROOM for one in found):
                    requirement = self.requirement
                    for one in found:
                        one.rate(requirement)
                candidates += found
                if not self._is_enough(found, samples):
                    break
        return candidates

    def _is_enough(self, found: Sequence[Candidate], samples: Samples) -> bool:
        """Tell whether palettes of a size do so well that smaller ones may do."""
        if self._estimates(samples):
            return any(one.margin > HEADROOM for one in found)
        return any(one.ample for one in found)

    def _holds(self, candidate: Candidate, samples: Samples) -> bool:
        """Return whether a candidate does at full size, and note it."""
        if candidate.holds is None:
            each = zip(samples.spread, cycle(candidate.palettes), strict=False)
            candidate.holds = all(self._does(palette, pixels) for pixels, palette in each)
        return candidate.holds

    def _does(self, palette: Palette, pixels: U8) -> bool:
        """Return whether a palette does for a frame at full size."""
        reference = FrameReference(Canvas.of(pixels), self.target)
        score = reference.score(in_nearest_colors(reference, palette))
        return bool((self.requirement.margins(score) > HEADROOM).all())

    def _references(self, frames: Sequence[U8]) -> list[FrameReference]:
        step = self.speed.color_step
        return [FrameReference(Canvas.of(pixels), self.target, step) for pixels in frames]

    def _propose(
        self, samples: Samples, references: Sequence[FrameReference], size: int
    ) -> list[Candidate]:
        shared = self._strategies(references, size)
        found = [Candidate(name, size, [palette], False) for name, palette in shared.items()]
        alone = samples.count == 1 or "exact" in shared or not self._estimates(samples)
        if alone or size not in self.local_sizes:
            return found
        return found + self._propose_local(references[: len(samples.spread)], size)

    def _propose_local(self, references: Sequence[FrameReference], size: int) -> list[Candidate]:
        own = together(lambda reference: self._strategies([reference], size), references)
        return [
            Candidate(name, size, [palettes[name] for palettes in own], True)
            for name in own[0]
            if all(name in palettes for palettes in own)
        ]

    def _strategies(
        self,
        references: Sequence[FrameReference],
        size: int,
        names: frozenset[str] | None = None,
    ) -> dict[str, Palette]:
        """Propose palettes by the strategies of these names, by all that compete without names."""
        pictures = [reference.rgb for reference in references]
        weights = [reference.prices.luma * reference.opaque for reference in references]
        more = {} if names is None else {"names": names}
        found = self.strategies(pictures, weights, size, **more)
        if not self.transparent:
            return found
        return {name: with_transparent(palette) for name, palette in found.items()}

    def _judge(self, candidate: Candidate, references: Sequence[FrameReference]) -> None:
        """Score the samples in their nearest colours: the best that the palette can do."""
        candidate.scores = [
            reference.score(in_nearest_colors(reference, palette))
            for reference, palette in zip(references, cycle(candidate.palettes), strict=False)
        ]

    def _palette(self, candidate: Candidate, reference: FrameReference) -> Palette:
        if candidate.per_frame:
            return self.own_palette(reference, candidate.strategy, candidate.size)
        return candidate.palettes[0]


def palette_search(job: EncodeJob) -> PaletteSearch:
    """Return a search for the palettes of a job."""
    return PaletteSearch(
        job.target,
        job.speed,
        job.settings.colors,
        job.transparent,
        job.equipment.tools.palettes,
    )
