"""From source frames to coded frames: palettes, mode decision, rate-distortion LZW."""

from ssimgif.encoder.attempt import Attempt, check
from ssimgif.encoder.job import EncodeJob, Equipment, Tools, make_job
from ssimgif.encoder.passes import ClipEncoder
from ssimgif.encoder.within_budget import BudgetEncoder

__all__ = [
    "Attempt",
    "BudgetEncoder",
    "ClipEncoder",
    "EncodeJob",
    "Equipment",
    "Tools",
    "check",
    "make_job",
]
