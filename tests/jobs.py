"""Jobs for the encoder, as the pipeline makes them."""

from __future__ import annotations

from collections.abc import Sequence

from ssimgif import Clip, Settings, plugins
from ssimgif.encoder import EncodeJob, Equipment, Tools
from ssimgif.gif import timing
from ssimgif.lookahead import analyse
from ssimgif.model import Scene
from ssimgif.target import Target


def encode_job(
    clip: Clip,
    target: Target,
    settings: Settings | None = None,
    scenes: Sequence[Scene] | None = None,
) -> EncodeJob:
    """Return a job of one scene, unless more are given, at the settings' effort."""
    settings = settings or Settings(effort=1, no_cache=True)
    features = analyse(clip)
    tools = Tools(plugins.ditherers(), plugins.palette_choice(settings.palettes), None, ("core",))
    return EncodeJob(
        clip=clip,
        features=features,
        scenes=scenes or [Scene(0, len(features.durations))],
        slots=timing.plan(features.durations),
        target=target,
        settings=settings,
        level=settings.effort,
        equipment=Equipment(tools),
    )
