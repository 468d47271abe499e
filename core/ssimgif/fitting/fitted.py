"""Make the GIF that looks best within a number of bytes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt

from ssimgif.encoder import Attempt, BudgetEncoder, ClipEncoder, EncodeJob, Equipment, make_job
from ssimgif.fitting.candidate import played
from ssimgif.fitting.choice import Choice, choose
from ssimgif.fitting.shown import score_shown
from ssimgif.model import Clip
from ssimgif.ratecontrol import quality_seen
from ssimgif.report import FitReport
from ssimgif.settings import Settings

# A GIF that has less than this share of its limit, with all that is asked for, can be wider; and
# the share that the wider one is to have.
USED, AIM = 0.94, 0.97


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The GIF, the job that made it, and how its size was chosen, where it was."""

    job: EncodeJob
    attempt: Attempt
    report: FitReport | None = None


def fit(
    whole: EncodeJob,
    equipment: Equipment,
    prepare: Callable[[Settings], Clip],
    files: ExitStack,
) -> Fitted:
    """Return the GIF that looks best within the settings' limit.

    Parameters
    ----------
    whole : EncodeJob
        Of the clip at full size and rate.
    equipment : Equipment
    prepare : callable
        Returns the clip as other settings ask.
    files : ExitStack
        Closes the temporary files of the attempts.
    """
    limit = whole.settings.max_bytes
    assert limit is not None
    choice = choose(whole, equipment)
    if choice is None:
        return Fitted(whole, BudgetEncoder(ClipEncoder(whole, files), limit).best())

    def made(choice: Choice) -> Fitted:
        job = make_job(prepare(choice.settings), choice.settings, equipment)
        attempt = BudgetEncoder(ClipEncoder(job, files), limit).best(choice.sizes)
        with equipment.watch.stage("fitting"):
            size = choice.report.shown_width, choice.report.shown_height
            shown = played(attempt.stream)
            score = score_shown(whole.clip.frames(), shown, size, equipment.executor)
        report = replace(choice.report, seen=round(quality_seen(score), 1))
        return Fitted(job, attempt, report)

    first = made(choice)
    wider = widened(choice, first.attempt, whole.clip)
    if wider is None:
        return first
    second = made(wider)
    return max(first, second, key=lambda one: _rank(one, limit))


def widened(choice: Choice, attempt: Attempt, whole: Clip) -> Choice | None:
    """Return the choice of a larger size where what was made leaves bytes for it."""
    limit, width = choice.settings.max_bytes, choice.report.width
    assert limit is not None
    if choice.settings.width is None or attempt.quality is not None:
        return None
    if attempt.size >= USED * limit:
        return None
    wide = min(whole.width, int(width * sqrt(AIM * limit / attempt.size)))
    if wide <= width:
        return None
    high = max(1, round(whole.height * Fraction(wide, whole.width)))
    growth = (wide / width) ** 2
    return Choice(
        replace(choice.settings, width=wide, height=high),
        {quality: size * growth for quality, size in choice.sizes.items()},
        replace(choice.report, width=wide, height=high),
    )


def _rank(one: Fitted, limit: int) -> tuple[bool, float]:
    assert one.report is not None
    return one.attempt.size <= limit, one.report.seen
