"""What an effort of 1 to 9 buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SpeedSettings:
    """How much work the encoder does.

    Attributes
    ----------
    beam : int
        Partial phrases that the rate-distortion search keeps.
    look_ahead : int
        Cut points weighed by the phrase that would follow; 0 is none.
    trials : int
        Lambdas that a frame gets to meet its requirement.
    tolerance : float
        Accepted excess of log lambda over the least valid one.
    colors : tuple of int
        Palette sizes tried on sample frames, the transparent entry left out.
    samples : int
        Frames of a scene that its palettes are made of and judged by.
    run : int
        Frames that are coded for trial, at each of two places.
    local_tables : {"none", "largest", "all"}
        Of which sizes a palette for each frame competes with the scene's. Frames that the scene's
        palette can't bring to the target get one of their own in any case.
    temporal_filter : bool
        Whether weakening noise before coding is tried.
    also : tuple of int
        Levels at which the whole clip is coded too; the smallest is kept.
    first_span : float
        Bits by which a phrase's first colour may be dearer than the cheapest one.
    crops : bool
        Whether smaller rectangles are tried.
    early_termination : bool
        Whether only what moves is drawn where that does, a frame that just misses its share is left
        as it is where others make up for it, and its looks and colours are known one frame later.
    color_step : int
        Colour differences are measured in every row, in every second one, and so on.
    estimates : bool
        Whether palettes are coded for trial. If not, how near their colours come must do.
    """

    beam: int
    look_ahead: int
    trials: int
    tolerance: float
    colors: tuple[int, ...]
    samples: int
    run: int
    local_tables: Literal["none", "largest", "all"] = "largest"
    temporal_filter: bool = False
    also: tuple[int, ...] = ()
    first_span: float = 8.0
    crops: bool = True
    early_termination: bool = False
    color_step: int = 1
    estimates: bool = True


_FEW = (31, 63, 127, 255)
_USUAL = (15, *_FEW)
_MANY = (7, 15, 31, 47, 63, 95, 127, 191, 255)
_QUICK = SpeedSettings(
    beam=12,
    look_ahead=0,
    trials=1,
    tolerance=0.15,
    colors=_USUAL,
    samples=2,
    run=1,
    first_span=2.0,
    crops=False,
    early_termination=True,
    color_step=4,
    estimates=False,
)
_LEVELS = (
    _QUICK,
    SpeedSettings(12, 0, 2, 0.12, (31, 63, 255), 2, 2),
    SpeedSettings(12, 0, 3, 0.10, _FEW, 2, 4),
    SpeedSettings(12, 0, 3, 0.08, _USUAL, 2, 5),
    SpeedSettings(12, 0, 4, 0.06, _USUAL, 3, 6),
    SpeedSettings(12, 0, 6, 0.05, (7, *_USUAL), 3, 8, "largest", True, (5,)),
    SpeedSettings(16, 2, 6, 0.05, _MANY, 4, 12, "all", True, (5, 3)),
    SpeedSettings(16, 3, 6, 0.04, (23, *_MANY), 4, 20, "all", True, (7, 5, 4, 3)),
    SpeedSettings(24, 4, 6, 0.04, (11, 23, *_MANY), 5, 40, "all", True, (8, 7, 5, 4, 3, 2)),
)
HIGHEST = len(_LEVELS)


def speed_settings(level: int) -> SpeedSettings:
    """Return what a level of 1 to 9 buys."""
    return _LEVELS[level - 1]
