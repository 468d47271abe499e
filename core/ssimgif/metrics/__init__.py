"""The quality contract: SSIM, SSIMULACRA2, CIEDE2000, false contours, and the score of a clip."""

from ssimgif.metrics.ciede2000 import ColorReference, histogram_mean, histogram_percentile
from ssimgif.metrics.reference import FrameReference, LateScore, Requirement
from ssimgif.metrics.score import ClipScore, FrameScore, on_white, shortfalls, summarise
from ssimgif.metrics.ssim import SsimReference

__all__ = [
    "ClipScore",
    "ColorReference",
    "FrameReference",
    "FrameScore",
    "LateScore",
    "Requirement",
    "SsimReference",
    "histogram_mean",
    "histogram_percentile",
    "on_white",
    "shortfalls",
    "summarise",
]
