"""Gather what an attempt found out into the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ssimgif.advice import warnings_of
from ssimgif.encoder import Attempt, EncodeJob
from ssimgif.lookahead import ClipFeatures
from ssimgif.metrics import ClipScore, FrameScore, summarise
from ssimgif.model import Clip, Scene
from ssimgif.report import (
    FitReport,
    Report,
    SceneReport,
    SourceReport,
    as_plain,
    hex_colors,
    package_versions,
)


def figures_of(score: ClipScore, frames: Sequence[FrameScore]) -> dict[str, Any]:
    """Return what a report has of a clip's scores, and of those of its frames."""
    clip = (
        *("score", "mean", "p10", "variance", "duration_weighted_mean"),
        *("delta_e_mean", "delta_e_p95", "looks_mean", "looks_p10"),
        *("local_mean", "local_p90", "missed"),
    )
    return {
        **{name: getattr(score, name) for name in clip},
        "ssim": tuple(round(one.ssim, 6) for one in frames),
        "local": tuple(None if one.local is None else round(one.local, 3) for one in frames),
    }


def make_report(
    job: EncodeJob, attempt: Attempt, source: Clip, fit: FitReport | None = None
) -> Report:
    """Return the report of an attempt at a source, which the job's clip was made of."""
    clip, features, settings = job.clip, job.features, job.settings
    score, rendering = attempt.score, attempt.rendering
    duration = float(sum(features.durations))
    shortfalls = list(attempt.shortfalls)
    if settings.max_bytes is not None and attempt.size > settings.max_bytes:
        shortfalls.insert(
            0, f"the smallest GIF has {attempt.size} bytes, more than {settings.max_bytes}"
        )
    return Report(
        bytes=attempt.size,
        bytes_per_second=attempt.size / duration,
        frames_source=len(features.durations),
        frames_coded=len(rendering.checksums),
        **figures_of(score, rendering.scores),
        valid=not shortfalls,
        shortfalls=tuple(shortfalls),
        warnings=(*clip.notes, *warnings_of(job, attempt, source, shortfalls, fit)),
        source=SourceReport(
            clip.name, clip.width, clip.height, len(features.durations), duration, clip.loop
        ),
        scenes=tuple(
            _scene_report(number, scene, attempt, features)
            for number, scene in enumerate(job.scenes)
        ),
        palettes=tuple(hex_colors(palette) for palette in rendering.palettes),
        seconds=dict(job.equipment.watch.seconds),
        settings=as_plain(settings),
        target=as_plain(attempt.target),
        versions=package_versions(),
        fit=fit,
    )


def _scene_report(
    number: int, scene: Scene, attempt: Attempt, features: ClipFeatures
) -> SceneReport:
    plan, rendering = attempt.plans[number], attempt.rendering
    own = slice(scene.start, scene.stop)
    score = summarise(rendering.scores[own], features.durations[own])
    return SceneReport(
        start=scene.start,
        stop=scene.stop,
        cluster=scene.cluster,
        palette=rendering.scene_palettes[number],
        colors=plan.size,
        strategy=plan.strategy,
        score=score.score,
        bytes=rendering.scene_bytes[number],
        candidates=plan.candidates,
    )
