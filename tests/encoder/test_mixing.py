"""Scenes that came out best in different attempts are put together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jobs import encode_job
from ssimgif import Clip
from ssimgif.encoder.job import EncodeJob
from ssimgif.encoder.mixing import mixture
from ssimgif.image import Area
from ssimgif.metrics import FrameScore
from ssimgif.metrics.ciede2000 import BINS
from ssimgif.model import Scene
from ssimgif.ratecontrol import Hint, PassStats
from ssimgif.target import Target

TARGET = Target(0.95, 0.95, 0.0)
SCENES = [Scene(0, 2), Scene(2, 4)]
NO_COLOR = np.eye(1, BINS, dtype=np.int64)[0]


@pytest.fixture(scope="module")
def job() -> EncodeJob:
    frames = np.random.default_rng(1).integers(0, 256, (4, 24, 32, 3)).astype(np.uint8)
    return encode_job(Clip.from_frames(frames, 0.1), TARGET, scenes=SCENES)


def attempt(name: str, sizes: tuple[int, int], ssims: tuple[float, float] = (0.96, 0.96)) -> Any:
    """Return an attempt with two scenes' bytes and SSIM; its plans and hints bear its name."""
    scores = [FrameScore(ssim, NO_COLOR) for ssim in ssims for _ in range(2)]
    short = ["too low"] if min(ssims) < TARGET.mean else []
    return SimpleNamespace(
        rendering=SimpleNamespace(scene_bytes=list(sizes), scores=scores),
        plans=[f"{name}0", f"{name}1"],
        target=TARGET,
        shortfalls=short,
        size=sum(sizes),
        score=SimpleNamespace(score=min(ssims), local_mean=1.0),
        stats=PassStats(notes={at: [Hint(len(name), at, Area(0, 0, 1, 1))] for at in range(4)}),
    )


def test_each_scene_takes_the_plan_that_came_out_smallest_and_begins_where_it_ended(
    job: EncodeJob,
) -> None:
    mixed = mixture(job, [attempt("a", (100, 300)), attempt("bb", (200, 150))])
    assert mixed is not None
    plans, stats = mixed
    assert plans == ["a0", "bb1"]
    assert [stats.hints[at][0].x for at in range(4)] == [1, 1, 2, 2]


def test_a_scene_that_misses_the_target_is_taken_from_another_attempt(job: EncodeJob) -> None:
    small = attempt("a", (100, 100), (0.90, 0.96))
    mixed = mixture(job, [small, attempt("b", (200, 200))])
    assert mixed is not None
    assert mixed[0] == ["b0", "a1"]


def test_nothing_is_mixed_that_gains_hardly_anything(job: EncodeJob) -> None:
    assert mixture(job, [attempt("a", (100, 100))]) is None
    assert mixture(job, [attempt("a", (100, 100)), attempt("b", (200, 200))]) is None
    assert mixture(job, [attempt("a", (1000, 1000)), attempt("b", (995, 1010))]) is None
