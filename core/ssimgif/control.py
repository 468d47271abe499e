"""Close the loop: code frame after frame so that the target is met with nothing to spare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ssimgif.contours import ContourGuard
from ssimgif.effort import Effort
from ssimgif.encoder import Coding, FrameCoder
from ssimgif.gif import disposal
from ssimgif.gif.canvas import Canvas, dispose, white
from ssimgif.guide import Guide, Hint
from ssimgif.model import Disposal, Palette
from ssimgif.preparation import Emphasis, Prepared
from ssimgif.quality.color_difference import histogram_mean, histogram_percentile
from ssimgif.quality.contract import FrameScore
from ssimgif.scoring import Requirement
from ssimgif.search import DEFAULT_SLOPE, Experience, Trial, least_valid, search
from ssimgif.settings import Target

Bool = NDArray[np.bool_]
F64 = NDArray[np.float64]

LAMBDA_RANGE = (-6.0, 14.0)
FIRST_LAMBDA = 3.5
CHROMA_RANGE = (0.0002, 0.02)
FIRST_CHROMA = 0.0012
# Log of the chroma weight that a unit of margin is worth, and at the start of an estimate.
CHROMA_GAIN = 1.2
QUICK_CHROMA_GAIN = 2.5
# Frames after one whose lossless coding was far too large that do without; the next time they are
# twice as many, up to the most.
EXACT_REST = 7
MOST_EXACT_REST = 63
# How far log lambda may rise from one frame to the next where a frame is out of reach.
HIGHEST_CLIMB = 1.0
# Frames over which a surplus of the mean is spent.
HORIZON = 8
# The same of colour, which the weight of chroma steers with some delay.
COLOR_HORIZON = 16
# The share of the colour guard that frames may use, so that other samples of them stay inside.
COLOR_SHARE = 0.97
# How far a frame may exceed its share, as long as others can make up for it.
COLOR_SLACK = 0.1
# Shares of it that one frame may be held to, by what others leave.
COLOR_SHARES = (0.8, 1.2)
# How far a frame coded in a hurry may miss its share, as margins count, and how many of them may be
# below what nine tenths of the frames must reach.
HASTE = 0.2
MOST_SHORT = 0.08
# Points of SSIMULACRA2 above the target, for the same reason.
LOOKS_RESERVE = 0.8
# Points of SSIMULACRA2 that a frame must exceed its share by where all of it is new and lasts, and
# the share of its loss of SSIM that it must do without.
LASTING_LOOKS = 6.0
LASTING_SSIM = 0.5
# Below this, what is new and lasts is too little to ask whether the palette can do so much, and
# what margin it must leave.
NOTABLE = 0.1
LASTING_ROOM = 0.1


@dataclass(slots=True)
class Steering:
    """Where the search stands: it begins each frame where the one before ended.

    Attributes
    ----------
    experience : Experience
        Of log lambda.
    chroma : float
        Weight of a squared chroma error against that of luma.
    gain : float
        Change of its logarithm that a unit of margin is worth.
    exact_in, exact_rest : int
        Frames until a lossless coding is tried again, and how many they will be after that.
    strained : bool
        Whether the scene's palette may well be too poor for the next frame.
    contours : ContourGuard
    """

    experience: Experience = field(
        default_factory=lambda: Experience(FIRST_LAMBDA, np.full(4, DEFAULT_SLOPE))
    )
    chroma: float = FIRST_CHROMA
    gain: float = CHROMA_GAIN
    exact_in: int = 0
    exact_rest: int = EXACT_REST
    strained: bool = True
    contours: ContourGuard = field(default_factory=ContourGuard)

    @property
    def emphasis(self) -> Emphasis:
        """What errors weigh in the next frame."""
        return Emphasis(self.chroma, self.contours.weight)

    def balance(self, margins: F64, slack: float) -> None:
        """Shift weight between luma and chroma so that both their requirements bind.

        With two requirements the fewest bytes are spent where neither has anything to spare.
        Looks need both; where they bind, chroma keeps its usual weight.
        """
        ssim, looks = float(margins[0]), float(margins[1])
        color = float(margins[2:].min() - np.log1p(slack))
        step = (min(ssim, looks) - color) * self.gain
        if looks < min(ssim, color):
            step = np.log(FIRST_CHROMA / self.chroma)
        step = np.clip(step, -0.5, 0.5)
        self.chroma = float(np.clip(self.chroma * np.exp(step), *CHROMA_RANGE))

    def copy(self) -> Steering:
        """Return one that goes its own way."""
        return Steering(self.experience.copy(), self.chroma)


@dataclass(slots=True)
class Ledger:
    """Spreads the target over the frames: what some exceed, others may fall short of.

    Attributes
    ----------
    target : Target
    remaining : int
        Frames still to be coded.
    entered, short : int
        Frames that were, and those of them that are below what nine tenths must reach.
    """

    target: Target
    remaining: int
    entered: int = 0
    short: int = 0
    ssim_surplus: float = 0.0
    looks_surplus: float = 0.0
    color_surplus: F64 = field(default_factory=lambda: np.zeros(2))

    def requirement(self, lasting: float = 0.0) -> Requirement:
        """Return what the next frame must reach.

        What is new and lasts, 0..1 as `Shown` has it, must be better than its share: coded well at
        once it serves all frames that show it, while each repair costs as much again.
        """
        target = self.target
        horizon = max(1, min(HORIZON, self.remaining))
        ssim = target.mean - self.ssim_surplus / horizon
        looks = 0.0
        if target.looks:
            looks = target.looks + LOOKS_RESERVE - self.looks_surplus / horizon
            looks = float(np.clip(looks, target.looks_p10, target.looks + 5))
            looks = min(looks + LASTING_LOOKS * lasting, 100.0)
        horizon = max(1, min(COLOR_HORIZON, self.remaining))
        shares = np.clip(COLOR_SHARE + self.color_surplus / horizon, *COLOR_SHARES)
        ssim = float(np.clip(ssim, target.p10, min(target.mean + 0.02, 0.9995)))
        return Requirement(
            ssim=1.0 - (1.0 - ssim) * (1.0 - LASTING_SSIM * lasting) if ssim else 0.0,
            looks=looks,
            delta_e=target.delta_e * float(shares[0]) * (1 + self.color_slack),
            delta_e_p95=target.delta_e_p95 * float(shares[1]) * (1 + self.color_slack),
        )

    @property
    def color_slack(self) -> float:
        """How far a frame may exceed the colour difference that it should have."""
        return COLOR_SLACK if self.remaining > COLOR_HORIZON else 0.0

    def enter(self, score: FrameScore) -> None:
        """Take a finished frame into account."""
        self.remaining -= 1
        self.entered += 1
        self.short += self._is_short(score)
        self.ssim_surplus += score.ssim - self.target.mean
        if score.looks is not None:
            self.looks_surplus += score.looks - self.target.looks - LOOKS_RESERVE
        mean, p95 = histogram_mean(score.color), histogram_percentile(score.color, 95)
        shares = np.array([mean / self.target.delta_e, p95 / self.target.delta_e_p95])
        self.color_surplus += COLOR_SHARE - shares

    def spares(self, score: FrameScore, margins: F64) -> bool:
        """Tell whether a frame may miss its share by this, since the coming ones make up for it."""
        if self.remaining <= HORIZON or margins.min() < -HASTE:
            return False
        return self.short + self._is_short(score) <= MOST_SHORT * (self.entered + 1)

    def _is_short(self, score: FrameScore) -> bool:
        looks = self.target.looks_p10 if score.looks is not None else 0.0
        return score.ssim < self.target.p10 or (score.looks or 0.0) < looks


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A coding and what it scores."""

    coding: Coding
    score: FrameScore


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A frame as it was coded.

    ``coding`` is None where the picture on screen simply stays. ``contours`` is the share of pixels
    that lie on false contours, of a frame that is drawn.
    """

    coding: Coding | None
    disposal: Disposal
    score: FrameScore
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

    def code(
        self,
        frame: Prepared,
        richer: Callable[[], Palette] | None,
        identical: bool = False,
        may_hold: bool = True,
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
        """
        requirement = self._requirement(frame)
        held = self._hold(frame, requirement, identical) if may_hold else None
        outcome = held or self._draw(frame, requirement, richer)
        self.ledger.enter(outcome.score)
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
        upcoming = frame.now.upcoming
        if upcoming is not None and (opaque & (upcoming[..., 3] != 255)).any():
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
        pixels, upcoming = frame.now.pixels, frame.now.upcoming
        chosen = disposal.choose(self.canvas, pixels, upcoming)
        clear = None
        if chosen is Disposal.BACKGROUND:
            clear = disposal.to_clear(self.canvas, pixels, upcoming)
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
        coding = best.payload.coding
        contours = frame.reference.contours_of(white(coding.canvas))
        self.steering.contours.note(contours)
        self.shown = coding.canvas
        self.settled = chosen is Disposal.NONE
        self.canvas = dispose(self.canvas, coding.canvas, chosen, coding.area)
        return Outcome(coding, chosen, best.payload.score, count, float(contours.mean()))

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

        def evaluate(x: float) -> Trial[Scored]:
            known = hint.area if hint is not None and x == hint.x else None
            codings = coder.rate_distortion(float(np.exp(x)), known)
            return _best_of(self._trial(x, coding, frame, requirement) for coding in codings)

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

    def _or_exact(
        self, best: Trial[Scored], coder: FrameCoder, frame: Prepared, requirement: Requirement
    ) -> Trial[Scored]:
        """Return the lossless coding of the nearest colours where that is better.

        Where it was far larger it is not tried again for some frames.
        """
        if best.valid and self.steering.exact_in > 0:
            self.steering.exact_in -= 1
            return best
        exact = coder.exact(frame.indices, best.size if best.valid else None)
        if exact is None:
            self.steering.exact_in = self.steering.exact_rest
            self.steering.exact_rest = min(2 * self.steering.exact_rest + 1, MOST_EXACT_REST)
            return best
        self.steering.exact_rest = EXACT_REST
        if not best.valid or exact.size < best.size:
            trial = self._trial(LAMBDA_RANGE[1], exact, frame, requirement)
            if trial.valid or trial.margins.min() > best.margins.min():
                return trial
        return best

    def _trial(
        self, x: float, coding: Coding, frame: Prepared, requirement: Requirement
    ) -> Trial[Scored]:
        score = frame.reference.score(white(coding.canvas), self.executor)
        margins = requirement.margins(score)
        if self.effort.hasty and self.ledger.spares(score, margins):
            margins = np.maximum(margins, 0.0)
        return Trial(x, margins, coding.size, Scored(coding, score))


def _best_of(trials: Iterable[Trial[Scored]]) -> Trial[Scored]:
    """Return the smallest valid trial, else the one that is nearest to valid."""
    known = list(trials)
    return least_valid(known) or max(known, key=lambda trial: float(trial.margins.min()))
