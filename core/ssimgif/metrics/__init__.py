"""The quality contract: SSIM, SSIMULACRA2, CIEDE2000, false contours, and the score of a clip."""

from ssimgif.metrics.banding import BandingReference
from ssimgif.metrics.ciede2000 import (
    BINS,
    BINS_PER_UNIT,
    ColorReference,
    Histogram,
    histogram_mean,
    histogram_percentile,
)
from ssimgif.metrics.reference import PARTS, FrameReference, LateScore, Requirement
from ssimgif.metrics.score import ClipScore, FrameScore, on_white, shortfalls, summarise
from ssimgif.metrics.ssim import SsimReference
from ssimgif.metrics.ssimulacra2 import LooksReference

__all__ = [
    "BINS",
    "BINS_PER_UNIT",
    "PARTS",
    "BandingReference",
    "ClipScore",
    "ColorReference",
    "FrameReference",
    "FrameScore",
    "Histogram",
    "LateScore",
    "LooksReference",
    "Requirement",
    "SsimReference",
    "histogram_mean",
    "histogram_percentile",
    "on_white",
    "shortfalls",
    "summarise",
]
