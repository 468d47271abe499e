"""What is said of a GIF that isn't as good as it should be, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt

from ssimgif.encoder import Attempt, EncodeJob
from ssimgif.gif import MAX_COLORS
from ssimgif.metrics import ClipScore
from ssimgif.model import Clip
from ssimgif.ratecontrol import top_quality
from ssimgif.report import FitReport
from ssimgif.settings import Settings
from ssimgif.target import DEFAULT_SSIM, Target, looks_floor

# A picture is bad when it is this much below what is asked for.
FAR_SSIM, FAR_LOOKS = 0.1, 20.0
# Bytes go with 1 / (1 - SSIM) to this power, about, where the size stays as it is.
SSIM_POWER = 1 / 1.3
# Bad pictures are below this SSIM; their looks differ by so much for an SSIM of 1.
BAD_SSIM, LOOKS_A_SSIM = 0.9, 250.0
# A quality as it is seen below which a limit of bytes hurts: losses are plain.
BAD_SEEN = 55.0
# Pixels below which a smaller picture is no advice.
LEAST_WIDTH = 48


def warnings_of(
    job: EncodeJob,
    attempt: Attempt,
    source: Clip,
    shortfalls: Sequence[str],
    fit: FitReport | None = None,
) -> list[str]:
    """Return what the user should know of a GIF that misses its target or is bad to look at.

    Parameters
    ----------
    job : EncodeJob
    attempt : Attempt
        The one that is kept.
    source : Clip
        What the job's clip was made of.
    shortfalls : sequence of str
        What misses the target, and the budget.
    fit : FitReport, optional
        How size and frame rate were chosen, where they were.
    """
    limit, clip = job.settings.max_bytes, job.clip
    too_large = limit is not None and attempt.size > limit
    told = []
    if shortfalls:
        told = [shortfalls[0] if too_large else f"{_best(job.settings)}, but {shortfalls[0]}"]
    original = _original(source, job.settings)
    if limit is not None and fit is not None:
        hurts = too_large or fit.seen < BAD_SEEN
        shorter = ": try a shorter piece (--start, --end)" if hurts else ""
        told.append(_chosen(fit, limit) + shorter)
    elif limit is not None and (too_large or attempt.quality is not None):
        cost = _cost(job.target, attempt, limit)
        if too_large or _far_below(attempt.score, job.settings.target()):
            share = min(_share(attempt, limit, job.settings), *_shares(original, clip))
            cost += f": try {_advice(clip, share, job.settings)}"
        told.append(cost)
    settings = job.settings
    if settings.width is not None and clip.width > original[0]:
        told.append(f"the source is {original[0]} px wide: scaled up to {clip.width}")
    elif settings.height is not None and clip.height > original[1]:
        told.append(f"the source is {original[1]} px high: scaled up to {clip.height}")
    return [f"{clip.name}: {'; '.join(told)}"] if told else []


def _best(settings: Settings) -> str:
    """Tell what keeps a GIF from being better."""
    if settings.max_bytes is not None:
        return "this is the best that fits"
    if settings.colors < MAX_COLORS:
        return f"this is the best that {settings.colors} colours can do (try --colors {MAX_COLORS})"
    return "this is the best a GIF of it can do"


def _original(source: Clip, settings: Settings) -> tuple[int, int]:
    """Return the size before it is scaled, pixels."""
    return settings.crop[:2] if settings.crop else (source.width, source.height)


def _far_below(score: ClipScore, wanted: Target) -> bool:
    """Tell whether a picture is bad, by what is asked for or the default asks."""
    looks = score.looks_mean or 0.0  # not measured where a budget left none to ask for
    return score.score < wanted.mean - FAR_SSIM or looks < wanted.looks - FAR_LOOKS


def _share(attempt: Attempt, limit: int, settings: Settings) -> float:
    """Return how much of its width and height a clip can keep, about, within a number of bytes.

    Bytes go with the area, and with a power of how far S is from 1.
    """
    wanted, score = settings.target().mean or DEFAULT_SSIM, attempt.score
    reached = score.score
    if score.looks_mean is not None:
        reached = min(reached, BAD_SSIM + (score.looks_mean - looks_floor(BAD_SSIM)) / LOOKS_A_SSIM)
    needed = attempt.size * ((1 - reached) / (1 - wanted)) ** SSIM_POWER
    return min(1.0, sqrt(limit / needed))


def _shares(size: tuple[int, int], clip: Clip) -> tuple[float, float]:
    return size[0] / clip.width, size[1] / clip.height


def _chosen(fit: FitReport, limit: int) -> str:
    """Tell what size and frame rate a limit of bytes came down to."""
    rate = "" if fit.fps is None else f" at {float(Fraction(fit.fps)):.3g} frames a second"
    return (
        f"to fit {limit:,} bytes it was made {fit.width}x{fit.height}{rate}, which looks best:"
        f" quality {fit.seen:.0f} shown at {fit.shown_width}x{fit.shown_height}"
    )


def _cost(target: Target, attempt: Attempt, limit: int) -> str:
    """Tell in how much quality a limit of bytes came down to."""
    score, quality = attempt.score, attempt.quality
    looks = "" if score.looks_mean is None else f", looks {score.looks_mean:.0f}"
    figures = f"S is {score.score:.2f}{looks}"
    if quality is None:
        return figures
    return (
        f"{limit:,} bytes took the quality from {top_quality(target):.0f} down to"
        f" {max(quality, 0.0):.0f}, {figures}"
    )


def _advice(clip: Clip, share: float, settings: Settings) -> str:
    """Name the options that scale a clip by a share; of what is tiny then, others."""
    if clip.width * share < LEAST_WIDTH:
        return "a shorter piece (--start, --end) or fewer frames (--fps)"
    width, height = _tidy(clip.width * share), _tidy(clip.height * share)
    if settings.height is None:
        return f"--width {width}"
    return f"--height {height}" if settings.width is None else f"--width {width} --height {height}"


def _tidy(side: float) -> int:
    """Return about as many pixels, and not more."""
    step = 10 if side >= 100 else 2
    return max(1, int(side) // step * step)
