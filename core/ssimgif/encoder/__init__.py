"""From source frames to coded frames: palettes, mode decision, rate-distortion LZW."""

from ssimgif.encoder.passes import Attempt, ClipEncoder

__all__ = ["Attempt", "ClipEncoder"]
