"""What is asked of each frame, so that the clip meets its target with nothing to spare."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ssimgif.metrics import FrameScore, LateScore, Requirement, histogram_mean, histogram_percentile
from ssimgif.model import F64
from ssimgif.target import Target

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
# The share of the limit of the worst places' error that frames may use, and the shares that one
# frame may be held to, by what others leave.
LOCAL_SHARE = 0.975
LOCAL_SHARES = (0.8, 1.3)
# How far a frame coded in a hurry may miss its share, as margins count, and how many of them may be
# below what nine tenths of the frames must reach.
MOST_MISSED = 0.2
MOST_SHORT = 0.08
# Points of SSIMULACRA2 above the target, so that other samples of the frames meet it too: where
# looks are a floor under SSIM, and where they are all that is asked.
LOOKS_RESERVE = 0.8
SOLE_LOOKS_RESERVE = 1.2
# Points of SSIMULACRA2 that a frame must exceed its share by where all of it is new and lasts, and
# the share of its loss of SSIM and of the error of its worst places that it must do without.
LASTING_LOOKS = 6.0
LASTING_SSIM = 0.5
LASTING_LOCAL = 0.5
# Error of the worst places that is hardly seen, so that no less is asked of what lasts.
UNSEEN_LOCAL = 1.0


@dataclass(slots=True)
class Reservoir:
    """Spreads the target over the frames: what some exceed, others may fall short of.

    Attributes
    ----------
    target : Target
    remaining : int
        Frames still to be coded.
    entered, short : int
        Frames that were, and those of them that are below what nine tenths must reach.
    late : LateScore or None
        Of the last frame, as long as only its SSIM is taken into account.
    last : FrameScore or None
        Of the last frame that is wholly taken into account.
    """

    target: Target
    remaining: int
    entered: int = 0
    short: int = 0
    ssim_surplus: float = 0.0
    looks_surplus: float = 0.0
    local_surplus: float = 0.0
    missed_surplus: float = 0.0
    color_surplus: F64 = field(default_factory=lambda: np.zeros(2))
    late: LateScore | None = None
    last: FrameScore | None = None

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
            looks = self._aim - self.looks_surplus / horizon
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
            local=self._local_limit(lasting),
            missed_room=self.missed_surplus,
        )

    def _local_limit(self, lasting: float) -> float:
        """Return the limit of the worst places' error that the next frame gets."""
        horizon = max(1, min(HORIZON, self.remaining))
        share = float(np.clip(LOCAL_SHARE + self.local_surplus / horizon, *LOCAL_SHARES))
        limit = self.target.local * share
        return max(limit * (1.0 - LASTING_LOCAL * lasting), min(limit, UNSEEN_LOCAL))

    @property
    def _aim(self) -> float:
        """Mean looks that the frames are to have."""
        reserve = LOOKS_RESERVE if self.target.mean else SOLE_LOOKS_RESERVE
        return self.target.looks + reserve

    @property
    def color_slack(self) -> float:
        """How far a frame may exceed the colour difference that it should have."""
        return COLOR_SLACK if self.remaining > COLOR_HORIZON else 0.0

    @property
    def forgiving(self) -> bool:
        """Whether enough frames are left to make up for one that misses its share."""
        return self.remaining > HORIZON

    def enter(self, score: FrameScore | LateScore) -> None:
        """Take a finished frame into account, and all of the one before."""
        if self.late is not None:
            self._enter_others(self.late.result())
        self.remaining -= 1
        self.entered += 1
        self.short += score.ssim < self.target.p10
        self.ssim_surplus += score.ssim - self.target.mean
        self.missed_surplus += score.missed.missable - score.missed.missed
        self.late = score if isinstance(score, LateScore) else None
        if isinstance(score, FrameScore):
            self._enter_others(score)

    def _enter_others(self, score: FrameScore) -> None:
        """Take a frame's looks and colours into account."""
        self.last = score
        if score.looks is not None:
            self.short += score.ssim >= self.target.p10 and score.looks < self.target.looks_p10
            self.looks_surplus += score.looks - self._aim
        if score.local is not None:
            self.local_surplus += LOCAL_SHARE - score.local / self.target.local
        mean, p95 = histogram_mean(score.color), histogram_percentile(score.color, 95)
        shares = np.array([mean / self.target.delta_e, p95 / self.target.delta_e_p95])
        self.color_surplus += COLOR_SHARE - shares

    def spares(self, ssim: float, looks: float | None, margins: F64) -> bool:
        """Tell whether a frame may miss its share by this, since the coming ones make up for it."""
        if not self.forgiving or margins.min() < -MOST_MISSED:
            return False
        short = ssim < self.target.p10 or (looks is not None and looks < self.target.looks_p10)
        return self.short + short <= MOST_SHORT * (self.entered + 1)
