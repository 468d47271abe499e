"""A picture beside its source, each metric worked out once, and only where something has changed.

What a metric finds at a pixel depends on the pixels around it alone. So where a source and a
picture differ from another pair of them within a rectangle only, what is known of that pair holds
but for the rectangle and what it reaches. That is exact: the sums are taken over the same parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from ssimgif.image import Area
from ssimgif.metrics.ciede2000 import ColorErrors, ColorReference, Histogram
from ssimgif.metrics.local import LocalErrors, LocalReference
from ssimgif.metrics.picture import Picture, union
from ssimgif.metrics.ssim import SsimReference, mean_ssim
from ssimgif.metrics.ssimulacra2 import LooksErrors, LooksReference
from ssimgif.model import F32, U8

# Share of a picture from which on all of it is worked out: with what it reaches, a rectangle of it
# is nearly all of the picture.
MOST_SHARE = 0.5

P_contra = TypeVar("P_contra", contravariant=True)
E = TypeVar("E")


class Source:
    """A source frame as the metrics take it.

    Parameters
    ----------
    picture : Picture
    step : int
        Colour differences are measured in every ``step``-th row.
    looks, local : bool
        Whether these are measured.
    like : Source, optional
        A source that differs in a rectangle alone, and ``area`` that rectangle.
    """

    def __init__(
        self,
        picture: Picture,
        step: int,
        looks: bool,
        local: bool,
        like: tuple[Source, Area] | None = None,
    ) -> None:
        self.picture = picture
        if like is None:
            self.ssim = SsimReference(picture.luma)
        else:
            self.ssim = like[0].ssim.following(picture.luma, like[1])
        self.color = ColorReference(picture.rgb, step)
        self.looks = LooksReference(picture) if looks else None
        self.local = LocalReference(picture) if local else None
        self._step = step

    def following(self, rgb: U8) -> tuple[Source, Area | None]:
        """Return the source of the next frame, u8[h, w, 3], and where it differs."""
        area = self.picture.difference(rgb)
        if area is None:
            return self, None
        given = self._step, self.looks is not None, self.local is not None
        if not is_small(area, rgb):
            return Source(Picture(rgb), *given), area
        return Source(self.picture.patched(rgb, area), *given, (self, area)), area


class Metric(Protocol[P_contra, E]):
    """What all metrics have: the errors of a picture, in two ways with the same result."""

    def whole(self, picture: P_contra, /) -> E:
        """Return the errors of a picture."""

    def patched(self, known: E, picture: P_contra, area: Area, /) -> E:
        """Return the errors of a picture by those of a pair that differs in a rectangle alone."""


class Comparison:
    """A picture beside its source.

    Parameters
    ----------
    source : Source
    picture : Picture
    like : (Comparison, Area), optional
        Another pair, and the rectangle outside which both are the same.
    """

    def __init__(
        self, source: Source, picture: Picture, like: tuple[Comparison, Area] | None = None
    ) -> None:
        self.picture = picture
        self._source: Source | None = source
        self._like = like
        self._known: dict[str, Any] = {}
        self._ssim: float | None = None
        self._measured = {"looks": source.looks is not None, "local": source.local is not None}
        self._count = 2 + sum(self._measured.values())

    @property
    def quick(self) -> bool:
        """Whether the SSIM is known, or takes little."""
        return self._like is not None or "similarity" in self._known

    @property
    def complete(self) -> bool:
        """Whether all errors are known."""
        return len(self._known) == self._count

    @property
    def ssim(self) -> float:
        """Mean SSIM of luma."""
        if self._ssim is None:
            self._ssim = mean_ssim(self.similarity)
        return self._ssim

    @property
    def color(self) -> Histogram:
        """Pixels of each colour difference."""
        return self.color_errors.counts

    @property
    def looks(self) -> float | None:
        """SSIMULACRA2; None where it is not measured."""
        return self.looks_errors.score if self._measured["looks"] else None

    @property
    def local(self) -> float | None:
        """How bad the worst places are; None where it is not measured."""
        return self.local_errors.score if self._measured["local"] else None

    @property
    def similarity(self) -> F32:
        """SSIM of each place."""
        return self._errors("similarity", lambda source: source.ssim, self.picture.luma)

    @property
    def color_errors(self) -> ColorErrors:
        """Colour differences."""
        return self._errors("color_errors", lambda source: source.color, self.picture.rgb)

    @property
    def looks_errors(self) -> LooksErrors:
        """Errors of SSIMULACRA2."""
        return self._errors("looks_errors", lambda source: source.looks, self.picture)

    @property
    def local_errors(self) -> LocalErrors:
        """Errors of butteraugli."""
        return self._errors("local_errors", lambda source: source.local, self.picture)

    def _errors(
        self, name: str, of: Callable[[Source], Metric[P_contra, E] | None], picture: P_contra
    ) -> E:
        like, source, known = self._like, self._source, self._known.get(name)
        if known is None:
            assert source is not None
            metric = of(source)
            assert metric is not None
            if like is None:
                known = metric.whole(picture)
            else:
                known = metric.patched(getattr(like[0], name), picture, like[1])
            self._known[name] = known
            if self.complete:
                # Nothing is asked of them any more, and they are large.
                self._like = self._source = None
        errors: E = known
        return errors


def compare(source: Source, rgb: U8, known: Sequence[tuple[Comparison, Area | None]]) -> Comparison:
    """Compare what is shown, u8[h, w, 3], with its source.

    Parameters
    ----------
    source : Source
    rgb : u8[h, w, 3]
    known : sequence of (Comparison, Area or None)
        Of other pairs, and where their sources differ from this one.
    """
    best: tuple[Comparison, Area] | None = None
    for one, moved in known:
        if moved is None and one.picture.rgb is rgb:
            return one
    for one, moved in known:
        area = union(one.picture.difference(rgb), moved)
        if area is None:
            return one
        if one.complete and (best is None or _size(area) < _size(best[1])):
            best = one, area
    if best is None or not is_small(best[1], rgb):
        return Comparison(source, Picture(rgb))
    return Comparison(source, best[0].picture.patched(rgb, best[1]), best)


def is_small(area: Area, rgb: U8) -> bool:
    """Tell whether working out a rectangle of a picture u8[h, w, 3] takes less than all of it."""
    return 3 * _size(area) <= MOST_SHARE * rgb.size


def _size(area: Area) -> int:
    return area.width * area.height
