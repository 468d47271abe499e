"""Everything about a frame that can be worked out before the frame ahead of it is coded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ssimgif.dither import Dithering
from ssimgif.encoder import rd_lzw
from ssimgif.encoder.denoise import TemporalFilter
from ssimgif.image import Canvas, map_nearest, white
from ssimgif.kernels.phrase_search import CHROMA, LUMA
from ssimgif.lookahead import Shown
from ssimgif.metrics import UNMASKED, FrameReference, FrameScore
from ssimgif.model import F32, U8, Palette
from ssimgif.ratecontrol import Emphasis
from ssimgif.target import Target

# The least price of an error of chroma beside that of one of luma: anywhere, and, where all luma
# around is the same, as in drawings, beside that of luma where nothing masks.
FLAT_CHROMA, EVEN_CHROMA = 0.25, 1.0
# What a frame that holds a pixel adds to the weight of an error there.
REST_SHARE = 0.12


@dataclass(frozen=True, eq=False)
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
    dithered : u8[h, w] or None
        Its palette indices if it is dithered anywhere.
    layout : f32[h, w, 6]
        ``wanted`` as the search takes it; see `rd_lzw.lay_out`. Errors weigh more where
        they will stay on screen.
    """

    now: Shown
    reference: FrameReference
    palette: Palette
    wanted: U8
    dithered: U8 | None
    layout: F32

    @cached_property
    def indices(self) -> U8:
        """``wanted`` in its nearest palette colours, u8[h, w]."""
        return map_nearest(self.wanted, self.palette) if self.dithered is None else self.dithered

    def plain(self, palette: Palette) -> Prepared:
        """Return the frame without dithering, in a palette that may be another."""
        wanted = self.now.canvas.rgb
        weights, chroma = self.layout[..., LUMA], self.layout[..., CHROMA]
        layout = rd_lzw.lay_out(wanted, weights, palette, chroma)
        return replace(self, palette=palette, wanted=wanted, dithered=None, layout=layout)

    @cached_property
    def best(self) -> FrameScore:
        """What the frame scores in its nearest palette colours, without dither."""
        return self.reference.score(in_nearest_colors(self.reference, self.palette))


@dataclass(slots=True, eq=False)
class Preparer:
    """Prepares the frames of a clip, in order.

    Attributes
    ----------
    target : Target
    dithering : Dithering
    color_step : int
        Colour differences are measured in every ``color_step``-th row.
    temporal : TemporalFilter
    """

    target: Target
    dithering: Dithering
    color_step: int = 1
    temporal: TemporalFilter = field(default_factory=TemporalFilter)
    _previous: FrameReference | None = None

    def _reference(self, now: Shown) -> FrameReference:
        """Return the next source frame as the metrics see it."""
        given = self.target, self.color_step, now.before, self._previous
        self._previous = FrameReference(now.canvas, *given)
        return self._previous

    def prepare(
        self,
        now: Shown,
        palette: Palette | Callable[[FrameReference], Palette],
        emphasis: Emphasis,
        filtered: bool = False,
        banded: bool = True,
        reference: FrameReference | None = None,
    ) -> Prepared:
        """Prepare one frame.

        Parameters
        ----------
        now : Shown
        palette : Palette or callable
            The scene's, or a maker of the frame's own, which may take a while.
        emphasis : Emphasis
        filtered : bool
            Whether noise that comes and goes is weakened. Scores are against the frame as it is.
        banded : bool
            Whether false contours are to be expected without dither.
        reference : FrameReference, optional
            Of the frame, where it was made before.
        """
        reference = reference or self._reference(now)
        source = self._source(now, filtered)
        colors = palette if isinstance(palette, Palette) else palette(reference)
        wanted, dithered = source, None
        if self.dithering.looks(banded):
            nearest = map_nearest(source, colors)
            dithered = self.dithering.indices(source, nearest, colors, reference)
            if dithered is not None:
                changed = (dithered != nearest)[..., None]
                wanted = np.where(changed, colors.colors[dithered], source)
        lasting = 1.0 + np.float32(REST_SHARE) * now.rest
        prices = reference.prices
        weights = prices.luma * lasting
        if emphasis.smooth is not None:
            weights *= 1.0 + emphasis.smooth * reference.banding.smooth
        chroma = np.float32(emphasis.chroma) * prices.chroma_gain
        least = np.float32(FLAT_CHROMA) * prices.luma
        least[prices.even] = EVEN_CHROMA * UNMASKED
        chroma = lasting * np.maximum(chroma, least)
        layout = rd_lzw.lay_out(wanted, weights, colors, chroma)
        return Prepared(now, reference, colors, wanted, dithered, layout)

    def _source(self, now: Shown, filtered: bool) -> U8:
        if filtered:
            return self.temporal(now.canvas.rgb)
        self.temporal.restart()
        return now.canvas.rgb


def in_nearest_colors(source: FrameReference, palette: Palette) -> U8:
    """Return a frame in its nearest palette colours, on white, u8[h, w, 3]."""
    # Three times as fast as an index.
    colors = np.take(palette.colors, map_nearest(source.rgb, palette), axis=0)
    return white(Canvas(colors, source.opaque))
