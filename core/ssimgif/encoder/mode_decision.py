"""Decide how a frame is coded: by rate and distortion at the least lambda that does, or exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from ssimgif.encoder.frame import FAR_LARGER, Coding, FrameCoder, Plain
from ssimgif.encoder.preprocess import Prepared
from ssimgif.encoder.rd_lzw import Search
from ssimgif.host import spare, start, together
from ssimgif.image import Area, Canvas, luma, white
from ssimgif.kernels.phrase_search import LUMA
from ssimgif.lookahead import resting
from ssimgif.metrics import LOCAL, MEANS, FrameScore, LateScore, Requirement
from ssimgif.model import F32, F64, Bool, Palette
from ssimgif.ratecontrol import (
    MOST_MISSED,
    Hint,
    PassStats,
    RateControlState,
    Reservoir,
    Trial,
    least_valid,
    search,
)
from ssimgif.speed import SpeedSettings

# A frame that is this much larger is coded exactly: what it leaves costs bytes in the next.
HARDLY_LARGER = 1.02
# How often a lambda is tried again with more weight on what was worst.
REPAIRS = 2
# From which share of the coming frames on what is new is taken to stay.
STAYING = 0.25
# The share of a frame's changes that may be missed where that does not help.
EXCUSED = 0.05
LAMBDA_RANGE = (-6.0, 14.0)
# How far log lambda may rise from one frame to the next where a frame is out of reach.
HIGHEST_CLIMB = 1.0
# Levels of a channel, and of luma on the average around a pixel, from which on what is on screen is
# left from something that has moved; the share of the frame below which a rectangle is small.
FAR = 64
LEFT = 6.0
SMALL = 0.8
# Margin of looks from which on those of the next frame are taken to do.
PLENTIFUL_LOOKS = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A coding and what it scores."""

    coding: Coding
    score: FrameScore | LateScore


class Exact:
    """The lossless coding of a frame's nearest colours.

    Parameters
    ----------
    coder : FrameCoder
    frame : Prepared
    surely : bool
        Whether it is sure to be asked for, so that other threads may begin.
    """

    def __init__(self, coder: FrameCoder, frame: Prepared, surely: bool) -> None:
        def plain() -> Plain:
            return coder.plain(frame.indices)

        self._coder = coder
        self._plain: Callable[[], Plain] = plain
        self._finished: Callable[[], Coding | None] | None = None
        if surely:
            self._plain = begun = start(plain)
            if spare():
                self._finished = start(lambda: coder.finished(begun()))

    def within(self, limit: int | None) -> Coding | None:
        """Return the coding, or None where it is sure to be far larger than a limit of bytes."""
        plain = self._plain()
        if self._finished is not None and plain.may_become(limit):
            return self._finished()
        return self._coder.finished(plain, limit)


