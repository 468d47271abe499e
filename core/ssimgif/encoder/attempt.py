"""The clip as it was coded for one target, and which of several is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np

from ssimgif.encoder.encode_pass import EncodePass, Rendering, checksum
from ssimgif.encoder.job import EncodeJob
from ssimgif.errors import OutputError
from ssimgif.gif import GifWriter, reader
from ssimgif.image import Canvas, rgb_of
from ssimgif.metrics import ClipScore, shortfalls, summarise
from ssimgif.ratecontrol import PalettePlan, PassStats
from ssimgif.target import Target

# How much larger an attempt may be whose worst places have this share of the error.
HARDLY_LARGER = 1.01
FAR_BETTER = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """The clip as it was coded for one target.

    Attributes
    ----------
    stream : BinaryIO
        The whole GIF, in a temporary file, at its beginning.
    rendering : Rendering
    plans : sequence of PalettePlan
        One a scene.
    target : Target
    score : ClipScore
    shortfalls : list of str
        What misses the target; empty when valid.
    level : int
        The effort at which it was made.
    stats : PassStats
        Where its searches ended.
    quality : float or None
        What the target was eased to, so that it fits a budget; None where it was not.
    """

    stream: BinaryIO
    rendering: Rendering
    plans: Sequence[PalettePlan]
    target: Target
    score: ClipScore
    shortfalls: list[str]
    level: int
    stats: PassStats
    quality: float | None = None

    @property
    def size(self) -> int:
        """Bytes of the GIF."""
        return self.rendering.size


def make_attempt(
    job: EncodeJob,
    plans: Sequence[PalettePlan],
    stats: PassStats,
    stream: BinaryIO,
    rival: Rendering | None = None,
) -> Attempt:
    """Code the clip by its plans into an empty file.

    Raises
    ------
    TooLargeError
        Once it is not likely to become smaller than its rival.
    """
    clip = job.clip
    with (
        job.equipment.watch.stage("encode"),
        GifWriter(stream, clip.width, clip.height, clip.loop) as writer,
    ):
        rendering = EncodePass(job, plans, writer, stats).run(rival)
    stream.seek(0)
    score = summarise(rendering.scores, job.features.durations)
    target = within_reach(job.target, rendering)
    missed = shortfalls(score, target)
    return Attempt(stream, rendering, plans, target, score, missed, job.level, stats)


def within_reach(target: Target, rendering: Rendering) -> Target:
    """Return the target with no more asked of the worst places than palettes are good for."""
    if not target.local or not rendering.reaches:
        return target
    return replace(target, local=max(target.local, float(np.mean(rendering.reaches))))


def judged_by(target: Target, attempt: Attempt) -> Attempt:
    """Return an attempt that was made for another target as one for this."""
    reached = within_reach(target, attempt.rendering)
    return replace(attempt, target=reached, shortfalls=shortfalls(attempt.score, reached))


def best_of(attempts: Iterable[Attempt]) -> Attempt:
    """Return the smallest valid attempt; where none is, the nearest to the source.

    One that is hardly larger than the smallest comes before it where its worst places are far
    better; of those that miss the target, the one that misses fewest parts of it comes first.
    """
    known = list(attempts)
    valid = sorted((one for one in known if not one.shortfalls), key=lambda one: one.size)
    if not valid:
        return min(known, key=lambda one: (len(one.shortfalls), -one.score.score))
    best = least = valid[0]
    for one in valid[1:]:
        far_better = FAR_BETTER * (best.score.local_mean or 0.0)
        if one.size <= HARDLY_LARGER * least.size and (one.score.local_mean or 0.0) < far_better:
            best = one
    return best


def check(name: str, attempt: Attempt) -> None:
    """Decode what was written and compare it with what was meant.

    Parameters
    ----------
    name : str
        Of the clip.
    attempt : Attempt

    Raises
    ------
    OutputError
        When a picture differs, which would be a fault of ours.
    """
    attempt.stream.seek(0)
    seen = [
        checksum(Canvas(rgb_of(rgba), rgba[..., 3] == 255))
        for rgba, _ in reader.read(attempt.stream)
    ]
    attempt.stream.seek(0)
    if seen != attempt.rendering.checksums:
        raise OutputError(f"{name}: the GIF does not decode to what was encoded")
