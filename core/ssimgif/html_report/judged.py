"""The report of a GIF that anybody made, as far as it can be told from its source."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import BinaryIO

import numpy as np

from ssimgif.errors import DamagedError, SourceError
from ssimgif.gif import gif_blocks, reader
from ssimgif.html_report.pairs import pairs
from ssimgif.image import Canvas, luma
from ssimgif.lookahead import analyse, find_scenes
from ssimgif.metrics import FrameReference, FrameScore, on_white, summarise
from ssimgif.model import U8, Clip, Scene
from ssimgif.progress import ProgressCallback, notify
from ssimgif.report import Report, SceneReport, SourceReport, package_versions
from ssimgif.summary import figures_of
from ssimgif.target import Target

# Asks for nothing but that all parts are measured.
ALL_PARTS = Target(mean=0.0, p10=0.0, looks=1.0, local=1.0)
UNKNOWN = "unknown"
# Browsers slow down what is shown for less, centiseconds.
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class _Played:
    """What a GIF scores: one score, one duration and one block for each source frame."""

    scores: list[FrameScore]
    durations: list[Fraction]
    blocks: list[int]


def judged(source: Clip, name: str, gif: BinaryIO, progress: ProgressCallback | None) -> Report:
    """Measure a GIF against its source and return its report.

    It has no target, settings or candidates, and of palettes only those that the GIF stores.

    Parameters
    ----------
    source : Clip
        As the GIF should show it: cut, scaled and timed.
    name : str
        Of the GIF, for messages.
    gif : binary stream
        It is read from its beginning.
    progress : callable, optional

    Raises
    ------
    SourceError
        When the GIF is damaged, or not as large as the source.
    """
    data = _checked(source, name, gif)
    scenes = find_scenes(analyse(source))
    played = _played(source, name, gif, progress)
    images = gif_blocks(data).images
    score = summarise(played.scores, played.durations)
    seconds = float(sum(played.durations))
    short = sum(image.delay < SHORTEST for image in images)
    return Report(
        bytes=len(data),
        bytes_per_second=len(data) / seconds,
        frames_source=len(played.scores),
        frames_coded=len(images),
        **figures_of(score, played.scores),
        valid=True,
        shortfalls=(),
        warnings=(f"browsers slow down {short} frames shown for less than 0.02 s",) * bool(short),
        source=SourceReport(
            source.name, source.width, source.height, len(played.scores), seconds, source.loop
        ),
        scenes=_scenes(scenes, played, [len(image.data) for image in images]),
        palettes=(),
        seconds={},
        settings={},
        target={},
        versions=package_versions(),
    )


def _checked(source: Clip, name: str, gif: BinaryIO) -> bytes:
    """Return a GIF's bytes once it is known to be whole and of the source's size."""
    gif.seek(0)
    data = gif.read()
    gif.seek(0)
    try:
        parts = gif_blocks(data)
        shapes = {pixels.shape for pixels, _ in reader.read(gif)}
    except (DamagedError, IndexError, SourceError) as error:
        raise SourceError(f"{name} is damaged, or no GIF") from error
    gif.seek(0)
    if not parts.images:
        raise SourceError(f"{name} has no frames")
    if shapes != {(source.height, source.width, 4)}:
        raise SourceError(
            f"{name} is {parts.width}x{parts.height} but {source.name} is "
            f"{source.width}x{source.height}: they can't be compared (--width scales the source)"
        )
    return data


def _played(source: Clip, name: str, gif: BinaryIO, progress: ProgressCallback | None) -> _Played:
    played = _Played([], [], [])
    before: U8 | None = None
    for pair in pairs(source, gif):
        reference = FrameReference(Canvas.of(pair.source), ALL_PARTS, before=before)
        played.scores.append(reference.score(on_white(pair.shown)))
        played.durations.append(pair.duration)
        played.blocks.append(pair.block)
        before = luma(reference.rgb)
        notify(progress, f"measuring {name}", pair.index + 1, source.frame_count)
    return played


def _scenes(scenes: list[Scene], played: _Played, sizes: list[int]) -> tuple[SceneReport, ...]:
    """Report the scenes; a block belongs to the scene in which it is first shown."""
    ends = np.maximum.accumulate([played.blocks[scene.stop - 1] + 1 for scene in scenes])
    ends[-1] = len(sizes)
    totals = [0, *accumulate(sizes)]
    spans = pairwise([0, *ends.tolist()])
    return tuple(
        SceneReport(
            start=scene.start,
            stop=scene.stop,
            cluster=scene.cluster,
            palette=-1,
            colors=0,
            strategy=UNKNOWN,
            score=summarise(
                played.scores[scene.start : scene.stop], played.durations[scene.start : scene.stop]
            ).score,
            bytes=totals[stop] - totals[start],
        )
        for scene, (start, stop) in zip(scenes, spans, strict=True)
    )
