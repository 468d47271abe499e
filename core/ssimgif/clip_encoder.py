"""Encode an analysed clip for a target: plan its palettes, render it, judge the result."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np

from ssimgif import plugins
from ssimgif.analysis import ClipAnalysis
from ssimgif.budget import fit_budget
from ssimgif.color import rgb_of
from ssimgif.dithering import Dithering
from ssimgif.effort import effort
from ssimgif.errors import OutputError
from ssimgif.gif import reader, timing
from ssimgif.gif.canvas import Canvas
from ssimgif.gif.writer import GifWriter
from ssimgif.guide import Guide
from ssimgif.memory import Memory
from ssimgif.model import Clip, Scene
from ssimgif.palette_plans import plan_palettes
from ssimgif.planner import PalettePlan, Planner
from ssimgif.preparation import Preparer
from ssimgif.progress import ProgressCallback, notify
from ssimgif.quality import contract
from ssimgif.render import Rendering, checksum, render
from ssimgif.settings import Settings, Target
from ssimgif.stopwatch import Stopwatch

# A palette of no more colours than this has none to spare for "leave what is on screen".
FEWEST_WITH_TRANSPARENT = 2
# Points of SSIMULACRA2 that the floor rises where the first to the second share of pixels is flat,
# and the highest floor.
FLAT_LOOKS = 8.0
FLAT_SHARES = (0.5, 0.9)
HIGHEST_LOOKS = 90.0
# Targets whose logarithms of 1 - SSIM differ by no more share their palettes.
SAME_PLANS = 0.15
# What the weight of chroma is multiplied by where a clip is rendered several times.
CHROMA_FACTORS = (1.0, 1.4, 0.7)
# A GIF this much below a budget is good enough.
BUDGET_SLACK = 0.03


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
    """

    stream: BinaryIO
    rendering: Rendering
    plans: Sequence[PalettePlan]
    target: Target
    score: contract.ClipScore
    shortfalls: list[str]

    @property
    def size(self) -> int:
        """Bytes of the GIF."""
        return self.rendering.size


