"""Code one frame in several ways: rate-distortion LZW at a lambda, and exactly.

A coding is the block's bytes together with what a decoder then shows, so that every way can be
judged by the same contract.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssimgif.gif import lzw, ratedistortion
from ssimgif.gif.canvas import Area, Canvas, draw
from ssimgif.gif.tables import minimum_code_size
from ssimgif.gif.writer import data_bytes, overhead_bytes
from ssimgif.model import F32, U8, CodedFrame, Disposal, Palette
from ssimgif.nearest import map_nearest

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Coding:
    """One way to code a frame.

    Attributes
    ----------
    data : bytes
        LZW codes.
    area : Area
        The block's rectangle.
    canvas : Canvas
        What is on screen once the block is drawn.
    method : str
        How it was made, for the report.
    """

    data: bytes
    minimum_code_size: int
    palette: Palette
    area: Area
    canvas: Canvas
    method: str

    @property
    def size(self) -> int:
        """Bytes in the file, colour table left out."""
        return data_bytes(len(self.data)) + overhead_bytes(None)

    def frame(self, delay: int, disposal: Disposal) -> CodedFrame:
        """Return the block as the writer takes it."""
        area = self.area
        return CodedFrame(
            self.data,
            self.minimum_code_size,
            self.palette,
            area.left,
            area.top,
            area.width,
            area.height,
            disposal,
            delay,
        )


@dataclass(frozen=True, slots=True, eq=False)
class FrameCoder:
    """Everything about a frame that does not change from one coding to the next.

    Attributes
    ----------
    wanted : u8[h, w, 3]
        The picture to come close to.
    opaque : bool[h, w]
        Pixels that show something; the others must stay transparent.
    weights : f32[h, w]
        Weight of a squared luma error.
    palette : Palette
        Needs a transparent entry unless the frame is the first and all opaque.
    screen : Canvas
        What the frame is drawn upon.
    area : Area
        Where it may draw.
    chroma : float
        Weight of a squared chroma error against that of luma.
    beam, look_ahead : int
        Width of the search for phrases.
    """

    wanted: U8
    opaque: Bool
    weights: F32
    palette: Palette
    screen: Canvas
    area: Area
    chroma: float
    beam: int
    look_ahead: int = 0

    def problem(self, area: Area) -> ratedistortion.Problem:
        """Prepare the search in a rectangle, to be reused for every lambda."""
        part = area.slices
        return ratedistortion.prepare(
            np.ascontiguousarray(self.wanted[part]),
            np.ascontiguousarray(self.weights[part]),
            self.palette,
            screen=np.ascontiguousarray(self.screen.rgb[part]),
            holdable=np.ascontiguousarray(self._holdable()[part]),
            opaque=np.ascontiguousarray(self.opaque[part]),
            chroma=self.chroma,
        )

    def rate_distortion(self, problem: ratedistortion.Problem, area: Area, lam: float) -> Coding:
        """Code by the search that trades bits for weighted squared error."""
        result = ratedistortion.encode(problem, lam, beam=self.beam)
        return self._coding(
            result.data, result.minimum_code_size, result.indices, area, "rate-distortion"
        )

    def exact(self, indices: U8, method: str) -> Coding:
        """Code given palette indices u8[h, w] without loss, unchanged pixels left as they are."""
        same = self._holdable() & (self.palette.colors[indices] == self.screen.rgb).all(axis=2)
        part = self.area.slices
        cut, held = np.ascontiguousarray(indices[part]), np.ascontiguousarray(same[part])
        size = minimum_code_size(len(self.palette.colors))
        transparent = self.palette.transparent
        if transparent is None:
            return self._coding(lzw.encode(cut, size), size, cut, self.area, method)
        cut[~self.opaque[part]] = transparent
        data = lzw.encode_ties(cut, held, transparent, size)
        return self._coding(data, size, cut, self.area, method)

    def nearest(self) -> U8:
        """Return the nearest palette index of each pixel, u8[h, w]."""
        return map_nearest(self.wanted, self.palette)

    def _holdable(self) -> Bool:
        if self.palette.transparent is None:
            return np.zeros_like(self.opaque)
        return self.screen.opaque & self.opaque

    def _coding(self, data: bytes, code_size: int, indices: U8, area: Area, method: str) -> Coding:
        canvas = draw(self.screen, indices, self.palette, area)
        return Coding(data, code_size, self.palette, area, canvas, method)
