"""Make attempts at a clip, and keep the best."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace

from ssimgif.cache import DecisionCache, Decisions
from ssimgif.encoder.attempt import Attempt, best_of, judged_by, make_attempt
from ssimgif.encoder.encode_pass import Rendering, TooLargeError
from ssimgif.encoder.job import EncodeJob
from ssimgif.encoder.mixing import mixture
from ssimgif.encoder.palette_search import palette_search
from ssimgif.encoder.palette_sharing import plan_palettes
from ssimgif.metrics import shortfalls
from ssimgif.palette import EXACT
from ssimgif.ratecontrol import PalettePlan, PassStats
from ssimgif.speed import speed_settings
from ssimgif.target import Target, local_limit

# Bytes below which a GIF, by the estimates, is coded with its palettes' runners_up too.
SMALL_FILE = 300_000
# A quality below which flat clips often take no fewer bytes, and one at which clips of few colours
# look clean: what comes and goes leaves nothing to be mended.
FINER, CLEAN = 66.0, 86.0
# Looks from which on a clip may be one of few colours, and how much above what is asked for.
PLAIN, FAR_MORE = 72.0, 2.5


class ClipEncoder:
    """Makes attempts at a clip.

    Parameters
    ----------
    job : EncodeJob
    files : ExitStack
        Closes the temporary files of the attempts.
    """

    def __init__(self, job: EncodeJob, files: ExitStack) -> None:
        self.job = job
        self.files = files
        self.levels = (job.level, *speed_settings(job.level).also)
        self._cache = None if job.settings.no_cache else DecisionCache(job.features, job.scenes)

    def best(self) -> Attempt:
        """Make an attempt, and others where these may do better."""
        first = self.attempt(self.job.target)
        return best_of((first, *self._finer(first), *self._with_local_palettes(first)))

    def _finer(self, first: Attempt) -> Iterator[Attempt]:
        """Yield attempts at higher qualities, where far more came out than is asked for.

        Then it is strong changes that are to arrive which take the bytes, and each that a coarse
        frame leaves out is to be made up for.
        """
        target, seen = self.job.target, first.score.looks_mean or 0.0
        judged = target.local and not self.job.speed.early_termination
        if not judged or first.size >= SMALL_FILE:
            return
        if self.job.settings.quality is not None and target.looks < FINER <= seen:
            yield judged_by(target, self.attempt(_at_least(target, FINER)))
        if target.looks < CLEAN and seen >= max(PLAIN, target.looks + FAR_MORE):
            clean = self.job.at(_at_least(target, CLEAN), first.level)
            with suppress(TooLargeError):
                yield judged_by(target, self.coded(clean, first.plans, rival=first.rendering))

    def _with_local_palettes(self, first: Attempt) -> Iterator[Attempt]:
        """Yield one with palettes of single frames, where palettes were the limit."""
        target = self.job.target
        local = self.job.equipment.one_palette or all(plan.palette is None for plan in first.plans)
        if local or not shortfalls(first.score, replace(target, local=0.0)):
            return
        job = self.job.at(target, first.level)
        most = palette_search(job).most
        plans = [replace(plan, palette=None, size=most) for plan in first.plans]
        yield self.coded(job, plans)

    def attempt(self, target: Target) -> Attempt:
        """Return the best for a target, from what was decided before where that still holds."""
        job = self.job.at(target)
        if self._cache is None:
            return self._smallest(target)
        key = circumstances(job)
        known = self._cache.recall(target, key)
        if known is None:
            found = self._smallest(target)
            self._cache.keep(target, key, decisions(found))
            return found
        if known.replays:
            recalled = self.coded(job.at(target, known.level), known.plans, known.stats)
            if known.confirmed_by(decisions(recalled)):
                return recalled
            self._cache.keep(target, key, replace(known, replays=False))
        return self._smallest(target)

    def _smallest(self, target: Target) -> Attempt:
        """Plan and code at every level that competes: clips that move little are chaotic.

        Searches lead to other ends from other beginnings, by several percent where frames are
        small, so that a higher level alone may make more bytes.
        """
        attempts: list[Attempt] = []
        for level in self.levels:
            job = self.job.at(target, level)
            made = [self.coded(job, plans) for plans in self._competing(self.plans(job))]
            mixed = mixture(job, made)
            attempts += made if mixed is None else [*made, self.coded(job, *mixed)]
        return best_of(attempts)

    def _competing(self, plans: Sequence[PalettePlan]) -> Iterator[Sequence[PalettePlan]]:
        """Yield plans, and those that may turn out smaller where coding them takes little time."""
        yield plans
        if any(plan.exact is not None for plan in plans):
            # The errors of a frame cost bytes in the next: with few colours none are often cheaper.
            yield [_exact(plan) for plan in plans]
        small = sum(plan.bytes for plan in plans) < SMALL_FILE
        if small and any(plan.runner_up for plan in plans):
            yield [plan.runner_up or plan for plan in plans]

    def plans(self, job: EncodeJob) -> Sequence[PalettePlan]:
        """Plan the palettes of a job."""
        with job.equipment.watch.stage("palettes"):
            return plan_palettes(job, palette_search(job))

    def coded(
        self,
        job: EncodeJob,
        plans: Sequence[PalettePlan],
        stats: PassStats | None = None,
        rival: Rendering | None = None,
    ) -> Attempt:
        """Code the clip by plans.

        Raises
        ------
        TooLargeError
            Once it is not likely to become smaller than its rival.
        """
        stream = self.files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        return make_attempt(job, plans, stats or PassStats(), stream, rival)


def _at_least(target: Target, quality: float) -> Target:
    """Return a target raised to a quality."""
    limit = min(target.local, local_limit(Target(0.0, 0.0, quality)))
    return replace(target, looks=quality, local=limit)


def _exact(plan: PalettePlan) -> PalettePlan:
    """Return a plan to code a scene without loss, where it has few colours; else the plan."""
    palette = plan.palette if plan.strategy == EXACT else plan.exact
    if palette is None:
        return plan
    size = len(palette.colors) - (palette.transparent is not None)
    return replace(plan, palette=palette, size=size, strategy=EXACT, lossless=True)


def circumstances(job: EncodeJob) -> list[object]:
    """Return what plans depend on, other than the pictures and the target."""
    settings, clip = job.settings, job.clip
    return [
        settings.effort,
        settings.colors,
        settings.palettes,
        settings.dither,
        settings.reuse_threshold,
        job.equipment.one_palette,
        clip.has_alpha,
        [clip.width, clip.height],
        list(job.equipment.tools.names),
    ]


def decisions(attempt: Attempt) -> Decisions:
    """Return what an attempt decided, as the cache keeps it."""
    return Decisions(
        attempt.plans,
        attempt.stats,
        attempt.level,
        attempt.rendering.scene_bytes,
        bool(attempt.shortfalls),
    )
