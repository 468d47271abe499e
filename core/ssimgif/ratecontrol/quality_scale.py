"""One number for the whole quality contract: from a target to it, and down again.

It is the scale of ``--quality``, which is SSIMULACRA2's, and goes on below 0, where pictures are
only told apart by their SSIM.
"""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

from ssimgif.metrics import ClipScore
from ssimgif.target import (
    ABOVE,
    BELOW,
    LOCAL_BY_LOOKS,
    LOCAL_P90_RATIO,
    LOOKS_FLOORS,
    LOOKS_P10_BELOW,
    Target,
    local_limit,
    on_lines,
    quality_of_ssim,
)

LOWEST_QUALITY = -80.0
MOST_SSIM = 0.9999
# Bytes go with 1 / (1 - SSIM) to this power, about.
SSIM_POWER = 0.75
# Below this quality, what is seen of the worst places is not asked for: all of it is bad.
LOCAL_FROM = 30.0
# Below this SSIM, the limit of colour differences grows by so much of itself for an SSIM of 1.
COLOR_EASES, COLOR_GROWTH = 0.92, 8.0


def top_quality(target: Target) -> float:
    """Return the quality from which on all of a target is asked for."""
    return max(target.looks, quality_of_ssim(target.mean) if target.mean else LOWEST_QUALITY)


def eased(target: Target, quality: float) -> Target:
    """Return a target with every part of it lowered to a quality, where it asks for more.

    Parameters
    ----------
    target : Target
    quality : float
        From -80, an SSIM of .4, on; from `top_quality` on, the target is as it was.
    """
    if quality >= top_quality(target):
        return target
    ssim = ssim_of_quality(quality)
    lower = replace(
        target,
        mean=min(target.mean, ssim),
        p10=min(target.p10, ssim),
        looks=min(target.looks, max(quality, 0.0)),
        delta_e=target.delta_e * (1 + COLOR_GROWTH * max(0.0, COLOR_EASES - ssim)),
        variance=None,
    )
    if not target.local:
        return lower
    limit = max(target.local, local_limit(lower)) if quality >= LOCAL_FROM else 0.0
    return replace(lower, local=limit)


def quality_seen(score: ClipScore) -> float:
    """Return the highest quality whose looks and worst places a clip has, at most 100."""
    assert score.looks_mean is not None and score.looks_p10 is not None
    assert score.local_mean is not None and score.local_p90 is not None
    worst = max(score.local_mean, score.local_p90 / LOCAL_P90_RATIO)
    looks = min(score.looks_mean, score.looks_p10 + LOOKS_P10_BELOW)
    return min(looks, _quality_of_local(worst))


def ssim_of_quality(quality: float) -> float:
    """Return the mean SSIM that goes with a quality; see `quality_of_ssim`."""
    points = tuple((y, x) for x, y in LOOKS_FLOORS)
    if quality <= points[0][0]:
        return points[0][1] - (points[0][0] - quality) / BELOW
    if quality >= points[-1][0]:
        return min(MOST_SSIM, points[-1][1] + (quality - points[-1][0]) / ABOVE)
    return on_lines(points, quality)


def usual_growth(low: float, high: float) -> float:
    """Return the logarithm of how many times the bytes one quality takes that another does."""
    return SSIM_POWER * log((1.0 - ssim_of_quality(low)) / (1.0 - ssim_of_quality(high)))


def usual_quality(quality: float, growth: float, top: float) -> float:
    """Return the quality at which bytes have grown by a logarithm, at most ``top``."""
    ssim = 1.0 - (1.0 - ssim_of_quality(quality)) * exp(-growth / SSIM_POWER)
    return min(max(quality_of_ssim(ssim), LOWEST_QUALITY), top)


def _quality_of_local(local: float) -> float:
    """Return the quality that goes with an error of the worst places, at most 100."""
    points = tuple((y, x) for x, y in reversed(LOCAL_BY_LOOKS))
    if local <= points[0][0]:
        return min(100.0, 100.0 - (100.0 - points[0][1]) * local / points[0][0])
    return on_lines(points, local)