class ClipEncoder:
    """Makes attempts at a clip.

    Parameters
    ----------
    clip, analysis, scenes :
        What is to be coded.
    settings : Settings
    executor : Executor or None
        Threads for trials.
    watch : Stopwatch
    progress : callable or None
    stack : ExitStack
        Closes the temporary files of the attempts.
    one_palette : bool
        Whether no frame may have a palette of its own.
    """

    def __init__(
        self,
        clip: Clip,
        analysis: ClipAnalysis,
        scenes: Sequence[Scene],
        settings: Settings,
        executor: Executor | None,
        watch: Stopwatch,
        progress: ProgressCallback | None,
        stack: ExitStack,
        one_palette: bool = False,
    ) -> None:
        self.clip = clip
        self.analysis = analysis
        self.scenes = scenes
        self.settings = settings
        self.executor = executor
        self.watch = watch
        self.progress = progress
        self.stack = stack
        self.one_palette = one_palette
        self.slots = timing.plan(analysis.durations)
        self.effort = effort(settings.effort)
        self._planned: tuple[float, Sequence[PalettePlan]] | None = None
        self.memory = None if settings.no_cache else Memory(analysis, scenes)
        if one_palette:
            self.effort = replace(self.effort, local_tables="none")
        if settings.max_bytes:
            # There will be many attempts, and the last one counts.
            self.effort = replace(self.effort, renderings=1)

    @property
    def target(self) -> Target:
        """What the settings ask for, with more looks for flat pictures unless they name looks.

        SSIMULACRA2 is a mean over the picture, so the more of it is flat and perfect, the worse
        may the rest be: small text rots first.
        """
        target = self.settings.target()
        if self.settings.looks is not None:
            return target
        low, high = FLAT_SHARES
        share = (float(np.mean(self.analysis.flat)) - low) / (high - low)
        raised = target.looks + FLAT_LOOKS * min(max(share, 0.0), 1.0)
        return replace(target, looks=max(target.looks, min(raised, HIGHEST_LOOKS)))

    def attempt(self, target: Target) -> Attempt:
        """Plan and render for a target, from what was decided before where that still holds."""
        planner = self._planner(target)
        known = self.memory.recall(target, self._key()) if self.memory else None
        guided = None
        if known is not None:
            guided = self._render(target, planner, known.plans, known.guide)
            if known.holds(sum(guided.rendering.scene_bytes), bool(guided.shortfalls)):
                return guided
        plans = self._plans(target, planner)
        attempt, guide = self._smallest(target, planner, plans)
        if self.memory is not None:
            self.memory.keep(
                target,
                self._key(),
                attempt.plans,
                guide,
                attempt.rendering.scene_bytes,
                bool(attempt.shortfalls),
            )
        if guided is None:
            return attempt
        return min(attempt, guided, key=lambda one: (len(one.shortfalls), one.size))

    def _plans(self, target: Target, planner: Planner) -> Sequence[PalettePlan]:
        """Plan palettes, or return the last plans where they were for almost the same target."""
        place = float(np.log(1.0 - target.mean))
        if self._planned is None or abs(self._planned[0] - place) > SAME_PLANS:
            with self.watch.stage("palettes"):
                plans = plan_palettes(
                    self.clip,
                    self.scenes,
                    planner,
                    self.effort,
                    self.settings.reuse_threshold,
                    self.analysis,
                )
            self._planned = place, plans
        return self._planned[1]

    def _smallest(
        self, target: Target, planner: Planner, plans: Sequence[PalettePlan]
    ) -> tuple[Attempt, Guide]:
        """Render plans, and again from other weights of chroma: small clips depend on their start.

        Searches lead to other ends from other beginnings, by several percent where frames are
        small.
        """
        found = []
        for factor in CHROMA_FACTORS[: self.effort.renderings]:
            varied = [replace(plan, start=plan.start.shifted(factor)) for plan in plans]
            guide = Guide()
            found.append((self._render(target, planner, varied, guide), guide))
        return min(found, key=lambda one: (len(one[0].shortfalls), one[0].size))

    def within_budget(self) -> Attempt:
        """Return the best that fits the budget, and is no better than a target that was named.

        What S comes out at is then no shortfall, whatever was aimed at.
        """
        settings = self.settings
        assert settings.max_bytes is not None
        if settings.names_target:
            attempt = self.best()
            if attempt.size <= settings.max_bytes:
                return attempt
        delta_e = settings.target().delta_e
        attempt = fit_budget(self.attempt, settings.max_bytes, BUDGET_SLACK, delta_e)
        guards = replace(attempt.target, mean=0.0, p10=0.0)
        return replace(attempt, shortfalls=contract.shortfalls(attempt.score, guards))

    def best(self) -> Attempt:
        """Make an attempt; where palettes were the limit, make another with richer ones."""
        target = self.target
        first = self.attempt(target)
        richest = self.one_palette or all(plan.palette is None for plan in first.plans)
        if richest or not first.shortfalls:
            return first
        planner = self._planner(target)
        richer = [replace(plan, palette=None, size=planner.most) for plan in first.plans]
        second = self._render(target, planner, richer)
        return min(first, second, key=lambda a: (len(a.shortfalls), -a.score.score))

    def check(self, attempt: Attempt) -> None:
        """Decode what was written and compare it with what was meant.

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
            raise OutputError(f"{self.clip.name}: the GIF does not decode to what was encoded")

    def _key(self) -> list[Any]:
        """Return what plans depend on, other than the pictures and the target."""
        settings = self.settings
        return [
            settings.effort,
            settings.colors,
            settings.palettes,
            settings.dither,
            settings.reuse_threshold,
            self.one_palette,
            self.clip.has_alpha,
            [self.clip.width, self.clip.height],
            plugins.names(),
        ]

    def _planner(self, target: Target) -> Planner:
        return Planner(
            target,
            self.effort,
            self.settings.colors,
            transparent=self.clip.has_alpha
            or (len(self.slots) > 1 and self.settings.colors > FEWEST_WITH_TRANSPARENT),
            strategies=plugins.palette_choice(self.settings.palettes),
            executor=self.executor,
        )

    def _dithering(self) -> Dithering:
        return Dithering(self.settings.dither, plugins.ditherers(), plugins.banding)

    def _render(
        self,
        target: Target,
        planner: Planner,
        plans: Sequence[PalettePlan],
        guide: Guide | None = None,
    ) -> Attempt:
        stream = self.stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        total = len(self.slots)
        with (
            self.watch.stage("encode"),
            GifWriter(stream, self.clip.width, self.clip.height, self.clip.loop) as writer,
        ):
            rendering = render(
                self.clip,
                self.analysis,
                self.slots,
                self.scenes,
                plans,
                target,
                self.effort,
                Preparer(target, self._dithering()),
                None if self.one_palette else planner.own_palette,
                writer,
                self.executor,
                lambda done: notify(self.progress, "encoding", done, total),
                guide,
            )
        stream.seek(0)
        score = contract.summarise(rendering.scores, self.analysis.durations)
        return Attempt(stream, rendering, plans, target, score, contract.shortfalls(score, target))
