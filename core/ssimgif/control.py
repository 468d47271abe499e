"""Close the loop: code frame after frame so that the target is met with nothing to spare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssimgif.effort import Effort
from ssimgif.encoder import FAR_LARGER, Coding, FrameCoder
from ssimgif.gif import disposal
from ssimgif.gif.canvas import Area, Canvas, dispose, white
from ssimgif.guide import Guide, Hint
from ssimgif.ledger import HASTE, Ledger
from ssimgif.model import Disposal, Palette
from ssimgif.preparation import Prepared
from ssimgif.quality.contract import FrameScore
from ssimgif.quality.ssim import luma
from ssimgif.scoring import LateScore, Requirement
from ssimgif.search import Trial, least_valid, search
from ssimgif.settings import Target
from ssimgif.steering import Steering
from ssimgif.temporal import resting

Bool = NDArray[np.bool_]
F64 = NDArray[np.float64]

LAMBDA_RANGE = (-6.0, 14.0)
# How far log lambda may rise from one frame to the next where a frame is out of reach.
HIGHEST_CLIMB = 1.0
# Levels of a channel, and of luma on the average around a pixel, from which on what is on screen is
# left from something that has moved; the share of the frame below which a rectangle is small.
FAR = 64
LEFT = 6.0
SMALL = 0.8
# Below this, what is new and lasts is too little to ask whether the palette can do so much, and
# what margin it must leave.
NOTABLE = 0.1
LASTING_ROOM = 0.1
# Margin of looks from which on those of the next frame are taken to do.
PLENTIFUL_LOOKS = 0.15
# How much better than expected what is on screen may serve the next frame.
HOLDING_ROOM = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A coding and what it scores."""

    coding: Coding
    score: FrameScore | LateScore


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A frame as it was coded.

    ``coding`` is None where the picture on screen simply stays. ``contours`` is the share of pixels
    that lie on false contours, of a frame that is drawn.
    """

    coding: Coding | None
    disposal: Disposal
    score: FrameScore | LateScore
    trials: int
    contours: float = 0.0


@dataclass(slots=True)
class SequenceCoder:
    """Codes frames in order, each upon what the one before left on screen.

    Attributes
    ----------
    target : Target
    ledger : Ledger
    effort : Effort
    steering : Steering
    canvas : Canvas
        What is on screen before the next frame is drawn.
    guide : Guide or None
        Where earlier searches of these frames ended.
    executor : Executor or None
        Helps with the scores; it must not be the one that this runs in.
    shown : Canvas or None
        What the last frame left on screen, and ``settled`` whether it stays there.
    ssim : float
        What it scored.
    """

    target: Target
    ledger: Ledger
    effort: Effort
    steering: Steering
    canvas: Canvas
    guide: Guide | None = None
    executor: Executor | None = None
    shown: Canvas | None = None
    settled: bool = False
    ssim: float = 1.0

    def code(
        self,
        frame: Prepared,
        richer: Callable[[], Palette] | None,
        identical: bool = False,
        may_hold: bool = True,
        alike: float = 1.0,
    ) -> Outcome:
        """Code one frame.

        Parameters
        ----------
        frame : Prepared
        richer : callable or None
            Makes a palette for this frame alone, for where its palette can't meet the target.
        identical : bool
            Whether the source frame equals the one before.
        may_hold : bool
            Whether the picture on screen may simply stay for longer.
        alike : float
            SSIM, about, of the source frame and the one before.
        """
        requirement = self._requirement(frame)
        # What is on screen has an error of its own, to which what has changed is added.
        expected = alike * self.ssim + HOLDING_ROOM
        if self.effort.hasty and not identical and expected < requirement.ssim:
            may_hold = False
        held = self._hold(frame, requirement, identical) if may_hold else None
        outcome = held or self._draw(frame, requirement, richer)
        self.ledger.enter(outcome.score)
        self.ssim = outcome.score.ssim
        return outcome

    def _requirement(self, frame: Prepared) -> Requirement:
        """Ask for more where the frame lasts, unless its palette can hardly do that."""
        lasting = frame.now.lasting
        requirement = self.ledger.requirement(lasting)
        if lasting < NOTABLE or (requirement.margins(frame.best) > LASTING_ROOM).all():
            return requirement
        return self.ledger.requirement()

    def _hold(self, frame: Prepared, requirement: Requirement, identical: bool) -> Outcome | None:
        """Return the outcome of drawing nothing, if that is good enough."""
        shown = self.shown
        opaque = frame.reference.opaque
        if shown is None or not self.settled or not np.array_equal(shown.opaque, opaque):
            return None
        following = frame.now.following
        if following is not None and (opaque & ~following.opaque).any():
            # What vanishes in the next frame is cleared by this frame's disposal.
            return None
        picture = white(shown)
        if not identical and not frame.reference.reaches(picture, requirement.ssim):
            return None
        score = frame.reference.score(picture)
        if not identical and (requirement.margins(score) < 0).any():
            return None
        return Outcome(None, Disposal.NONE, score, 0)

    def _draw(
        self, frame: Prepared, requirement: Requirement, richer: Callable[[], Palette] | None
    ) -> Outcome:
        pictures = self.canvas, frame.now.canvas, frame.now.following
        chosen = disposal.choose(*pictures)
        clear = None
        if chosen is Disposal.BACKGROUND:
            clear = disposal.to_clear(*pictures)
        if richer is not None and self.steering.strained:
            self.steering.strained = bool((requirement.margins(frame.best) < 0).any())
            if self.steering.strained:
                # No lambda will do.
                frame, richer = frame.plain(richer()), None
        best, count = self._best(frame, clear, requirement)
        if not best.valid and frame.dithered is not None:
            best, count = self._better(best, count, frame.plain(frame.palette), clear, requirement)
        if not best.valid and richer is not None:
            self.steering.strained = True
            own = frame.plain(richer())
            best, count = self._better(best, count, own, clear, requirement)
        coding = best.payload.coding.reparsed(self.canvas)
        contours = frame.reference.contours_of(white(coding.canvas))
        share = self.steering.contours.note(contours)
        self.shown = coding.canvas
        self.settled = chosen is Disposal.NONE
        self.canvas = dispose(self.canvas, coding.canvas, chosen, coding.area)
        return Outcome(coding, chosen, best.payload.score, count, share)

    def _better(
        self,
        best: Trial[Scored],
        count: int,
        frame: Prepared,
        clear: Bool | None,
        requirement: Requirement,
    ) -> tuple[Trial[Scored], int]:
        other, more = self._best(frame, clear, requirement)
        better = max(best, other, key=lambda trial: float(trial.margins.min()))
        return better, count + more

    def _best(
        self, frame: Prepared, clear: Bool | None, requirement: Requirement
    ) -> tuple[Trial[Scored], int]:
        """Return the smallest valid coding, else the nearest to valid, and the codings tried."""
        coder = FrameCoder(
            wanted=frame.wanted,
            opaque=frame.reference.opaque,
            layout=frame.layout,
            palette=frame.palette,
            screen=self.canvas,
            clear=clear,
            beam=self.effort.beam,
            look_ahead=self.effort.look_ahead,
            first_span=self.effort.first_span,
            crops=self.effort.crops,
        )
        hint = self.guide.next(frame.now.slot.source) if self.guide else None
        if hint is not None:
            self.steering.experience.x = hint.x
        before = self.steering.experience.x

        likely = hint.area if hint is not None else self._moving(frame)

        def evaluate(x: float) -> Trial[Scored]:
            # The first trial, which begins where the frame before ended.
            known = likely if x == before else None
            trial = self._coded(coder, x, frame, requirement, known)
            if trial.valid or known is None or hint is not None:
                return trial
            return self._coded(coder, x, frame, requirement, None)

        trials = search(
            evaluate,
            self.steering.experience,
            most=self.effort.trials,
            tolerance=self.effort.tolerance,
            limits=LAMBDA_RANGE,
            settled=None if hint is None else hint.margin,
        )
        best = _best_of(trials)
        if not best.valid:
            # The next frame may be easier: don't begin there where this one ended.
            known = self.steering.experience
            known.x = min(known.x, before + HIGHEST_CLIMB)
        if self.guide is not None:
            area = best.payload.coding.area
            self.guide.note(frame.now.slot.source, Hint(best.x, float(best.margins.min()), area))
        self.steering.balance(best.margins, self.ledger.color_slack)
        return self._or_exact(best, coder, frame, requirement), len(trials) + 1

    def _moving(self, frame: Prepared) -> Area | None:
        """Return the rectangle that is likely to be all that a frame in a hurry must draw.

        Outside it nothing moves, and nothing is left on screen of what moved before.
        """
        moved = frame.now.moved
        area = Area.around(moved) if self.effort.hasty and moved is not None else None
        if moved is None or area is None or not self._is_small(area):
            return None
        wanted = Canvas(frame.wanted, frame.reference.opaque)
        left = self.canvas.differs(wanted, FAR)
        left |= ~resting(luma(self.canvas.rgb), luma(frame.wanted), LEFT)
        area = Area.around(moved | left)
        return area if area is not None and self._is_small(area) else None

    def _is_small(self, area: Area) -> bool:
        return area.width * area.height < SMALL * self.canvas.opaque.size

    def _coded(
        self,
        coder: FrameCoder,
        x: float,
        frame: Prepared,
        requirement: Requirement,
        known: Area | None,
    ) -> Trial[Scored]:
        codings = coder.rate_distortion(float(np.exp(x)), known)
        return _best_of(self._trial(x, coding, frame, requirement) for coding in codings)

    def _or_exact(
        self, best: Trial[Scored], coder: FrameCoder, frame: Prepared, requirement: Requirement
    ) -> Trial[Scored]:
        """Return the lossless coding of the nearest colours where that is better.

        Where it was far larger it is not tried again for some frames.
        """
        if best.valid and self.steering.skips_exact(best.size):
            return best
        exact = coder.exact(frame.indices, best.size if best.valid else None)
        self.steering.note_exact(FAR_LARGER * best.size if exact is None else None)
        if exact is None:
            return best
        if not best.valid or exact.size < best.size:
            trial = self._trial(LAMBDA_RANGE[1], exact, frame, requirement)
            if trial.valid or trial.margins.min() > best.margins.min():
                return trial
        return best

    def _trial(
        self, x: float, coding: Coding, frame: Prepared, requirement: Requirement
    ) -> Trial[Scored]:
        picture = white(coding.canvas)
        others, looks = self._expected(requirement), None
        score: FrameScore | LateScore
        if others is None:
            score = frame.reference.score(picture, self.executor)
            margins, looks = requirement.margins(score), score.looks
        else:
            score = frame.reference.score_late(picture, self.executor)
            margins = np.array([requirement.ssim_margin(score.ssim), *others])
        if self.effort.hasty and self.ledger.spares(score.ssim, looks, margins):
            margins = np.maximum(margins, 0.0)
        return Trial(x, margins, coding.size, Scored(coding, score))

    def _expected(self, requirement: Requirement) -> F64 | None:
        """Return the margins of looks and colour that a frame in a hurry is taken to have.

        They are those of the last frame that is known, as long as its SSIM was what kept it from
        taking fewer bytes, its colours did not miss much, and the coming frames can make up for
        what this one will have missed.
        """
        last = self.ledger.last
        if not self.effort.hasty or last is None or not self.ledger.forgiving:
            return None
        ssim, looks, *colors = requirement.margins(last)
        plenty = looks > max(ssim, PLENTIFUL_LOOKS) and min(colors) > -HASTE
        return np.maximum([looks, *colors], 0.0) if plenty else None


def _best_of(trials: Iterable[Trial[Scored]]) -> Trial[Scored]:
    """Return the smallest valid trial, else the one that is nearest to valid."""
    known = list(trials)
    return least_valid(known) or max(known, key=lambda trial: float(trial.margins.min()))
