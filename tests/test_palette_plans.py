"""Palettes shared between scenes."""

from __future__ import annotations

import numpy as np

from ssimgif.analysis import analyse
from ssimgif.effort import effort
from ssimgif.model import U8, Clip, Scene
from ssimgif.palette_plans import plan_palettes
from ssimgif.palettes import candidate_palettes
from ssimgif.planner import Planner
from ssimgif.settings import Target

SCENES = [Scene(0, 1, 0), Scene(1, 2, 1)]


def two_flags() -> U8:
    """Return two pictures that share one of three colours; a corner is transparent."""
    flags = np.full((2, 32, 32, 4), 255, np.uint8)
    flags[:, :16, :, :3] = 250, 240, 230
    flags[0, 16:, :, :3] = 180, 20, 30
    flags[1, 16:, :, :3] = 20, 40, 160
    flags[:, :8, :8, 3] = 0
    return flags


def test_a_palette_merged_from_two_scenes_keeps_a_transparent_entry() -> None:
    clip = Clip.from_frames(two_flags(), 0.1)
    target = Target(0.95, 0.95, 60)
    planner = Planner(target, effort(1), 256, True, candidate_palettes, None)
    first, second = plan_palettes(clip, SCENES, planner, effort(1), None, analyse(clip))
    assert first.strategy == second.strategy == "merged"
    assert first.palette is second.palette is not None
    assert first.palette.transparent is not None
    assert len(first.palette.colors) == 4
