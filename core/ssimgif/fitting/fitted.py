"""Make the GIF that looks best within a number of bytes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from math import exp, log

from ssimgif.encoder import Attempt, BudgetEncoder, ClipEncoder, EncodeJob, Equipment, make_job
from ssimgif.fitting.candidate import Shape, played, reshaped
from ssimgif.fitting.choice import Choice, choose, size_is_fixed
from ssimgif.fitting.shown import score_shown
from ssimgif.fitting.size_search import NEAR_POWER
from ssimgif.model import Clip
from ssimgif.ratecontrol import AIMED_SHARE, quality_seen, usual_growth
from ssimgif.report import FitReport
from ssimgif.sources import height_at, matte, remember

# How far off what it should take, as a logarithm, a GIF may be where quality makes up for it; and
# the least share of the limit where it has about all quality that is asked for.
FAR_OFF, LEAST = 0.35, 0.95
MOST_WIDTHS = 4
# Bytes may go with the width to these powers, from one width to one near it.
LEAST_POWER, MOST_POWER = 0.8, 3.0
CORRECTED = "; it was made "


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
    job = make_job(_shaped(whole, choice), choice.settings, equipment)
    choice, encoder, attempt = _at_width_that_fits(choice, _encoder(job, files), whole)
    return Fitted(encoder.job, attempt, _seen(whole, choice.report, attempt, equipment))


def _at_width_that_fits(
    choice: Choice, encoder: BudgetEncoder, whole: EncodeJob
) -> tuple[Choice, BudgetEncoder, Attempt]:
    """Return a choice whose width is put right by what the whole GIF takes, and that GIF."""
    limit = whole.settings.max_bytes
    assert limit is not None
    made: dict[int, int] = {}
    fitting: dict[int, tuple[Choice, BudgetEncoder, Attempt]] = {}
    for _ in range(MOST_WIDTHS):
        width = choice.report.width
        attempt = encoder.at(choice.quality)
        made[width] = attempt.size
        if attempt.size <= limit:
            fitting[width] = choice, encoder, attempt
        other = corrected(choice, made, whole)
        if other is None or other.report.width in made:
            break
        choice, encoder = other, encoder.resized(_shaped(whole, other))
    if choice.at_top and fitting:
        # A lower quality fills no limit that a larger width has missed.
        choice, encoder, attempt = fitting[max(fitting)]
        if attempt.size >= LEAST * limit:
            return choice, encoder, attempt
    return choice, encoder, encoder.near(choice.quality, choice.sizes)


def corrected(choice: Choice, made: Mapping[int, int], whole: EncodeJob) -> Choice | None:
    """Return the choice of another width, where bytes came out far from what was expected.

    The quality at which the best candidate fits is what suits the clip: where the whole GIF comes
    nowhere near it, its width is off; so it is near the top, where quality can't make up for it.

    Parameters
    ----------
    choice : Choice
    made : mapping of int to int
        Bytes of the whole GIF by width, the choice's last.
    whole : EncodeJob
    """
    limit, report, clip = whole.settings.max_bytes, choice.report, whole.clip
    assert limit is not None
    size = made[report.width]
    growth = log(size / (AIMED_SHARE * limit))
    if choice.at_top:
        good = LEAST * limit <= size <= limit
    else:
        left = usual_growth(choice.quality, max(choice.sizes))
        good = abs(growth) < FAR_OFF and LEAST * limit <= size * exp(left)
    if good or size_is_fixed(whole.settings):
        return None
    power = _width_power(made)
    width = min(max(round(report.width * exp(-growth / power)), 1), clip.width)
    if width == report.width:
        return None
    height = height_at(clip, width)
    off = growth + power * log(width / report.width)
    reason = choice.report.reason.partition(CORRECTED)[0]
    return replace(
        choice,
        settings=replace(choice.settings, width=width, height=height),
        sizes={quality: one * exp(off) for quality, one in choice.sizes.items()},
        report=replace(
            report,
            width=width,
            height=height,
            reason=f"{reason}{CORRECTED}{width}x{height}, by what that took",
        ),
    )


def _width_power(made: Mapping[int, int]) -> float:
    """Return the power of the width that bytes go with, by the last two that were made."""
    if len(made) < 2:
        return NEAR_POWER
    (one, size), (other, other_size) = list(made.items())[-2:]
    return min(max(log(size / other_size) / log(one / other), LEAST_POWER), MOST_POWER)


def _shaped(whole: EncodeJob, choice: Choice) -> Clip:
    """Return the clip at the size and the frame rate that were chosen."""
    settings, report = choice.settings, choice.report
    shape = Shape(report.width, report.height, choice.fps)
    clip = reshaped(whole.clip, shape, settings)
    return remember(matte(clip, settings.background, settings.feather))


def _seen(whole: EncodeJob, report: FitReport, attempt: Attempt, equipment: Equipment) -> FitReport:
    """Return the report with the quality that is seen of the whole GIF."""
    with equipment.watch.stage("fitting"):
        size = report.shown_width, report.shown_height
        shown = played(attempt.stream)
        score = score_shown(whole.clip.frames(), shown, size)
    return replace(report, seen=round(quality_seen(score), 1))


def _encoder(job: EncodeJob, files: ExitStack) -> BudgetEncoder:
    assert job.settings.max_bytes is not None
    return BudgetEncoder(ClipEncoder(job, files), job.settings.max_bytes)
