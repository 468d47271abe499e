"""Make the GIF that looks best within a number of bytes."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from math import exp, log

from ssimgif.encoder import Attempt, BudgetEncoder, ClipEncoder, EncodeJob, Equipment, make_job
from ssimgif.fitting.candidate import Shape, played, reshaped
from ssimgif.fitting.choice import Choice, choose, size_is_fixed
from ssimgif.fitting.shown import score_shown
from ssimgif.fitting.size_search import WIDTH_POWER
from ssimgif.ratecontrol import quality_seen, usual_growth
from ssimgif.report import FitReport
from ssimgif.sources import matte, remember

# The share of its limit that a GIF is to have, and how far off, as a logarithm, it may be.
AIM, FAR_OFF = 0.97, 0.08


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The GIF, the job that made it, and how its size was chosen, where it was."""

    job: EncodeJob
    attempt: Attempt
    report: FitReport | None = None


def fit(whole: EncodeJob, equipment: Equipment, files: ExitStack) -> Fitted:
    """Return the GIF that looks best within the settings' limit.

    Parameters
    ----------
    whole : EncodeJob
        Of the clip at full size and rate.
    equipment : Equipment
    files : ExitStack
        Closes the temporary files of the attempts.
    """
    choice = choose(whole, equipment)
    if choice is None:
        return Fitted(whole, _encoder(whole, files).best())
    first = _made(whole, choice, equipment, files)
    other = corrected(choice, first.attempt, whole)
    if other is None:
        return first
    second = _made(whole, other, equipment, files)
    return max(first, second, key=_rank)


def corrected(choice: Choice, attempt: Attempt, whole: EncodeJob) -> Choice | None:
    """Return the choice of another width, where bytes came out far from what was expected.

    The quality at which the best candidate fits is what suits the clip: where the whole GIF does
    not come to it, or leaves bytes unused, its width is off.
    """
    limit, report, clip = whole.settings.max_bytes, choice.report, whole.clip
    assert limit is not None
    if size_is_fixed(whole.settings):
        return None
    if attempt.quality is None:
        growth = log(attempt.size / (AIM * limit))
    else:
        growth = usual_growth(attempt.quality, max(choice.quality, attempt.quality))
    if abs(growth) < FAR_OFF:
        return None
    width = min(max(round(report.width * exp(-growth / WIDTH_POWER)), 1), clip.width)
    if width == report.width:
        return None
    height = max(1, round(clip.height * Fraction(width, clip.width)))
    off = growth + WIDTH_POWER * log(width / report.width)
    return Choice(
        replace(choice.settings, width=width, height=height),
        choice.quality,
        {quality: size * exp(off) for quality, size in choice.sizes.items()},
        replace(
            report,
            width=width,
            height=height,
            reason=f"{report.reason}; it was made {width}x{height}, as its bytes came out"
            f" {'more' if growth > 0 else 'fewer'} than expected",
        ),
    )


def _made(whole: EncodeJob, choice: Choice, equipment: Equipment, files: ExitStack) -> Fitted:
    settings, report = choice.settings, choice.report
    shape = Shape(report.width, report.height, choice.fps)
    clip = matte(reshaped(whole.clip, shape, settings), settings.background, settings.feather)
    job = make_job(remember(clip), settings, equipment)
    attempt = _encoder(job, files).best(choice.sizes)
    with equipment.watch.stage("fitting"):
        size = report.shown_width, report.shown_height
        shown = played(attempt.stream)
        score = score_shown(whole.clip.frames(), shown, size, equipment.executor)
    return Fitted(job, attempt, replace(report, seen=round(quality_seen(score), 1)))


def _encoder(job: EncodeJob, files: ExitStack) -> BudgetEncoder:
    assert job.settings.max_bytes is not None
    return BudgetEncoder(ClipEncoder(job, files), job.settings.max_bytes)


def _rank(one: Fitted) -> tuple[bool, float]:
    assert one.report is not None and one.job.settings.max_bytes is not None
    return one.attempt.size <= one.job.settings.max_bytes, one.report.seen
