"""Put together a clip of the scenes that came out best, each by the plan of another attempt."""

from __future__ import annotations

from collections.abc import Sequence

from ssimgif.encoder.attempt import Attempt, best_of
from ssimgif.encoder.job import EncodeJob
from ssimgif.metrics import shortfalls, summarise
from ssimgif.ratecontrol import PalettePlan, PassStats

# The share of the smallest attempt's bytes that a mixture is expected to take at most.
WORTH_MIXING = 0.99


def mixture(
    job: EncodeJob, attempts: Sequence[Attempt]
) -> tuple[list[PalettePlan], PassStats] | None:
    """Return for each scene the plan that came out best, and where its searches ended.

    Parameters
    ----------
    job : EncodeJob
    attempts : sequence of Attempt
        Of the job's clip at its target.

    Returns
    -------
    (list of PalettePlan, PassStats) or None
        None where a mixture would hardly be smaller than the best attempt, or no better.
    """
    if min(len(attempts), len(job.scenes)) < 2:
        return None
    best = best_of(attempts)
    chosen = [_best_in(scene, job, attempts) for scene in range(len(job.scenes))]
    expected = sum(one.rendering.scene_bytes[scene] for scene, one in enumerate(chosen))
    blocks = sum(best.rendering.scene_bytes)
    larger = not best.shortfalls and expected > WORTH_MIXING * blocks
    if larger or all(one is chosen[0] for one in chosen):
        return None
    stats = PassStats()
    for scene, one in zip(job.scenes, chosen, strict=True):
        frames = range(scene.start, scene.stop)
        stats.hints |= {at: notes for at, notes in one.stats.notes.items() if at in frames}
        stats.palettes |= {key: made for key, made in one.stats.made.items() if key[0] in frames}
    return [one.plans[scene] for scene, one in enumerate(chosen)], stats


def _best_in(scene: int, job: EncodeJob, attempts: Sequence[Attempt]) -> Attempt:
    """Return the attempt that takes the fewest bytes in a scene, of those that miss least there."""
    frames = slice(job.scenes[scene].start, job.scenes[scene].stop)

    def rank(one: Attempt) -> tuple[int, int]:
        score = summarise(one.rendering.scores[frames], job.features.durations[frames])
        return len(shortfalls(score, one.target)), one.rendering.scene_bytes[scene]

    return min(attempts, key=rank)
