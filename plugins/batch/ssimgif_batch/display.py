"""How far a batch is, on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from ssimgif import say

SECONDS_BETWEEN_LINES = 30.0

Step = Callable[[bool], None]


@contextmanager
def display(total: int, quiet: bool) -> Iterator[Step]:
    """Give a function to call for each file, with whether it was done."""
    if quiet or not total:
        yield lambda done: None
    elif sys.stderr.isatty():
        with _bar(total) as step:
            yield step
    else:
        yield _lines(total)


@contextmanager
def _bar(total: int) -> Iterator[Step]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("files", total=total)
        failed = 0

        def step(done: bool) -> None:
            nonlocal failed
            failed += not done
            bar.update(task, advance=1, description=f"files, {failed} failed" if failed else None)

        yield step


def _lines(total: int) -> Step:
    started = last = monotonic()
    count = failed = 0

    def step(done: bool) -> None:
        nonlocal last, count, failed
        count += 1
        failed += not done
        if monotonic() - last < SECONDS_BETWEEN_LINES:
            return
        last = monotonic()
        left = (last - started) / count * (total - count)
        say(f"{count:,} of {total:,} files, {failed:,} failed, about {_duration(left)} left")

    return step


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
