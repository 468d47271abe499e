"""Choose the size and the frame rate of a GIF that is to fit a number of bytes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from math import exp, log
from statistics import median_low

import numpy as np

from ssimgif.encoder import EncodeJob, Equipment
from ssimgif.fitting.candidate import Made, Shape, Trial, Tried
from ssimgif.fitting.probe import probe
from ssimgif.fitting.shown import ShownClip
from ssimgif.fitting.size_search import NEAR_POWER, SizeSearch
from ssimgif.model import Clip
from ssimgif.progress import notify
from ssimgif.ratecontrol import (
    AIMED_SHARE,
    full_step,
    quality_seen,
    top_quality,
    usual_sizes,
)
from ssimgif.report import FitReport, TriedShape
from ssimgif.settings import Settings
from ssimgif.sources import edit, height_at

# Widths that are tried, one to the next.
STEP = 2**-0.25
# A width between two of them is at most this many times the smaller one.
WIDEST = 2**0.125
LEAST_WIDTH, LEAST_FPS = 64, Fraction(4)
# Points of quality below the top in which a GIF often doesn't change at all.
AT_TOP = 2.0
# Frame rates that are tried, as shares of the source's.
DIVISORS = (2, 3)


@dataclass(frozen=True, slots=True)
class Choice:
    """How a clip is shown within its limit.

    Attributes
    ----------
    settings : Settings
        With the width, height and frame rate that were chosen.
    quality : float
        At which that should fit.
    at_top : bool
        Whether that is all that is asked for, or so near that more need not take more bytes.
    sizes : dict of float to float
        Bytes of the GIF that are to be expected, by quality.
    report : FitReport
    """

    settings: Settings
    quality: float
    at_top: bool
    sizes: dict[float, float]
    report: FitReport

    @property
    def fps(self) -> Fraction | None:
        """Chosen; None keeps the clip's."""
        return None if self.report.fps is None else Fraction(self.report.fps)


def choose(job: EncodeJob, equipment: Equipment) -> Choice | None:
    """Choose how to show a clip; None where all of it fits, or nothing is left to choose.

    Parameters
    ----------
    job : EncodeJob
        Of the clip in full.
    equipment : Equipment
    """
    settings, clip = job.settings, job.clip
    sizes, rates = sizes_to_try(clip, settings), rates_to_try(job)
    if settings.max_bytes is None or equipment.one_palette or (len(sizes) == 1 and not rates):
        return None
    with equipment.watch.stage("fitting"), ExitStack() as files:
        part = probe(clip, job.features)
        size = shown_size(clip, settings)
        shown = ShownClip(part.clip.frames(), size)
        trial = Trial(part, job, shown, files)
        search = SizeSearch(trial, sizes, top_quality(job.target), _told(job))
        if search.all_fits():
            return None
        search.climb()
        idle = _tried_slower(search, part.clip, shown, rates)
    best = filled(search.best, job)
    report = FitReport(
        width=best.shape.width,
        height=best.shape.height,
        fps=_plain(best.shape.fps),
        shown_width=size[0],
        shown_height=size[1],
        seen=best.seen,
        tried=tuple(_reported(one.shape, one.made) for one in search.tried if one.made),
        reason=reason(search, idle),
    )
    quality = full_step(best.quality, best.top)
    found = chosen(settings, best.shape, clip)
    return Choice(found, quality, quality >= best.top - AT_TOP, _expected(best), report)


def sizes_to_try(clip: Clip, settings: Settings) -> list[tuple[int, int]]:
    """Return widths and heights from the clip's own on; no others where a user has fixed it."""
    sizes = [(clip.width, clip.height)]
    if size_is_fixed(settings):
        return sizes
    least = settings.least_width or LEAST_WIDTH
    share = STEP
    while (width := round(clip.width * share)) >= least:
        sizes.append((width, height_at(clip, width)))
        share *= STEP
    return sizes


