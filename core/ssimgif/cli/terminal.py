"""What the command says on standard error: progress, notes, warnings, one line at the end."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Any

from ssimgif.kernels.compiling import STAGE as COMPILING
from ssimgif.progress import Progress
from ssimgif.target import quality_words

if TYPE_CHECKING:
    from ssimgif.report import Report
    from ssimgif.verify import Verification

SECONDS_BETWEEN_LINES = 10.0
# Below the first quality, the second is worth a try.
GOOD, BETTER = 75, 80


def printable(text: str) -> str:
    """Return a text in which characters that command a terminal, or end a line, are escapes."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def say(text: str) -> None:
    """Write one line to standard error; what a file or its name says in it is `printable`."""
    print(f"ssimgif: {printable(text)}", file=sys.stderr)


def summary(name: str, report: Report) -> str:
    """Return the line that ends a conversion: how large, what it looks like, what to try."""
    seconds = f"{sum(report.seconds.values()):.1f} s"
    if report.settings["lossless"]:
        return f"{name}: {report.bytes:,} bytes, every pixel as in the source, {seconds}"
    if report.looks_mean is None:
        return f"{name}: {report.bytes:,} bytes, SSIM {report.score:.3f}, {seconds}"
    words = quality_words(report.looks_mean)
    figures = f"quality {report.looks_mean:.0f}, SSIM {report.score:.3f}"
    line = f"{name}: {report.bytes:,} bytes, {words} ({figures}), {seconds}"
    if report.looks_mean >= GOOD or report.warnings or _asked(report):
        return line
    return f"{line}; small text may suffer: try --quality {BETTER}"


def _asked(report: Report) -> bool:
    """Tell whether a quality, or a limit that it gave way to, was asked for."""
    asked = ("ssim", "quality", "preset", "max_bytes")
    return any(report.settings[name] is not None for name in asked)


@contextmanager
def plugin_warnings(quiet: bool) -> Iterator[None]:
    """Show plug-ins' warnings as one line each, and no other warnings of Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", r"plug-in '")
        if not quiet:
            warnings.showwarning = lambda message, *_: say(f"warning: {message}")
        yield


@contextmanager
def progress_bar(
    stopped: Callable[[], bool], quiet: bool
) -> Iterator[Callable[[Progress], bool | None]]:
    """Give a progress callback that draws a bar, on a terminal only, and stops when asked to.

    Elsewhere it says a line now and then while kernels are compiled, which nobody expects.
    """
    if quiet:
        yield lambda step: not stopped()
        return
    if not sys.stderr.isatty():
        tell = compiling_lines()
        yield lambda step: tell(step) or not stopped()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def update(step: Progress) -> bool:
            if step.stage not in tasks:
                tasks[step.stage] = bar.add_task(step.stage, total=step.total)
            bar.update(tasks[step.stage], completed=step.done, total=step.total)
            return not stopped()

        yield update


def compiling_lines() -> Callable[[Progress], None]:
    """Return a progress callback that says how far the compiling of kernels is, now and then."""
    began = told = monotonic()
    first: int | None = None

    def tell(step: Progress) -> None:
        nonlocal told, first
        if step.stage != COMPILING or step.total is None:
            return
        now = monotonic()
        if first is None:
            first = step.done
            say(f"compiling {step.total - first} kernels, once; this takes about a minute")
        elif now - told >= SECONDS_BETWEEN_LINES and step.done > first:
            told = now
            left = (now - began) / (step.done - first) * (step.total - step.done)
            say(f"compiled {step.done} of {step.total} kernels, about {left:.0f} s left")

    return tell


def verification_json(result: Verification) -> str:
    """Return what a GIF scored as JSON."""
    return json.dumps(asdict(result), indent=2)


def verification_table(result: Verification) -> str:
    """Return what a GIF scored as lines for people."""
    score = result.score
    rows = [
        ("S", f"{score.score:.4f}", "the lesser of mean and 10th percentile"),
        ("mean SSIM", f"{score.mean:.4f}", f"{score.duration_weighted_mean:.4f} by duration"),
        ("10th percentile", f"{score.p10:.4f}", f"worst frame {score.worst:.4f}"),
        ("variance", f"{score.variance:.6f}", ""),
        (
            "colour difference",
            f"{score.delta_e_mean:.2f}",
            f"95th percentile {score.delta_e_p95:.2f} (CIEDE2000)",
        ),
    ]
    if score.looks_mean is not None and score.looks_p10 is not None:
        note = f"10th percentile {score.looks_p10:.1f} (SSIMULACRA2)"
        rows.append(("looks", f"{score.looks_mean:.1f}", note))
    if score.local_mean is not None and score.local_p90 is not None:
        note = f"90th percentile {score.local_p90:.2f} (butteraugli)"
        rows.append(("worst places", f"{score.local_mean:.2f}", note))
    rows += [
        ("missed changes", f"{score.missed:.1%}", f"{score.missable:.1%} would do"),
        ("frames", str(result.gif_frames), f"source {result.source_frames}"),
        ("seconds", f"{result.gif_duration:.3f}", f"source {result.source_duration:.3f}"),
        ("plays", _plays(result.gif_loop), f"source {_plays(result.source_loop)}"),
    ]
    if result.short_delays:
        rows.append(("short delays", str(result.short_delays), "browsers slow these frames down"))
    if result.alpha_mismatch:
        rows.append(("alpha differs", f"{result.alpha_mismatch:.2%}", "of all pixels"))
    return "\n".join(f"{name:<18} {figure:<9} {note}".rstrip() for name, figure, note in rows)


def _plays(loop: int) -> str:
    return str(loop) if loop else "for ever"
