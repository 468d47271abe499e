"""Times of frames: exact fractions of a second here, ticks of a time base in FFmpeg."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from statistics import median_low

from av.video.frame import VideoFrame

# 1/705,600,000 s divides the frames of all common rates and a millisecond without remainder.
TICK = Fraction(1, 705_600_000)
CENTISECOND = Fraction(1, 100)


def ticks(time: Fraction) -> int:
    """Return seconds in ticks."""
    return round(time / TICK)


def time_of(frame: VideoFrame) -> Fraction | None:
    """Return when a frame begins, seconds."""
    if frame.pts is None or frame.time_base is None:
        return None
    return frame.pts * Fraction(frame.time_base)


def own_duration(frame: VideoFrame) -> Fraction:
    """Return how long a frame says it stays, seconds, 0 where it does not say."""
    if not frame.duration or frame.duration < 0 or frame.time_base is None:
        return Fraction(0)
    return frame.duration * Fraction(frame.time_base)


def last_duration(gaps: Sequence[Fraction], own: Sequence[Fraction]) -> Fraction:
    """Return how long the last frame of a clip stays, seconds; 0 where nothing tells.

    As long as it says, stretched as most frames before were against what they said: filters may
    have changed the times alone.

    Parameters
    ----------
    gaps : sequence of Fraction
        From each frame's start to the next one's; one less than there are frames.
    own : sequence of Fraction
        What each frame says, 0 for unknown.
    """
    if not gaps:
        return own[-1]
    if own[-1] and all(own[:-1]):
        return own[-1] * median_low(gap / said for gap, said in zip(gaps, own, strict=False))
    return own[-1] or gaps[-1]
