"""The quality contract: SSIM, SSIMULACRA2, CIEDE2000, false contours, and the score of a clip."""

from ssimgif.metrics.ciede2000 import ColorReference, histogram_mean, histogram_percentile
from ssimgif.metrics.local import LocalReference
from ssimgif.metrics.missed import Missed, MissedReference
from ssimgif.metrics.reference import PARTS, FrameReference, LateScore, Requirement
from ssimgif.metrics.score import ClipScore, FrameScore, on_white, shortfalls, summarise
from ssimgif.metrics.ssim import SsimReference, luma

__all__ = [
    "PARTS",
    "ClipScore",
    "ColorReference",
    "FrameReference",
    "FrameScore",
    "LateScore",
    "LocalReference",
    "Missed",
    "MissedReference",
    "Requirement",
    "SsimReference",
    "histogram_mean",
    "histogram_percentile",
    "luma",
    "on_white",
    "shortfalls",
    "summarise",
]
