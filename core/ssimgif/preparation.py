"""Everything about a frame that can be worked out before the frame ahead of it is coded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from ssimgif.dithering import Dithering
from ssimgif.gif import ratedistortion
from ssimgif.gif.canvas import Canvas, white
from ssimgif.model import F32, U8, Palette
from ssimgif.nearest import map_nearest
from ssimgif.playback import Shown
from ssimgif.quality.contract import FrameScore
from ssimgif.scoring import FrameReference
from ssimgif.settings import Target
from ssimgif.temporal import TemporalFilter

# What a frame that holds a pixel adds to the weight of an error there.
REST_SHARE = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A frame, ready to be coded upon whatever is on screen.

    Attributes
    ----------
    now : Shown
    reference : FrameReference
    palette : Palette
    wanted : u8[h, w, 3]
        The picture to come close to: the source, filtered if so planned, and dithered where that
        is worth it.
    dithered : bool
    indices : u8[h, w]
        ``wanted`` in its nearest palette colours.
    weights : f32[h, w]
        Weight of a squared luma error, more where it will stay on screen.
    chroma : f32[h, w]
        The same of a squared chroma error.
    floor : f32[h, w]
        The least weighted error that the palette allows.
    best : FrameScore or None
        What the frame scores in the nearest colours, without dither, if that was asked for.
    """

    now: Shown
    reference: FrameReference
    palette: Palette
    wanted: U8
    dithered: bool
    indices: U8
    weights: F32
    chroma: F32
    floor: F32
    best: FrameScore | None

    def plain(self, palette: Palette) -> Prepared:
        """Return the frame without dithering, in a palette that may be another."""
        wanted = _source(self.now)
        indices = map_nearest(wanted, palette)
        return replace(
            self,
            palette=palette,
            wanted=wanted,
            dithered=False,
            indices=indices,
            floor=ratedistortion.least_errors(wanted, self.weights, palette, self.chroma),
            best=_in_colors(self.now, indices, palette, self.reference),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Preparer:
    """Prepares the frames of a clip, in order.

    Attributes
    ----------
    target : Target
    dithering : Dithering
    temporal : TemporalFilter
    reach : bool
        Whether to score the nearest colours, for where a richer palette can stand in.
    """

    target: Target
    dithering: Dithering
    temporal: TemporalFilter = field(default_factory=TemporalFilter)
    reach: bool = True

    def prepare(
        self,
        now: Shown,
        palette: Callable[[], Palette],
        chroma: float,
        filtered: bool = False,
        banded: bool = True,
    ) -> Prepared:
        """Prepare one frame.

        Parameters
        ----------
        now : Shown
        palette : callable
            Gives the frame's palette, which may take a while.
        chroma : float
            Weight of a squared chroma error against that of luma.
        filtered : bool
            Whether noise that comes and goes is weakened. Scores are against the frame as it is.
        banded : bool
            Whether false contours are to be expected without dither.
        """
        colors = palette()
        reference = FrameReference(now.pixels, self.target)
        source = self._source(now, filtered)
        indices = map_nearest(source, colors)
        dithered = None
        if banded or not self.dithering.automatic:
            dithered = self.dithering.indices(source, indices, colors, reference)
        wanted = source
        if dithered is not None:
            changed = (dithered != indices)[..., None]
            wanted = np.where(changed, colors.colors[dithered], source)
        lasting = 1.0 + np.float32(REST_SHARE) * now.rest
        weights = reference.weights() * lasting
        chroma_weights = np.float32(chroma) * lasting
        return Prepared(
            now,
            reference,
            colors,
            wanted,
            dithered is not None,
            indices if dithered is None else dithered,
            weights,
            chroma_weights,
            ratedistortion.least_errors(wanted, weights, colors, chroma_weights),
            _in_colors(now, indices, colors, reference) if self.reach else None,
        )

    def _source(self, now: Shown, filtered: bool) -> U8:
        if filtered:
            return self.temporal(_source(now))
        self.temporal.restart()
        return _source(now)


def _in_colors(now: Shown, indices: U8, palette: Palette, reference: FrameReference) -> FrameScore:
    return reference.score(white(Canvas(palette.colors[indices], now.pixels[..., 3] == 255)))


def _source(now: Shown) -> U8:
    return np.ascontiguousarray(now.pixels[..., :3])
