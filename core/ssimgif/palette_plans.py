"""Plan the palettes of a whole clip: each scene's own, and which scenes can share one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ssimgif.model import U8, Clip, Scene
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
    each does for the other's samples: at the reuse threshold, or at the target without one. Where
    neither does, one merged from both may.
    """
    plans: list[PalettePlan] = []
    known: list[tuple[Scene, list[Sample]]] = []
    for scene, found in _scene_samples(clip, scenes, samples):
        plan = planner.plan(found)
        neighbours = [i for i, (other, _) in enumerate(known) if other.cluster == scene.cluster]
        if known and len(known) - 1 not in neighbours:
            neighbours.append(len(known) - 1)
        for number in reversed(neighbours):
            shared = _shared(planner, plans[number], known[number][1], plan, found, reuse_threshold)
            if shared is not None:
                plan = shared
                break
        else:
            merged = _merged(planner, plans, known, plan, found, reuse_threshold)
            if merged is not None:
                plan = plans[-1] = merged
        plans.append(plan)
        known.append((scene, found[:1]))
    return plans


def _shared(
    planner: Planner,
    earlier: PalettePlan,
    earlier_samples: Sequence[Sample],
    plan: PalettePlan,
    samples: Sequence[Sample],
    threshold: float | None,
) -> PalettePlan | None:
    """Return ``plan`` with the earlier scene's palette where both do for both."""
    if earlier.palette is None or plan.palette is None:
        return None
    both_ways = planner.fits(earlier.palette, samples, threshold) and planner.fits(
        plan.palette, earlier_samples, threshold
    )
    if not both_ways:
        return None
    return replace(
        plan,
        palette=earlier.palette,
        size=earlier.size,
        strategy=f"{earlier.strategy.removesuffix(', shared')}, shared",
    )


def _merged(
    planner: Planner,
    plans: Sequence[PalettePlan],
    known: Sequence[tuple[Scene, list[Sample]]],
    plan: PalettePlan,
    samples: Sequence[Sample],
    threshold: float | None,
) -> PalettePlan | None:
    """Return a plan with a palette merged from this scene's and the one before, if it does."""
    if not plans or plan.palette is None:
        return None
    before = plans[-1]
    already_shared = any(other.palette is before.palette for other in plans[:-1])
    if before.palette is None or already_shared:
        return None
    palette = merge(before.palette, plan.palette, max(before.size, plan.size))
    if not all(planner.fits(palette, some, threshold) for some in (samples, known[-1][1])):
        return None
    return replace(plan, palette=palette, strategy="merged")


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
