"""Code one frame in several ways: rate-distortion LZW at a lambda, and exactly.

A coding is the block's bytes together with what a decoder then shows, so that every way can be
judged by the same contract.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np

from ssimgif.encoder import rd_lzw
from ssimgif.encoder.crop import Price, crop
from ssimgif.encoder.slices import encode_slices
from ssimgif.gif import Patch, data_bytes, lzw, minimum_code_size, overhead_bytes, patch, reparsed
from ssimgif.host import Guess, spare, start, together
from ssimgif.image import Area, Canvas, draw
from ssimgif.kernels.crop import changed_rectangle, held_errors
from ssimgif.kernels.phrase_search import FLOOR
from ssimgif.model import F32, U8, Bool, CodedFrame, Disposal, Palette

# Choosing between ties never makes data smaller by more than this.
FAR_LARGER = 1.5
# A rectangle is cropped where less than this share of it remains.
WORTH_CROPPING = 0.9
# Rectangles of the last trials that are kept in mind.
LAST_CROPPED = 8
# Bits that each pixel of a rectangle takes, and what more each that is drawn: two guesses, of
# which the second crops more.
PRICES = ((0.04, 2.0), (0.5, 6.0))


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

    @property
    def density(self) -> float:
        """Bits that a pixel takes."""
        return 8 * len(self.data) / (self.area.width * self.area.height)

    def reparsed(self, screen: Canvas) -> Coding:
        """Return the block in the fewest bytes known for its pixels.

        Parameters
        ----------
        screen : Canvas
            What it is drawn upon.
        """
        part = self.area.slices
        given = (self.data, self.minimum_code_size, self.palette)
        return replace(self, data=reparsed(*given, screen.rgb[part], screen.opaque[part]))

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
class Plain:
    """What a frame draws without loss, and LZW codes of it."""

    part: Patch
    data: bytes

    def may_become(self, limit: int | None) -> bool:
        """Tell whether the fewest bytes for it may be hardly more than a limit, if there is one."""
        return limit is None or len(self.data) <= FAR_LARGER * limit


@dataclass(frozen=True, eq=False)
class FrameCoder:
    """Codes one frame upon what is on screen.

    Attributes
    ----------
    wanted : u8[h, w, 3]
        The picture to come close to.
    opaque : bool[h, w]
        Pixels that show something; the others must stay transparent.
    layout : f32[h, w, 6]
        ``wanted`` as the search takes it; see `rd_lzw.lay_out`.
    palette : Palette
        Needs a transparent entry unless the frame is the first and all opaque.
    screen : Canvas
        What the frame is drawn upon.
    clear : bool[h, w] or None
        Pixels that the rectangle must cover, because its disposal clears them.
    search : Search
        How widely codes are searched.
    crops : bool
        Whether rectangles without margins that are hardly worth their bits are tried.
    cropped : list of Area
        Rectangles to which the last trials, also of frames before, were cropped. Threads that have
        nothing to do search at once what is among them twice: it is likely to be there again.
    """

    wanted: U8
    opaque: Bool
    layout: F32
    palette: Palette
    screen: Canvas
    clear: Bool | None
    search: rd_lzw.Search = rd_lzw.USUAL
    crops: bool = True
    cropped: list[Area] = field(default_factory=list)
    _guesses: dict[tuple[Area, float, float], Guess[rd_lzw.RdResult]] = field(default_factory=dict)

    @cached_property
    def area(self) -> Area:
        """Return the rectangle to draw in: what differs from the screen or is to be cleared."""
        wanted = Canvas(self.wanted, self.opaque)
        changes = self.screen.differs(wanted)
        if self.clear is not None:
            changes |= self.clear
        return Area.around(changes) or Area(0, 0, 1, 1)

    def _problem(self, area: Area) -> rd_lzw.Problem:
        """Return the search in a rectangle, prepared for any lambda."""
        part = area.slices
        return rd_lzw.prepare(
            self.layout[part],
            self.palette,
            screen=self.screen.rgb[part],
            holdable=self._holdable()[part],
            opaque=self.opaque[part],
        )

    @cached_property
    def problem(self) -> rd_lzw.Problem:
        """The search in the whole rectangle."""
        return self._problem(self.area)

    def rate_distortion(
        self, lam: float, known: Area | None = None, density: float = 0.0
    ) -> list[Coding]:
        """Code by the search that trades bits for weighted squared error.

        Parameters
        ----------
        lam : float
            Bits that one unit of error is worth.
        known : Area, optional
            The only rectangle to try, where it covers what must be covered.
        density : float
            Bits that a pixel is expected to take.

        Returns
        -------
        list of Coding
            The rectangle cropped to what the search draws and, where there are such margins, also
            without those that are hardly worth their bits.
        """
        price = lam, density
        if known is not None and self._may_be(known):
            return [self._within(known, *price)]
        for likely, times in Counter(self.cropped).items() if spare() else ():
            if times > 1 and _worth_cropping(likely, self.area) and self.area.contains(likely):
                self._guesses[likely, lam, density] = Guess(partial(self._search, likely, *price))
        codings = self._cropped_codings(*price)
        for guess in self._guesses.values():
            guess.drop()
        self._guesses.clear()
        return codings

    def _cropped_codings(self, lam: float, density: float) -> list[Coding]:
        price = lam, density
        result = self._searched(self.area, *price)
        waiting_tight = start(lambda: self._tight(result, self.area, *price))
        prices = [Price(lam, *bits) for bits in PRICES] if self.crops else []
        _ = self._held_errors, self._floor
        inside = together(lambda one: self._cropped(result.indices, one), prices)
        tight = waiting_tight()
        codings = [tight]
        inside = [inner for inner in inside if _worth_cropping(inner, tight.area)]
        waiting = [start(partial(self._within, inner, *price)) for inner in inside]
        for inner, coding in zip(inside, waiting, strict=True):
            if _worth_cropping(inner, codings[-1].area):
                codings.append(coding())
        found = {area for area in (tight.area, *inside) if area != self.area}
        self.cropped[:] = [*found, *self.cropped][:LAST_CROPPED]
        return codings

    def _within(self, area: Area, *price: float) -> Coding:
        """Code a rectangle, and once more what of it changes."""
        return self._tight(self._searched(area, *price), area, *price)

    def _may_be(self, area: Area) -> bool:
        """Tell whether a rectangle is inside the frame and covers all that it must."""
        height, width = self.opaque.shape
        must = Area.around(self._must | (self.opaque & ~self.screen.opaque)) or area
        return Area(0, 0, width, height).contains(area) and area.contains(must)

    def _cropped(self, indices: U8, price: Price) -> Area:
        transparent = self.palette.transparent
        if transparent is None:
            return self.area
        part = self.area.slices
        given = (self._held_errors, self._floor, self._must[part], price)
        return crop(indices, transparent, *given).moved(self.area.left, self.area.top)

    @cached_property
    def _floor(self) -> F32:
        """The least weighted squared errors in the whole rectangle."""
        return np.ascontiguousarray(self.layout[self.area.slices][..., FLOOR])

    @cached_property
    def _held_errors(self) -> F32:
        """The weighted squared errors in the whole rectangle if the screen stays."""
        out = np.empty(self.area.height * self.area.width, np.float32)
        held_errors(self.problem.picture, out)
        return out.reshape(self.area.height, self.area.width)

    def _tight(self, result: rd_lzw.RdResult, area: Area, *price: float) -> Coding:
        """Return a coding in the rectangle around what it changes or its disposal clears."""
        while True:
            inner = self._changed(result.indices, area)
            if not _worth_cropping(inner, area):
                break
            area, result = inner, self._searched(inner, *price)
        return self._coding(
            result.data, result.minimum_code_size, result.indices, area, "rate-distortion"
        )

    def _changed(self, indices: U8, area: Area) -> Area:
        """Return the rectangle around the pixels that a coding changes or its disposal clears."""
        part, found = area.slices, np.empty(4, np.int64)
        shown, opaque = self.screen.rgb[part], self.screen.opaque[part]
        transparent = self.palette.transparent_index
        given = (indices, self.palette.colors, transparent, shown, opaque, self._must[part])
        changed_rectangle(*given, found)
        top, bottom, left, right = (int(line) for line in found)
        if bottom < top:
            return Area(area.left, area.top, 1, 1)
        return Area(area.left + left, area.top + top, right - left + 1, bottom - top + 1)

    @cached_property
    def _must(self) -> Bool:
        """What the rectangle must cover, whatever is drawn."""
        return np.zeros_like(self.opaque) if self.clear is None else self.clear

    def _searched(self, area: Area, lam: float, density: float) -> rd_lzw.RdResult:
        """Search a rectangle, unless that has been begun."""
        guess = self._guesses.get((area, lam, density))
        return guess.result() if guess else self._search(area, lam, density)

    def _search(self, area: Area, lam: float, density: float) -> rd_lzw.RdResult:
        problem = self.problem if area == self.area else self._problem(area)
        return encode_slices(problem, lam, self.search, density)

    def exact(self, indices: U8) -> Coding:
        """Code given palette indices u8[h, w] without loss, unchanged pixels left as they are."""
        coding = self.finished(self.plain(indices))
        assert coding is not None, "there was no limit"
        return coding

    def plain(self, indices: U8) -> Plain:
        """Code given palette indices u8[h, w] without loss, all that may be held held."""
        transparent = self.palette.transparent
        if transparent is not None:
            indices = np.where(self.opaque, indices, np.uint8(transparent))
        part = patch(self.screen, indices, self.palette, self.clear)
        if part is None:
            part = Patch(Area(0, 0, 1, 1), indices[:1, :1], np.ones((1, 1), np.bool_))
        held = part.indices if transparent is None else part.filled(transparent)
        return Plain(part, lzw.encode(held, minimum_code_size(len(self.palette.colors))))

    def finished(self, plain: Plain, limit: int | None = None) -> Coding | None:
        """Code without loss in the fewest bytes, held pixels in either way.

        Parameters
        ----------
        plain : Plain
        limit : int, optional
            Bytes that must not be far exceeded for the coding to be of use.

        Returns
        -------
        Coding or None
            None where the plain coding says that it will be far larger than the limit.
        """
        part, data, transparent = plain.part, plain.data, self.palette.transparent
        if not plain.may_become(limit):
            return None
        size = minimum_code_size(len(self.palette.colors))
        if transparent is not None:
            data = lzw.encode_ties(part.indices, part.held, transparent, size)
        return self._coding(data, size, part.indices, part.area, "exact")

    def _holdable(self) -> Bool:
        if self.palette.transparent is None:
            return np.zeros_like(self.opaque)
        return self.screen.opaque & self.opaque

    def _coding(self, data: bytes, code_size: int, indices: U8, area: Area, method: str) -> Coding:
        canvas = draw(self.screen, indices, self.palette, area)
        return Coding(data, code_size, self.palette, area, canvas, method)


def _worth_cropping(inner: Area, area: Area) -> bool:
    return inner.width * inner.height < WORTH_CROPPING * area.width * area.height
