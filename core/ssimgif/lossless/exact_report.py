"""The report of a GIF that shows exactly its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ssimgif.gif import Image, Screen, blocks, timing
from ssimgif.model import Clip, Palette
from ssimgif.report import (
    Report,
    SceneReport,
    SourceReport,
    as_plain,
    hex_colors,
    package_versions,
)
from ssimgif.settings import Settings
from ssimgif.sources import Spooled

STRATEGY = "source"
# What a report has of a clip that is shown exactly.
PERFECT: dict[str, Any] = {
    "score": 1.0,
    "mean": 1.0,
    "p10": 1.0,
    "variance": 0.0,
    "duration_weighted_mean": 1.0,
    "delta_e_mean": 0.0,
    "delta_e_p95": 0.0,
    "looks_mean": 100.0,
    "looks_p10": 100.0,
    "local_mean": 0.0,
    "local_p90": 0.0,
    "missed": 0.0,
}


def report_of_exact(report: Report, gif: Spooled, remark: str = "") -> Report:
    """Return a report, of a clip and its scenes, as that of a GIF that shows the clip exactly."""
    images: list[int] = []
    tables: list[bytes] = []
    with gif.path.open("rb") as file:
        for block in blocks(file):
            if isinstance(block, Screen):
                common = block.table
            elif isinstance(block, Image):
                images.append(block.span[1] - block.span[0])
                tables.append(block.table or common)
    scenes = report.scenes
    if len(images) != report.frames_source:
        # Which images are of which scene isn't known.
        scenes = (replace(scenes[0], start=0, stop=report.frames_source),)
    palettes = list(dict.fromkeys(tables))
    places = [palettes.index(table) for table in tables]
    size, seconds = gif.path.stat().st_size, report.source.duration
    measured = report.looks_mean is not None
    return replace(
        report,
        bytes=size,
        bytes_per_second=size / seconds,
        frames_coded=len(images),
        **(PERFECT if measured else PERFECT | {"looks_mean": None, "looks_p10": None}),
        ssim=(1.0,) * report.frames_source,
        local=(0.0,) * report.frames_source,
        valid=True,
        shortfalls=(),
        warnings=(*report.warnings, remark) if remark else report.warnings,
        scenes=tuple(_scene(scene, images, places, palettes) for scene in scenes),
        palettes=tuple(_colors(table) for table in palettes),
    )


def blank_report(
    source: Clip, clip: Clip, settings: Settings, seconds: Mapping[str, float]
) -> Report:
    """Return the report of a clip of one scene, for `report_of_exact` to fill in.

    Parameters
    ----------
    source : Clip
        What the clip was made of.
    clip : Clip
    settings : Settings
    seconds : mapping
        Stage to wall-clock seconds.
    """
    durations = _durations(source, clip, settings)
    frames, duration = len(durations), sum(durations)
    return Report(
        bytes=0,
        bytes_per_second=0.0,
        frames_source=frames,
        frames_coded=0,
        **PERFECT,
        ssim=(),
        local=(),
        valid=True,
        shortfalls=(),
        warnings=tuple(clip.notes),
        source=SourceReport(clip.name, clip.width, clip.height, frames, duration, clip.loop),
        scenes=(SceneReport(0, frames, 0, 0, 0, STRATEGY, 1.0, 0),),
        palettes=(),
        seconds=dict(seconds),
        settings=as_plain(settings),
        target=as_plain(settings.target()),
        versions=package_versions(),
    )


def _durations(source: Clip, clip: Clip, settings: Settings) -> list[float]:
    """Return how long each frame is shown, seconds."""
    if source.changes is not None and settings.keeps_frames:
        return [timing.on_screen(change.delay) / 100 for change in source.changes()]
    return [float(frame.duration) for frame in clip.frames()]


def _scene(
    scene: SceneReport, images: list[int], places: list[int], palettes: list[bytes]
) -> SceneReport:
    place = places[scene.start]
    return replace(
        scene,
        palette=place,
        colors=len(palettes[place]) // 3,
        strategy=STRATEGY,
        score=1.0,
        bytes=sum(images[scene.start : scene.stop]),
        candidates=(),
    )


def _colors(table: bytes) -> tuple[str, ...]:
    return hex_colors(Palette(np.frombuffer(table, np.uint8).reshape(-1, 3)))
