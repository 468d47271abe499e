"""Encode an analysed clip for a target: plan its palettes, render it, judge the result."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np

from ssimgif import plugins
from ssimgif.cache import Memory
from ssimgif.dither import Dithering
from ssimgif.encoder.encode_pass import Rendering, checksum, render
from ssimgif.encoder.palette_search import Planner
from ssimgif.encoder.palette_sharing import plan_palettes
from ssimgif.encoder.preprocess import Preparer
from ssimgif.errors import OutputError
from ssimgif.gif import GifWriter, reader, timing
from ssimgif.image import Canvas, rgb_of
from ssimgif.lookahead import ClipAnalysis
from ssimgif.metrics import score as contract
from ssimgif.model import Clip, Scene
from ssimgif.progress import ProgressCallback, notify
from ssimgif.ratecontrol import Guide, PalettePlan, fit_budget
from ssimgif.settings import Settings, Target
from ssimgif.speed import Effort, effort
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
# Bytes below which a GIF, by the estimates, is coded with its palettes' rivals too.
SMALL_FILE = 300_000
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
    level : int
        The effort at which it was made.
    """

    stream: BinaryIO
    rendering: Rendering
    plans: Sequence[PalettePlan]
    target: Target
    score: contract.ClipScore
    shortfalls: list[str]
    level: int

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
        # There are many attempts at a budget, and the last one counts.
        also = () if settings.max_bytes else effort(settings.effort).also
        self.levels = (settings.effort, *also)
        self._planned: dict[int, tuple[float, Sequence[PalettePlan]]] = {}
        self.memory = None if settings.no_cache else Memory(analysis, scenes)

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
        known = self.memory.recall(target, self._key()) if self.memory else None
        guided = None
        if known is not None:
            guided = self._render(target, known.level, known.plans, known.guide)
            if known.holds(sum(guided.rendering.scene_bytes), bool(guided.shortfalls)):
                return guided
        attempt, guide = self._smallest(target)
        if self.memory is not None:
            self.memory.keep(
                target,
                self._key(),
                attempt.plans,
                guide,
                attempt.level,
                attempt.rendering.scene_bytes,
                bool(attempt.shortfalls),
            )
        if guided is None:
            return attempt
        return min(attempt, guided, key=lambda one: (len(one.shortfalls), one.size))

    def _smallest(self, target: Target) -> tuple[Attempt, Guide]:
        """Plan and render at every level that competes: clips that move little are chaotic.

        Searches lead to other ends from other beginnings, by several percent where frames are
        small, so that a higher level alone may make more bytes.
        """
        found = []
        for level in self.levels:
            for plans in self._competing(self._plans(target, level)):
                guide = Guide()
                found.append((self._render(target, level, plans, guide), guide))
        return min(found, key=lambda one: (len(one[0].shortfalls), one[0].size))

    def _competing(self, plans: Sequence[PalettePlan]) -> Iterator[Sequence[PalettePlan]]:
        """Yield plans, and those that may turn out smaller where coding them takes little time."""
        yield plans
        small = sum(plan.bytes for plan in plans) < SMALL_FILE
        if small and not self.settings.max_bytes and any(plan.rival for plan in plans):
            yield [plan.rival or plan for plan in plans]

    def _plans(self, target: Target, level: int) -> Sequence[PalettePlan]:
        """Plan palettes, or return the last plans where they were for almost the same target."""
        place = float(np.log(1.0 - target.mean))
        planned = self._planned.get(level)
        if planned is None or abs(planned[0] - place) > SAME_PLANS:
            with self.watch.stage("palettes"):
                plans = plan_palettes(
                    self.clip,
                    self.scenes,
                    self._planner(target, level),
                    self.settings.reuse_threshold,
                    self.analysis,
                )
            self._planned[level] = planned = place, plans
        return planned[1]

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
        most = self._planner(target, first.level).most
        richer = [replace(plan, palette=None, size=most) for plan in first.plans]
        second = self._render(target, first.level, richer)
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

    def _effort(self, level: int) -> Effort:
        found = effort(level)
        return replace(found, local_tables="none") if self.one_palette else found

    def _planner(self, target: Target, level: int) -> Planner:
        return Planner(
            target,
            self._effort(level),
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
        level: int,
        plans: Sequence[PalettePlan],
        guide: Guide | None = None,
    ) -> Attempt:
        stream = self.stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        total = len(self.slots)
        with (
            self.watch.stage("encode"),
            GifWriter(stream, self.clip.width, self.clip.height, self.clip.loop) as writer,
        ):
            given = self._effort(level)
            preparer = Preparer(target, self._dithering(), given.color_step)
            rendering = render(
                self.clip,
                self.analysis,
                self.slots,
                self.scenes,
                plans,
                target,
                given,
                preparer,
                None if self.one_palette else self._planner(target, level).own_palette,
                writer,
                self.executor,
                lambda done: notify(self.progress, "encoding", done, total),
                guide,
            )
        stream.seek(0)
        score = contract.summarise(rendering.scores, self.analysis.durations)
        shortfalls = contract.shortfalls(score, target)
        return Attempt(stream, rendering, plans, target, score, shortfalls, level)
