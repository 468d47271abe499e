"""The quality contract: the measures of its parts, what a clip scores, and what it misses."""

from ssimgif.metrics.banding import BandingReference
from ssimgif.metrics.ciede2000 import (
    BINS,
    BINS_PER_UNIT,
    ColorReference,
    Histogram,
    histogram_mean,
    histogram_percentile,
)
from ssimgif.metrics.error_weights import UNMASKED
from ssimgif.metrics.local import LocalReference
from ssimgif.metrics.missed import Missed, MissedReference
from ssimgif.metrics.reference import LOCAL, MEANS, PARTS, FrameReference, LateScore, Requirement
from ssimgif.metrics.score import ClipScore, FrameScore, on_white, shortfalls, summarise
from ssimgif.metrics.ssim import SsimReference
from ssimgif.metrics.ssimulacra2 import LooksReference

__all__ = [
    "BINS",
    "BINS_PER_UNIT",
    "LOCAL",
    "MEANS",
    "PARTS",
    "UNMASKED",
    "BandingReference",
    "ClipScore",
    "ColorReference",
    "FrameReference",
    "FrameScore",
    "Histogram",
    "LateScore",
    "LocalReference",
    "LooksReference",
    "Missed",
    "MissedReference",
    "Requirement",
    "SsimReference",
    "histogram_mean",
    "histogram_percentile",
    "on_white",
    "shortfalls",
    "summarise",
]