@dataclass(slots=True)
class ModeDecision:
    """Codes one frame in all ways that compete, and keeps the best.

    Attributes
    ----------
    screen : Canvas
        What the frame is drawn upon.
    clear : bool[h, w] or None
        Pixels that its disposal clears.
    requirement : Requirement
    speed : SpeedSettings
    colors : int
        Most entries that a palette may have.
    state : RateControlState
    reservoir : Reservoir
    stats : PassStats or None
    best : Trial or None
        The smallest valid coding so far, else the nearest to valid.
    """

    screen: Canvas
    clear: Bool | None
    requirement: Requirement
    speed: SpeedSettings
    colors: int
    state: RateControlState
    reservoir: Reservoir
    stats: PassStats | None
    best: Trial[Scored] | None = None

    def decide(self, frame: Prepared, local: Callable[[], Palette] | None) -> Scored:
        """Return the best coding of a frame.

        Parameters
        ----------
        frame : Prepared
        local : callable or None
            Makes a palette for this frame alone, for where its palette can't meet the target.
        """
        if self.requirement.local and self._is_full(frame.palette):
            local_limit = self.state.keep_within_reach(
                self.reservoir.target, self.requirement.local, lambda: frame.best.local
            )
            self.requirement = replace(self.requirement, local=local_limit)
        if local is not None and self.state.strained:
            margins = self.requirement.margins(frame.best)
            self.state.strained = self._wants_colours(margins, frame.palette)
            if self.state.strained:
                # No lambda will do.
                frame, local = frame.plain(local()), None
        self.state.places.fade()
        best = self._compete(frame)
        if not best.valid and frame.dithered is not None:
            best = self._compete(frame.plain(frame.palette))
        if local is not None and self._wants_colours(best.margins, frame.palette):
            self.state.strained = True
            best = self._compete(frame.plain(local()))
        return best.payload

    def exact(self, frame: Prepared) -> Scored:
        """Return the lossless coding of a frame's nearest colours."""
        coding = self._coder(frame, frame.layout).exact(frame.indices)
        return self._trial(LAMBDA_RANGE[1], coding, frame).payload

    def _wants_colours(self, margins: F64, palette: Palette) -> bool:
        """Tell whether what is missed may be mended by a palette of the frame's own.

        Worst places and changes alone are not worth a colour table a frame, and the noise that
        comes with it, where the palette has about as many colours as there may be.
        """
        parts = MEANS if self._is_full(palette) else LOCAL + 1
        return bool((margins[:parts] < 0).any())

    def _is_full(self, palette: Palette) -> bool:
        """Tell whether another palette could hardly have more colours."""
        return 2 * len(palette.colors) >= self.colors

    def _compete(self, frame: Prepared) -> Trial[Scored]:
        """Code a frame as it was prepared, and return the best so far."""
        exact = Exact(self._coder(frame, frame.layout), frame, self.state.exact_in == 0)
        found = self._or_exact(self._rate_distortion(frame), frame, exact)
        if self.best is None or found.margins.min() > self.best.margins.min():
            self.best = found
        return self.best

    def _weighing_coder(self, frame: Prepared) -> FrameCoder:
        """Return what codes a frame by what errors weigh now."""
        layout, raised = frame.layout, self.state.places.weight
        area = None if raised is None else Area.around(raised != 1)
        if raised is not None and area is not None:
            layout = layout.copy()
            layout[area.slices][..., LUMA:] *= raised[area.slices][..., np.newaxis]
        return self._coder(frame, layout)

    def _coder(self, frame: Prepared, layout: F32) -> FrameCoder:
        return FrameCoder(
            wanted=frame.wanted,
            opaque=frame.reference.opaque,
            layout=layout,
            palette=frame.palette,
            screen=self.screen,
            clear=self.clear,
            search=Search(self.speed.beam, self.speed.look_ahead, self.speed.first_span),
            crops=self.speed.crops,
            cropped=self.state.cropped,
        )

    def _rate_distortion(self, frame: Prepared) -> Trial[Scored]:
        """Search for the least lambda that meets the requirement."""
        coder = self._weighing_coder(frame)
        source, state = frame.now.slot.source, self.state
        hint = self.stats.next(source) if self.stats else None
        if hint is not None:
            state.experience.x = hint.x
        before = state.experience.x
        likely = hint.area if hint is not None else self._moving(frame)

        def evaluate(x: float) -> Trial[Scored]:
            # The first trial, which begins where the frame before ended.
            nonlocal coder
            known = likely if x == before else None
            trial = self._coded(coder, x, frame, known)
            if not trial.valid and known is not None and hint is None:
                trial = self._coded(coder, x, frame, None)
            for _ in range(REPAIRS):
                if not self._has_faults(trial.margins, frame):
                    return trial
                self._note_faults(trial, frame)
                # Large: what the one before holds is of no more use.
                del coder
                coder = self._weighing_coder(frame)
                mended = self._coded(coder, x, frame, trial.payload.coding.area)
                if mended.margins.min() <= trial.margins.min():
                    break
                trial = mended
            return self._excused(trial)

        best = _best_of(
            search(
                evaluate,
                state.experience,
                most=self.speed.trials,
                tolerance=self.speed.tolerance,
                limits=LAMBDA_RANGE,
                settled=None if hint is None else hint.margin,
            )
        )
        if not best.valid:
            # The next frame may be easier: don't begin there where this one ended.
            state.experience.x = min(state.experience.x, before + HIGHEST_CLIMB)
        if self.stats is not None:
            area = best.payload.coding.area
            self.stats.note(source, Hint(best.x, float(best.margins.min()), area))
        state.balance(best.margins, self.reservoir.color_slack)
        return best

    def _has_faults(self, margins: F64, frame: Prepared) -> bool:
        """Tell whether the means are met, but not the worst places or the changes.

        What is new and stays is better coded well as a whole: the errors that mending leaves would
        have to be mended in the next frames.
        """
        local, missed = margins[MEANS:]
        faulty = missed < 0 or (local < 0 and frame.now.staying < STAYING)
        return bool(faulty and (margins[:MEANS] >= 0).all())

    def _note_faults(self, trial: Trial[Scored], frame: Prepared) -> None:
        """Let errors weigh more where a trial has faults."""
        picture, (local, missed) = white(trial.payload.coding.canvas), trial.margins[MEANS:]
        places, reference = self.state.places, frame.reference
        errors = reference.places(picture) if local < 0 else None
        if errors is not None:
            places.note_worst(errors, self.requirement.local)
        if missed < 0 and reference.changes is not None:
            places.note_missed(reference.changes.missed_by(luma(picture)), picture.shape[:2])

    def _excused(self, trial: Trial[Scored]) -> Trial[Scored]:
        """Return a trial as valid that misses a few changes, however much they weighed.

        The palette has no colours for them, and a greater lambda doesn't either.
        """
        missed, others = trial.payload.score.missed, trial.margins[:-1]
        few = missed.missed <= max(1.0, EXCUSED * missed.changes)
        if trial.valid or not few or (others < 0).any():
            return trial
        self.requirement = replace(self.requirement, missed_anyway=missed.missed)
        margins = np.append(others, self.requirement.missed_margin(missed))
        return replace(trial, margins=margins)

    def _moving(self, frame: Prepared) -> Area | None:
        """Return the rectangle that is likely to be all that a frame in a hurry must draw.

        Outside it nothing moves, and nothing is left on screen of what moved before.
        """
        moved = frame.now.moved
        area = Area.around(moved) if self.speed.early_termination and moved is not None else None
        if moved is None or area is None or not self._is_small(area):
            return None
        wanted = Canvas(frame.wanted, frame.reference.opaque)
        left = self.screen.differs(wanted, FAR)
        left |= ~resting(luma(self.screen.rgb), luma(frame.wanted), LEFT)
        area = Area.around(moved | left)
        return area if area is not None and self._is_small(area) else None

    def _is_small(self, area: Area) -> bool:
        return area.width * area.height < SMALL * self.screen.opaque.size

    def _coded(
        self, coder: FrameCoder, x: float, frame: Prepared, known: Area | None
    ) -> Trial[Scored]:
        codings = coder.rate_distortion(float(np.exp(x)), known, self.state.density)
        self.state.density = codings[0].density
        codings.sort(key=lambda coding: coding.size)
        most = [np.inf]
        if len(codings) > 1:
            most = together(lambda coding: self._most(coding, frame), codings)
        trials: dict[int, Trial[Scored]] = {}
        for i, coding in enumerate(codings):
            if most[i] >= 0 and len(codings) > 1:
                most[i] = min(most[i], self._most_by_looks(coding, frame))
            if most[i] >= 0:
                trials[i] = self._trial(x, coding, frame)
                if trials[i].valid:
                    # The others are larger.
                    return trials[i]
        # None is valid. Those that were not measured wholly count where they may be nearest to it.
        nearest = max((float(trial.margins.min()) for trial in trials.values()), default=-np.inf)
        for i in sorted(set(range(len(codings))) - set(trials), key=lambda i: -most[i]):
            if most[i] >= nearest:
                trials[i] = self._trial(x, codings[i], frame)
                nearest = max(nearest, float(trials[i].margins.min()))
        return _best_of(trials[i] for i in sorted(trials))

    def _most(self, coding: Coding, frame: Prepared) -> float:
        """Return what a coding's least margin is at most, by what takes little to measure."""
        if self.speed.early_termination:
            return np.inf
        ssim, missed = frame.reference.glance(white(coding.canvas))
        return min(self.requirement.ssim_margin(ssim), self.requirement.missed_margin(missed))

    def _most_by_looks(self, coding: Coding, frame: Prepared) -> float:
        """Return what it is at most by looks, without which nothing else has to be measured."""
        if self.speed.early_termination:
            return np.inf
        return self.requirement.looks_margin(frame.reference.looks(white(coding.canvas)))

    def _or_exact(self, best: Trial[Scored], frame: Prepared, lossless: Exact) -> Trial[Scored]:
        """Return the lossless coding of the nearest colours where that is better, or hardly larger.

        Where it was far larger it is not tried again for some frames.
        """
        if best.valid and self.state.skips_exact(best.size):
            return best
        exact = lossless.within(best.size if best.valid else None)
        self.state.note_exact(FAR_LARGER * best.size if exact is None else None)
        if exact is None:
            return best
        if not best.valid or exact.size <= HARDLY_LARGER * best.size:
            trial = self._trial(LAMBDA_RANGE[1], exact, frame)
            if trial.valid or trial.margins.min() > best.margins.min():
                return trial
        return best

    def _trial(self, x: float, coding: Coding, frame: Prepared) -> Trial[Scored]:
        picture = white(coding.canvas)
        others, looks = self._expected(), None
        score: FrameScore | LateScore
        if others is None:
            score = frame.reference.score(picture)
            margins, looks = self.requirement.margins(score), score.looks
        else:
            score = frame.reference.score_late(picture)
            ssim, missed = score.ssim, score.missed
            margins = np.array(
                [
                    self.requirement.ssim_margin(ssim),
                    *others,
                    self.requirement.missed_margin(missed),
                ]
            )
        if self.speed.early_termination and self.reservoir.spares(score.ssim, looks, margins):
            margins = np.maximum(margins, 0.0)
        return Trial(x, margins, coding.size, Scored(coding, score))

    def _expected(self) -> F64 | None:
        """Return the margins of looks and colour that a frame in a hurry is taken to have.

        They are those of the last frame that is known, as long as its SSIM was what kept it from
        taking fewer bytes, its colours did not miss much, and the coming frames can make up for
        what this one will have missed.
        """
        last = self.reservoir.last
        if not self.speed.early_termination or last is None or not self.reservoir.forgiving:
            return None
        ssim, looks, *others, _ = self.requirement.margins(last)
        plenty = looks > max(ssim, PLENTIFUL_LOOKS) and min(others) > -MOST_MISSED
        return np.maximum([looks, *others], 0.0) if plenty else None


def _best_of(trials: Iterable[Trial[Scored]]) -> Trial[Scored]:
    """Return the smallest valid trial, else the one that is nearest to valid."""
    known = list(trials)
    return least_valid(known) or max(known, key=lambda trial: float(trial.margins.min()))
