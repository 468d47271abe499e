"""Decide how a frame is coded: by rate and distortion at the least lambda that does, or exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from ssimgif.encoder.frame import FAR_LARGER, Coding, FrameCoder
from ssimgif.encoder.preprocess import Prepared
from ssimgif.encoder.rd_lzw import Search
from ssimgif.image import Area, Canvas, luma, white
from ssimgif.lookahead import resting
from ssimgif.metrics import MEANS, FrameScore, LateScore, Requirement
from ssimgif.model import F64, Bool, Palette
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
    state : RateControlState
    reservoir : Reservoir
    stats : PassStats or None
    executor : Executor or None
    best : Trial or None
        The smallest valid coding so far, else the nearest to valid.
    """

    screen: Canvas
    clear: Bool | None
    requirement: Requirement
    speed: SpeedSettings
    state: RateControlState
    reservoir: Reservoir
    stats: PassStats | None
    executor: Executor | None
    best: Trial[Scored] | None = None

    def decide(self, frame: Prepared, local: Callable[[], Palette] | None) -> Scored:
        """Return the best coding of a frame.

        Parameters
        ----------
        frame : Prepared
        local : callable or None
            Makes a palette for this frame alone, for where its palette can't meet the target.
        """
        if self.requirement.local:
            local_limit = self.state.keep_within_reach(
                self.requirement.local, lambda: frame.best.local
            )
            self.requirement = replace(self.requirement, local=local_limit)
        if local is not None and self.state.strained:
            self.state.strained = self._wants_colours(self.requirement.margins(frame.best))
            if self.state.strained:
                # No lambda will do.
                frame, local = frame.plain(local()), None
        best = self._compete(frame)
        if not best.valid and frame.dithered is not None:
            best = self._compete(frame.plain(frame.palette))
        if local is not None and self._wants_colours(best.margins):
            self.state.strained = True
            best = self._compete(frame.plain(local()))
        return best.payload

    @staticmethod
    def _wants_colours(margins: F64) -> bool:
        """Tell whether the means are missed, which a palette of a frame's own may mend.

        Worst places and changes alone are not worth a colour table a frame, and the noise that
        comes with it.
        """
        return bool((margins[:MEANS] < 0).any())

    def _compete(self, frame: Prepared) -> Trial[Scored]:
        """Code a frame as it was prepared, and return the best so far."""
        coder = FrameCoder(
            wanted=frame.wanted,
            opaque=frame.reference.opaque,
            layout=frame.layout,
            palette=frame.palette,
            screen=self.screen,
            clear=self.clear,
            search=Search(self.speed.beam, self.speed.look_ahead, self.speed.first_span),
            crops=self.speed.crops,
        )
        found = self._or_exact(self._rate_distortion(coder, frame), coder, frame)
        if self.best is None or found.margins.min() > self.best.margins.min():
            self.best = found
        return self.best

    def _rate_distortion(self, coder: FrameCoder, frame: Prepared) -> Trial[Scored]:
        """Search for the least lambda that meets the requirement."""
        source, state = frame.now.slot.source, self.state
        hint = self.stats.next(source) if self.stats else None
        if hint is not None:
            state.experience.x = hint.x
        before = state.experience.x
        likely = hint.area if hint is not None else self._moving(frame)

        def evaluate(x: float) -> Trial[Scored]:
            # The first trial, which begins where the frame before ended.
            known = likely if x == before else None
            trial = self._coded(coder, x, frame, known)
            if trial.valid or known is None or hint is not None:
                return trial
            return self._coded(coder, x, frame, None)

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
        codings = coder.rate_distortion(float(np.exp(x)), known)
        trials = []
        for coding in sorted(codings, key=lambda coding: coding.size):
            trials.append(self._trial(x, coding, frame))
            if trials[-1].valid:
                # The others are larger.
                break
        return _best_of(trials)

    def _or_exact(self, best: Trial[Scored], coder: FrameCoder, frame: Prepared) -> Trial[Scored]:
        """Return the lossless coding of the nearest colours where that is better.

        Where it was far larger it is not tried again for some frames.
        """
        if best.valid and self.state.skips_exact(best.size):
            return best
        exact = coder.exact(frame.indices, best.size if best.valid else None)
        self.state.note_exact(FAR_LARGER * best.size if exact is None else None)
        if exact is None:
            return best
        if not best.valid or exact.size < best.size:
            trial = self._trial(LAMBDA_RANGE[1], exact, frame)
            if trial.valid or trial.margins.min() > best.margins.min():
                return trial
        return best

    def _trial(self, x: float, coding: Coding, frame: Prepared) -> Trial[Scored]:
        picture = white(coding.canvas)
        others, looks = self._expected(), None
        score: FrameScore | LateScore
        if others is None:
            score = frame.reference.score(picture, self.executor)
            margins, looks = self.requirement.margins(score), score.looks
        else:
            score = frame.reference.score_late(picture, self.executor)
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
