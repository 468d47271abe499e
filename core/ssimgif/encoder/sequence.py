"""Close the loop: code frame after frame so that the target is met with nothing to spare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ssimgif.encoder.frame import Coding
from ssimgif.encoder.mode_decision import ModeDecision
from ssimgif.encoder.preprocess import Prepared
from ssimgif.gif import disposal
from ssimgif.host import start
from ssimgif.image import Canvas, dispose, white
from ssimgif.metrics import FrameScore, LateScore, Requirement
from ssimgif.model import Disposal, Palette
from ssimgif.ratecontrol import PassStats, RateControlState, Reservoir
from ssimgif.speed import SpeedSettings
from ssimgif.target import Target

# Below this, what is new and lasts is too little to ask whether the palette can do so much, and
# what margin it must leave.
NOTABLE = 0.1
LASTING_ROOM = 0.1
# How much better than expected what is on screen may serve the next frame.
HOLDING_ROOM = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A frame as it was coded.

    ``coding`` waits for what is drawn, in its fewest bytes; it is None where the picture on screen
    simply stays. Of a frame that is drawn, ``contours`` is the share of pixels that lie on false
    contours, and ``reach`` the least error of the worst places that its palette is good for.
    """

    coding: Callable[[], Coding] | None
    disposal: Disposal
    score: FrameScore | LateScore
    contours: float = 0.0
    reach: float = 0.0


@dataclass(slots=True)
class SequenceCoder:
    """Codes frames in order, each upon what the one before left on screen.

    Attributes
    ----------
    target : Target
    reservoir : Reservoir
    speed : SpeedSettings
    colors : int
        Most entries that a palette may have.
    state : RateControlState
    canvas : Canvas
        What is on screen before the next frame is drawn.
    stats : PassStats or None
        Where earlier searches of these frames ended.
    lossless : bool
        Whether frames are coded exactly in their palette, without a search.
    shown : Canvas or None
        What the last frame left on screen, and ``settled`` whether it stays there.
    ssim : float
        What it scored.
    """

    target: Target
    reservoir: Reservoir
    speed: SpeedSettings
    colors: int
    state: RateControlState
    canvas: Canvas
    stats: PassStats | None = None
    lossless: bool = False
    shown: Canvas | None = None
    settled: bool = False
    ssim: float = 1.0

    def code(
        self,
        frame: Prepared,
        local: Callable[[], Palette] | None,
        identical: bool = False,
        may_hold: bool = True,
        alike: float = 1.0,
    ) -> Outcome:
        """Code one frame.

        Parameters
        ----------
        frame : Prepared
        local : callable or None
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
        if self.speed.early_termination and not identical and expected < requirement.ssim:
            may_hold = False
        held = self._hold(frame, requirement, identical) if may_hold else None
        outcome = held or self._draw(frame, requirement, local)
        self.reservoir.enter(outcome.score)
        self.ssim = outcome.score.ssim
        return outcome

    def _requirement(self, frame: Prepared) -> Requirement:
        """Ask for more where the frame lasts, unless its palette can hardly do that."""
        lasting = frame.now.lasting
        requirement = self.reservoir.requirement(lasting)
        if lasting < NOTABLE or (requirement.margins(frame.best) > LASTING_ROOM).all():
            return requirement
        return self.reservoir.requirement()

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
        picture, reference = white(shown), frame.reference
        score = reference.score(picture) if identical else reference.meets(picture, requirement)
        return None if score is None else Outcome(None, Disposal.NONE, score)

    def _draw(
        self, frame: Prepared, requirement: Requirement, local: Callable[[], Palette] | None
    ) -> Outcome:
        pictures = self.canvas, frame.now.canvas, frame.now.following
        chosen = disposal.choose(*pictures)
        clear = None
        if chosen is Disposal.BACKGROUND:
            clear = disposal.to_clear(*pictures)
        modes = ModeDecision(
            screen=self.canvas,
            clear=clear,
            requirement=requirement,
            speed=self.speed,
            colors=self.colors,
            state=self.state,
            reservoir=self.reservoir,
            stats=self.stats,
        )
        best = modes.exact(frame) if self.lossless else modes.decide(frame, local)
        coding = best.coding
        contours = frame.reference.contours_of(white(coding.canvas))
        share = self.state.contours.note(contours)
        self.shown = coding.canvas
        self.settled = chosen is Disposal.NONE
        finished = start(partial(coding.reparsed, self.canvas))
        self.canvas = dispose(self.canvas, coding.canvas, chosen, coding.area)
        return Outcome(finished, chosen, best.score, share, self.state.reach)