def size_is_fixed(settings: Settings) -> bool:
    """Tell whether a user has fixed the size."""
    return settings.keep_size or settings.width is not None or settings.height is not None


def rates_to_try(job: EncodeJob) -> list[Fraction]:
    """Return frame rates below the clip's own; none where a user has fixed it."""
    settings, durations = job.settings, job.features.durations
    if settings.keep_fps or settings.fps is not None or len(durations) == 1:
        return []
    own = 1 / median_low(durations)
    least = settings.least_fps or LEAST_FPS
    return [(own / n).limit_denominator(1000) for n in DIVISORS if own / n >= least]


def shown_size(clip: Clip, settings: Settings) -> tuple[int, int]:
    """Return the width and the height at which the GIF will be looked at."""
    width = settings.shown_width
    if width is None or width >= clip.width:
        return clip.width, clip.height
    return width, height_at(clip, width)


def chosen(settings: Settings, shape: Shape, clip: Clip) -> Settings:
    """Return the settings that make a shape of a clip."""
    found = replace(settings, fps=shape.fps or settings.fps)
    if (shape.width, shape.height) == (clip.width, clip.height):
        return found
    return replace(found, width=shape.width, height=shape.height)


def filled(best: Tried, job: EncodeJob) -> Tried:
    """Return a shape as wide as the limit allows, where that has all quality that is asked for."""
    clip, room = job.clip, exp((best.room + log(AIMED_SHARE)) / NEAR_POWER)
    if not best.full or room <= 1 or size_is_fixed(job.settings):
        return best
    width = min(round(best.shape.width * min(room, WIDEST)), clip.width)
    height = height_at(clip, width)
    wider = NEAR_POWER * log(width / best.shape.width)
    shape = replace(best.shape, width=width, height=height)
    return replace(best, shape=shape, bytes=best.bytes * exp(wider))


def reason(search: SizeSearch, idle: list[Fraction]) -> str:
    """Tell in a sentence why a shape was chosen."""
    best = search.best
    count, whole = len({one.shape for one in search.tried}), search.whole
    text = (
        f"of {count} sizes and frame rates tried on a part of the clip, {_named(best.shape)} looks"
        f" best within the limit"
    )
    if whole is not None and best is not whole:
        text += f": quality {best.seen:.0f} as shown, {whole.seen:.0f} at full size and rate"
    if idle:
        rates = " or ".join(f"{float(rate):.3g}" for rate in idle)
        text += f"; {rates} frames a second would look worse even uncompressed"
    return text


def _tried_slower(
    search: SizeSearch, clip: Clip, shown: ShownClip, rates: list[Fraction]
) -> list[Fraction]:
    """Try frame rates, from the highest on; return those that can't be better.

    That is a rate whose frames, not coded at all, look no better than the best so far, and all
    lower ones.
    """
    for place, rate in enumerate(rates):
        held = shown.score(edit(clip, Settings(fps=rate)).frames())
        if quality_seen(held) <= search.best.seen:
            return rates[place:]
        search.slower(rate)
    return []


def _expected(best: Tried) -> dict[float, float]:
    """Return the bytes that are to be expected of the whole clip, by quality."""
    usual = usual_sizes(best.top)
    here = float(np.interp(best.quality, list(usual), list(usual.values())))
    return {quality: size * best.bytes / here for quality, size in usual.items()}


def _reported(shape: Shape, made: Made) -> TriedShape:
    return TriedShape(
        shape.width,
        shape.height,
        _plain(shape.fps),
        round(made.quality, 1),
        round(made.bytes),
        round(made.seen, 1),
    )


def _told(job: EncodeJob) -> Callable[[int], None]:
    return lambda done: notify(job.equipment.progress, "fitting", done, None)


def _plain(fps: Fraction | None) -> str | None:
    return None if fps is None else str(fps)


def _named(shape: Shape) -> str:
    rate = "" if shape.fps is None else f" at {float(shape.fps):.3g} frames a second"
    return f"{shape.width}x{shape.height}{rate}"
