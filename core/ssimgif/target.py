"""What a GIF is asked for: the quality contract's figures, and which of them go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Looks floors (SSIMULACRA2 mean) that go with a mean SSIM, straight lines between.
LOOKS_FLOORS = ((0.90, 45.0), (0.92, 50.0), (0.95, 60.0), (0.96, 65.0), (0.98, 75.0))
# Points of looks for an SSIM of 1, below and above that, and the most that is asked for unnamed.
BELOW, ABOVE = 250.0, 1000.0
HIGHEST_LOOKS = 90.0
LOOKS_P10_BELOW = 8.0
DELTA_E_P95_RATIO = 2.75
# Greatest errors of the worst places that go with a mean SSIM and with looks alone, straight lines
# between, and how much greater the 90th percentile may be.
LOCAL_BY_SSIM = ((0.90, 3.0), (0.92, 2.6), (0.95, 2.0), (0.98, 1.4), (0.99, 1.0))
LOCAL_BY_LOOKS = ((40, 3.1), (50, 2.5), (60, 2.1), (70, 1.6), (80, 1.1), (86, 0.75), (90, 0.6))
LOCAL_P90_RATIO = 1.5
# SSIMULACRA2 sees colour too: where it is the only target, the colour guard is a safety net.
QUALITY_ALONE_DELTA_E = 2.5


@dataclass(frozen=True, slots=True)
class Target:
    """The quality contract's figures.

    Attributes
    ----------
    mean, p10 : float
        Least mean and 10th percentile of the frames' SSIM, 0..1.
    looks : float
        Least mean SSIMULACRA2; the 10th percentile may be 8 lower. 0 turns it off.
    delta_e : float
        Greatest mean CIEDE2000; the 95th percentile may be 2.75 times as much.
    variance : float or None
        Greatest variance of the frames' SSIM.
    local : float
        Greatest mean error of the frames' worst places; the 90th percentile may be half as much
        again. 0 turns it off, and with it the limit of missed changes.
    """

    mean: float
    p10: float
    looks: float
    delta_e: float = 2.0
    variance: float | None = None
    local: float = 0.0

    @property
    def local_p90(self) -> float:
        """Greatest 90th percentile of the worst places' error."""
        return self.local * LOCAL_P90_RATIO

    @property
    def delta_e_p95(self) -> float:
        """Greatest 95th percentile of CIEDE2000."""
        return self.delta_e * DELTA_E_P95_RATIO

    @property
    def looks_p10(self) -> float:
        """Least 10th percentile of SSIMULACRA2."""
        return self.looks - LOOKS_P10_BELOW


PRESETS = {
    "messaging": Target(0.96, 0.92, 65.0),
    "social": Target(0.95, 0.90, 55.0),
    "email": Target(0.92, 0.88, 45.0, variance=0.0004),
    "lossless-look": Target(0.985, 0.985, 85.0),
}
DEFAULT_SSIM = 0.95
# What a quality means to somebody who looks; the pages have the same words.
QUALITY_WORDS = (
    (90.0, "looks like the source"),
    (80.0, "very hard to tell from the source"),
    (70.0, "good: losses show on a close look"),
    (55.0, "fair: losses show"),
    (40.0, "plain losses"),
)
ROUGH = "rough"


def looks_floor(ssim: float) -> float:
    """Return the default SSIMULACRA2 floor for a mean SSIM."""
    return min(max(quality_of_ssim(ssim), 0.0), HIGHEST_LOOKS)


def quality_of_ssim(ssim: float) -> float:
    """Return the quality that goes with a mean SSIM."""
    points = LOOKS_FLOORS
    if ssim <= points[0][0]:
        return points[0][1] - (points[0][0] - ssim) * BELOW
    if ssim >= points[-1][0]:
        return points[-1][1] + (ssim - points[-1][0]) * ABOVE
    return on_lines(points, ssim)


def quality_words(quality: float) -> str:
    """Return what a quality, 0 to 100, means to somebody who looks."""
    return next((words for least, words in QUALITY_WORDS if quality >= least), ROUGH)


def local_limit(target: Target) -> float:
    """Return the greatest error of the worst places that goes with a target's SSIM or looks."""
    points, at = (LOCAL_BY_SSIM, target.mean) if target.mean else (LOCAL_BY_LOOKS, target.looks)
    return points[-1][1] if at >= points[-1][0] else on_lines(points, at)


def on_lines(points: Sequence[tuple[float, float]], at: float) -> float:
    """Return what lies on the lines through points at a place; the outer lines go on."""
    lines = list(pairwise(points))
    (x0, y0), (x1, y1) = next((line for line in lines if at <= line[1][0]), lines[-1])
    return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
