"""Where the search for a frame's lambda begins, and what its errors weigh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ssimgif.image import Area
from ssimgif.metrics import LOCAL, PARTS
from ssimgif.model import F32, F64
from ssimgif.ratecontrol.lambda_search import DEFAULT_SLOPE, Experience
from ssimgif.ratecontrol.masking import ContourGuard, PlaceGuard
from ssimgif.target import Target

FIRST_LAMBDA = 3.5
CHROMA_RANGE = (0.0002, 0.02)
FIRST_CHROMA = 0.0012
FIRST_DENSITY = 1.0
# Log of the chroma weight that a unit of margin is worth, and at the start of an estimate.
CHROMA_GAIN = 1.2
QUICK_CHROMA_GAIN = 2.5
# Frames after one whose lossless coding was far too large that do without, unless they take as many
# bytes themselves; the next time they are twice as many, up to the most.
EXACT_REST = 7
MOST_EXACT_REST = 63
# Frames after which it is measured again how bad the worst places are in the nearest colours, and
# how much worse a frame may be at the least.
REACH_EVERY = 10
REACH = 1.5
# The same where a quality is all that is asked: it is to look alike on any content.
SOLE_REACH = 1.25


Measure = Callable[[], float | None]


def reach_factor(target: Target) -> float:
    """Return how much worse than in the nearest colours the worst places may be at the least."""
    return REACH if target.mean else SOLE_REACH


@dataclass(frozen=True, slots=True)
class Emphasis:
    """What errors weigh.

    Attributes
    ----------
    chroma : float
        A squared chroma error against that of luma.
    smooth : f32[h, w] or None
        What is added to 1, the weight of luma, where the picture is smooth.
    """

    chroma: float
    smooth: F32 | None = None


@dataclass(slots=True)
class RateControlState:
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
    exact_bytes : float
        What the last lossless coding that was far too large took, at the least.
    density : float
        Bits that a pixel of what was searched last took.
    strained : bool
        Whether the scene's palette may well be too poor for the next frame.
    contours : ContourGuard
    cropped : list of Area
        Rectangles to which the last trials were cropped.
    reach : float
        The least error of the worst places that is worth its bits in the palette, where last
        measured.
    reach_in : int
        Frames until it is measured again.
    """

    experience: Experience = field(
        default_factory=lambda: Experience(FIRST_LAMBDA, np.full(PARTS, DEFAULT_SLOPE))
    )
    chroma: float = FIRST_CHROMA
    gain: float = CHROMA_GAIN
    exact_in: int = 0
    exact_rest: int = EXACT_REST
    exact_bytes: float = 0.0
    density: float = FIRST_DENSITY
    strained: bool = True
    contours: ContourGuard = field(default_factory=ContourGuard)
    places: PlaceGuard = field(default_factory=PlaceGuard)
    cropped: list[Area] = field(default_factory=list)
    reach: float = 0.0
    reach_in: int = 0

    def keep_within_reach(self, target: Target, local: float, measure: Measure) -> float:
        """Return a limit of the worst places' error, raised to what is worth its bits.

        Noise that 256 colours can't show costs bytes without end, and nobody sees it better.

        Parameters
        ----------
        target : Target
            Of the clip.
        local : float
        measure : callable
            Measures the next frame in its nearest colours.
        """
        if self.reach_in == 0:
            self.reach, self.reach_in = reach_factor(target) * (measure() or 0.0), REACH_EVERY
        self.reach_in -= 1
        return max(local, self.reach)

    @property
    def emphasis(self) -> Emphasis:
        """What errors weigh in the next frame."""
        return Emphasis(self.chroma, self.contours.weight)

    def balance(self, margins: F64, slack: float) -> None:
        """Shift weight between luma and chroma so that both their requirements bind.

        With two requirements the fewest bytes are spent where neither has anything to spare.
        Looks and the worst places need both: where they have less to spare than colour has, chroma
        keeps its usual weight.
        """
        ssim, looks = float(margins[0]), float(min(margins[1], margins[LOCAL]))
        color = float(margins[2:4].min() - np.log1p(slack))
        step = (min(ssim, looks) - color) * self.gain
        if looks < color:
            step = np.log(FIRST_CHROMA / self.chroma)
        step = np.clip(step, -0.5, 0.5)
        self.chroma = float(np.clip(self.chroma * np.exp(step), *CHROMA_RANGE))

    def skips_exact(self, size: int) -> bool:
        """Tell whether a frame of so many bytes does without a lossless coding."""
        if self.exact_in == 0 or size > self.exact_bytes:
            return False
        self.exact_in -= 1
        return True

    def note_exact(self, least: float | None) -> None:
        """Take in what a lossless coding that was far too large had at the least, else None."""
        if least is None:
            self.exact_rest = EXACT_REST
            return
        self.exact_bytes = least
        self.exact_in = self.exact_rest
        self.exact_rest = min(2 * self.exact_rest + 1, MOST_EXACT_REST)

    def copy(self) -> RateControlState:
        """Return one that goes its own way: with the same lambda and chroma, and nothing else.

        What exact codings took, whether the palette did, and where faults showed belongs to the
        frames before.
        """
        return RateControlState(self.experience.copy(), self.chroma)
