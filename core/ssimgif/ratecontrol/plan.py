"""How a scene is coloured, as the palette search decides and every pass over it follows."""

from __future__ import annotations

from dataclasses import dataclass

from ssimgif.model import Palette, PaletteCandidate
from ssimgif.ratecontrol.state import RateControlState


@dataclass(frozen=True, slots=True, eq=False)
class PalettePlan:
    """How a scene is coloured.

    Attributes
    ----------
    palette : Palette or None
        The scene's palette; None where each frame gets its own.
    size : int
        Colours, the transparent entry left out.
    strategy : str
        Its name.
    start : RateControlState
        What met the target on the samples.
    score : float
        Least SSIM of the samples when mapped to the nearest colours.
    bytes : float
        Estimate for the scene, its table included; infinite where the target is out of reach.
    filtered : bool
        Whether noise is weakened before coding.
    banded : bool
        Whether the samples show false contours, coded without dither.
    lossless : bool
        Whether frames are coded exactly in the palette, without a search.
    candidates : tuple of PaletteCandidate
        All that were tried.
    exact : Palette or None
        All colours of the scene's samples, where they are that few.
    runner_up : PalettePlan or None
        Another way that may well take fewer bytes, by what the estimates are worth.
    """

    palette: Palette | None
    size: int
    strategy: str
    start: RateControlState
    score: float
    bytes: float
    filtered: bool = False
    banded: bool = True
    lossless: bool = False
    candidates: tuple[PaletteCandidate, ...] = ()
    exact: Palette | None = None
    runner_up: PalettePlan | None = None
