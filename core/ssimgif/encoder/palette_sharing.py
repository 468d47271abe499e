"""Plan the palettes of a whole clip: each scene's own, and which scenes can share one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from ssimgif.encoder.job import EncodeJob
from ssimgif.encoder.palette_search import PaletteSearch
from ssimgif.gif import table_bytes, with_transparent
from ssimgif.lookahead import Samples, reduced, scene_samples
from ssimgif.model import Palette, Scene
from ssimgif.palette import merge
from ssimgif.ratecontrol import PalettePlan

# Scenes whose samples are kept, to share their palettes with.
REMEMBERED = 4


def plan_palettes(job: EncodeJob, search: PaletteSearch) -> list[PalettePlan]:
    """Return one plan a scene; scenes that share a palette have the same `Palette` object.

    A scene shares the palette of the one before it, or of an earlier one that looks alike, when
    each does for the other's samples (at the reuse threshold, or at the target without one) and
    the scene takes no more bytes than with a table of its own. Where neither does, one merged
    from both may, on the same terms.
    """
    tell = job.tell("planning palettes", len(job.scenes))
    tell(0)
    plans: list[PalettePlan] = []
    known: deque[tuple[int, Scene, Samples]] = deque(maxlen=REMEMBERED)
    speed = search.speed
    sampled = scene_samples(job.clip, job.scenes, speed.samples, speed.run, job.features)
    for scene, whole in sampled:
        found = reduced(whole)
        plan = search.plan(whole, found)
        reuse = Reuse(search, plan, found, job.settings.reuse_threshold)
        last = len(plans) - 1
        for number, other, samples in reversed(known):
            if number == last or other.cluster == scene.cluster:
                shared = reuse.shared(plans[number], samples)
                if shared is not None:
                    plan, found = shared, with_tables(found, samples)
                    break
        else:
            if plans and not any(p.palette is plans[-1].palette for p in plans[:-1]):
                merged = reuse.merged(plans[-1], known[-1][2])
                if merged is not None:
                    plans[-1], plan = merged
                    found = with_tables(found, known[-1][2])
        known.append((len(plans), scene, found))
        plans.append(plan)
        tell(len(plans))
    return plans


def with_tables(samples: Samples, shared: Samples) -> Samples:
    """Return a scene's samples once it has the palette of another, whose table may be global."""
    return replace(samples, tables=min(samples.tables, shared.tables))


@dataclass(frozen=True, slots=True)
class Reuse:
    """Whether a scene can do without a palette of its own."""

    search: PaletteSearch
    plan: PalettePlan
    samples: Samples
    threshold: float | None

    def shared(self, earlier: PalettePlan, earlier_samples: Samples) -> PalettePlan | None:
        """Return the scene's plan with an earlier scene's palette, if that is no worse."""
        own, other = self.plan.palette, earlier.palette
        if own is None or other is None:
            return None
        if not (self._fits(other, self.samples) and self._fits(own, earlier_samples)):
            return None
        tables = 0 if self._one_is_global(earlier_samples) else self.samples.tables
        cost = self.search.cost(other, self.samples) + tables * table_bytes(len(other.colors))
        if cost > self.plan.bytes:
            return None
        strategy = f"{earlier.strategy.removesuffix(', shared')}, shared"
        return replace(
            self.plan,
            palette=other,
            size=earlier.size,
            strategy=strategy,
            bytes=cost,
            runner_up=None,
        )

    def merged(
        self, before: PalettePlan, before_samples: Samples
    ) -> tuple[PalettePlan, PalettePlan] | None:
        """Return plans of both scenes with a palette merged from both, if that is no worse."""
        if self.plan.palette is None or before.palette is None:
            return None
        size = max(before.size, self.plan.size)
        palette = merge(before.palette, self.plan.palette, size)
        if self.search.transparent:
            palette = with_transparent(palette)
        if not (self._fits(palette, self.samples) and self._fits(palette, before_samples)):
            return None
        costs = [self.search.cost(palette, some) for some in (before_samples, self.samples)]
        tables = before_samples.tables + self.samples.tables
        if self._one_is_global(before_samples):
            tables = 1
        if sum(costs) + tables * table_bytes(len(palette.colors)) > before.bytes + self.plan.bytes:
            return None
        first, second = (
            replace(plan, palette=palette, size=size, strategy="merged", bytes=cost, runner_up=None)
            for plan, cost in zip((before, self.plan), costs, strict=True)
        )
        return first, second

    def _one_is_global(self, earlier: Samples) -> bool:
        """Tell whether a palette of both scenes would be the GIF's global table."""
        return min(self.samples.tables, earlier.tables) == 1

    def _fits(self, palette: Palette, samples: Samples) -> bool:
        return self.search.fits(palette, samples, self.threshold)
