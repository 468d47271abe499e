"""Plan the palettes of a whole clip: each scene's own, and which scenes can share one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ssimgif.gif.tables import with_transparent
from ssimgif.model import U8, Clip, Palette, Scene
from ssimgif.palettes import merge
from ssimgif.planner import PalettePlan, Planner, Sample, sample_frames


def plan_palettes(
    clip: Clip,
    scenes: Sequence[Scene],
    planner: Planner,
    samples: int,
    reuse_threshold: float | None,
) -> list[PalettePlan]:
    """Return one plan a scene; scenes that share a palette have the same `Palette` object.

    A scene shares the palette of the one before it, or of an earlier one that looks alike, when
    each does for the other's samples (at the reuse threshold, or at the target without one) and
    the scene takes no more bytes than with a table of its own. Where neither does, one merged
    from both may, on the same terms.
    """
    plans: list[PalettePlan] = []
    known: list[tuple[Scene, list[Sample]]] = []
    for scene, found in _scene_samples(clip, scenes, samples):
        plan = planner.plan(found)
        neighbours = [i for i, (other, _) in enumerate(known) if other.cluster == scene.cluster]
        if known and len(known) - 1 not in neighbours:
            neighbours.append(len(known) - 1)
        reuse = Reuse(planner, plan, found, reuse_threshold)
        for number in reversed(neighbours):
            shared = reuse.shared(plans[number], known[number][1])
            if shared is not None:
                plan = shared
                break
        else:
            if plans and not any(p.palette is plans[-1].palette for p in plans[:-1]):
                merged = reuse.merged(plans[-1], known[-1][1])
                if merged is not None:
                    plans[-1], plan = merged
        plans.append(plan)
        # All samples of the scene before, and one of each earlier scene, are enough to judge by.
        if len(known) > 1:
            known[-2] = (known[-2][0], known[-2][1][:1])
        known.append((scene, found))
    return plans


@dataclass(frozen=True, slots=True)
class Reuse:
    """Whether a scene can do without a palette of its own."""

    planner: Planner
    plan: PalettePlan
    samples: Sequence[Sample]
    threshold: float | None

    def shared(self, earlier: PalettePlan, earlier_samples: Sequence[Sample]) -> PalettePlan | None:
        """Return the scene's plan with an earlier scene's palette, if that is no worse."""
        own, other = self.plan.palette, earlier.palette
        if own is None or other is None:
            return None
        if not (self._fits(other, self.samples) and self._fits(own, earlier_samples)):
            return None
        cost = self.planner.cost(other, self.samples)
        if cost > self.plan.bytes:
            return None
        strategy = f"{earlier.strategy.removesuffix(', shared')}, shared"
        return replace(self.plan, palette=other, size=earlier.size, strategy=strategy, bytes=cost)

    def merged(
        self, before: PalettePlan, before_samples: Sequence[Sample]
    ) -> tuple[PalettePlan, PalettePlan] | None:
        """Return plans of both scenes with a palette merged from both, if that is no worse."""
        if self.plan.palette is None or before.palette is None:
            return None
        size = max(before.size, self.plan.size)
        palette = merge(before.palette, self.plan.palette, size)
        if self.planner.transparent:
            palette = with_transparent(palette)
        if not (self._fits(palette, self.samples) and self._fits(palette, before_samples)):
            return None
        costs = [self.planner.cost(palette, some) for some in (before_samples, self.samples)]
        if sum(costs) + 3 * len(palette.colors) > before.bytes + self.plan.bytes:
            return None
        first, second = (
            replace(plan, palette=palette, size=size, strategy="merged", bytes=cost)
            for plan, cost in zip((before, self.plan), costs, strict=True)
        )
        return first, second

    def _fits(self, palette: Palette, samples: Sequence[Sample]) -> bool:
        return self.planner.fits(palette, samples, self.threshold)


def _scene_samples(
    clip: Clip, scenes: Sequence[Scene], count: int
) -> Iterator[tuple[Scene, list[Sample]]]:
    """Yield each scene with its sample frames, reading the clip once."""
    frames = enumerate(clip.frames())
    before: U8 | None = None
    for scene in scenes:
        wanted = sample_frames(scene, count)
        others = max(1, len(wanted) - 1)
        found: list[Sample] = []
        for index, frame in frames:
            if index in wanted:
                first = index == scene.start
                stands_for = 1.0 if first else (scene.stop - scene.start - 1) / others
                found.append(Sample(frame.pixels, None if first else before, stands_for))
            before = frame.pixels
            if index == scene.stop - 1:
                break
        yield scene, found
