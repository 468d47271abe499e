"""The quality contract: what frames score, what a clip scores, and what it misses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ssimgif.image import rgb_of
from ssimgif.metrics.ciede2000 import BINS, Histogram, histogram_mean, histogram_percentile
from ssimgif.metrics.missed import Missed
from ssimgif.model import U8
from ssimgif.target import Target

# Room for float rounding, far below what anyone sees.
_SLACK = 1e-9
NONE_MISSED = Missed()


@dataclass(frozen=True, slots=True, eq=False)
class FrameScore:
    """How near one picture is to its source.

    Attributes
    ----------
    ssim : float
        Mean SSIM of luma.
    color : i64[bins]
        Pixels of each colour difference, as `ColorReference.histogram` counts them; all zero
        where it was not measured.
    looks : float or None
        SSIMULACRA2, at most 100; None where it was not measured.
    banding : float or None
        Share of pixels on a false contour, 0..1; None where it was not measured.
    local : float or None
        How bad the worst places are, at least 0, see `LocalReference`; None where it was not
        measured.
    missed : Missed
        Strong changes from the frame before that don't arrive.
    """

    ssim: float
    color: Histogram
    looks: float | None = None
    banding: float | None = None
    local: float | None = None
    missed: Missed = NONE_MISSED


@dataclass(frozen=True, slots=True)
class ClipScore:
    """How near a clip is to its source.

    Attributes
    ----------
    score : float
        S, the lesser of ``mean`` and ``p10``.
    mean, p10, variance, worst : float
        Of the frames' SSIM, each frame counted once; p10 is the 10th percentile.
    duration_weighted_mean : float
        Of the frames' SSIM.
    delta_e_mean, delta_e_p95 : float
        CIEDE2000 over all measured pixels of all frames.
    looks_mean, looks_p10 : float or None
        SSIMULACRA2 of the measured frames; None where there are none.
    banding : float or None
        Mean share of pixels on a false contour; None where it was not measured.
    local_mean, local_p90 : float or None
        How bad the worst places of the measured frames are, and its 90th percentile.
    missed, missable : float
        Share of the source's strong changes that don't arrive, and the greatest that is accepted.
    """

    score: float
    mean: float
    p10: float
    variance: float
    duration_weighted_mean: float
    worst: float
    delta_e_mean: float
    delta_e_p95: float
    looks_mean: float | None = None
    looks_p10: float | None = None
    banding: float | None = None
    local_mean: float | None = None
    local_p90: float | None = None
    missed: float = 0.0
    missable: float = 0.0


def summarise(scores: Sequence[FrameScore], durations: Iterable[Fraction | float]) -> ClipScore:
    """Pool the scores of a clip's frames.

    Parameters
    ----------
    scores : one for each source frame, at least one
    durations : seconds, one for each source frame

    Raises
    ------
    ValueError
        On no scores, or another number of durations.
    """
    seconds = np.array([float(d) for d in durations])
    if not scores or len(scores) != seconds.size:
        raise ValueError(f"{len(scores)} scores for {seconds.size} frames")
    ssim = np.array([score.ssim for score in scores])
    color = np.zeros(BINS, np.int64)
    for score in scores:
        color += score.color
    looks = np.array([score.looks for score in scores if score.looks is not None])
    banding = [score.banding for score in scores if score.banding is not None]
    local = np.array([score.local for score in scores if score.local is not None])
    changes = max(sum(score.missed.changes for score in scores), 1)
    mean, p10 = float(ssim.mean()), _p10(ssim)
    return ClipScore(
        score=min(mean, p10),
        mean=mean,
        p10=p10,
        variance=float(ssim.var()),
        duration_weighted_mean=float(np.average(ssim, weights=seconds)),
        worst=float(ssim.min()),
        delta_e_mean=histogram_mean(color),
        delta_e_p95=histogram_percentile(color, 95),
        looks_mean=float(looks.mean()) if looks.size else None,
        looks_p10=_p10(looks) if looks.size else None,
        banding=float(np.mean(banding)) if banding else None,
        local_mean=float(local.mean()) if local.size else None,
        local_p90=float(np.percentile(local, 90)) if local.size else None,
        missed=sum(score.missed.missed for score in scores) / changes,
        missable=sum(score.missed.missable for score in scores) / changes,
    )


def shortfalls(score: ClipScore, target: Target) -> list[str]:
    """Return one plain sentence for each part of the target that is missed."""
    out = []
    if score.mean < target.mean - _SLACK:
        out.append(f"the mean SSIM is {score.mean:.4f}, not {target.mean:.4f}")
    if score.p10 < target.p10 - _SLACK:
        out.append(f"the 10th percentile of SSIM is {score.p10:.4f}, not {target.p10:.4f}")
    if target.variance is not None and score.variance > target.variance + _SLACK:
        out.append(f"the variance of SSIM is {score.variance:.5f}, above {target.variance:.5f}")
    if score.delta_e_mean > target.delta_e + _SLACK:
        out.append(
            f"the mean colour difference is {score.delta_e_mean:.2f}, above {target.delta_e:.2f}"
        )
    if score.delta_e_p95 > target.delta_e_p95 + _SLACK:
        out.append(
            f"the 95th percentile of the colour difference is {score.delta_e_p95:.2f}, "
            f"above {target.delta_e_p95:.2f}"
        )
    return out + _looks_shortfalls(score, target) + _local_shortfalls(score, target)


def on_white(rgba: U8) -> U8:
    """Composite straight-alpha u8[h, w, 4] over white, u8[h, w, 3]."""
    if (rgba[..., 3] == 255).all():
        return rgb_of(rgba)
    rgb, alpha = rgba[..., :3], rgba[..., 3:]
    part = alpha.astype(np.float32) / 255
    blend = rgb.astype(np.float32) * part + 255 * (1 - part)
    return np.rint(blend).astype(np.uint8)


def _looks_shortfalls(score: ClipScore, target: Target) -> list[str]:
    if not target.looks or score.looks_mean is None or score.looks_p10 is None:
        return []
    out = []
    if score.looks_mean < target.looks - _SLACK:
        out.append(f"the mean SSIMULACRA2 is {score.looks_mean:.1f}, not {target.looks:.1f}")
    if score.looks_p10 < target.looks_p10 - _SLACK:
        out.append(
            f"the 10th percentile of SSIMULACRA2 is {score.looks_p10:.1f}, "
            f"not {target.looks_p10:.1f}"
        )
    return out


def _local_shortfalls(score: ClipScore, target: Target) -> list[str]:
    if not target.local:
        return []
    out = []
    if score.local_mean is not None and score.local_mean > target.local + _SLACK:
        out.append(
            f"the mean error of the worst places is {score.local_mean:.2f}, "
            f"above {target.local:.2f}"
        )
    if score.local_p90 is not None and score.local_p90 > target.local_p90 + _SLACK:
        out.append(
            f"the 90th percentile of the worst places' error is {score.local_p90:.2f}, "
            f"above {target.local_p90:.2f}"
        )
    if score.missed > score.missable + _SLACK:
        out.append(
            f"{score.missed:.1%} of the strong changes don't arrive, more than {score.missable:.1%}"
        )
    return out


def _p10(values: NDArray[np.float64]) -> float:
    return float(np.percentile(values, 10))
