"""What the names behind ``ssimgif`` mean, and which of them are refused."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ssimgif.errors import OutputError, SettingsError
from ssimgif.host import check_destination, replaceable

STREAM = "-"
GIF = b"GIF8"


def told_apart(places: Sequence[str]) -> tuple[list[str], str]:
    """Return the sources and the destination; the source of a GIF can be several pictures.

    Raises
    ------
    click.UsageError
    OutputError
        When the GIF of a source alone would replace something.
    """
    if not places:
        raise click.UsageError("Missing argument 'IN'.")
    if len(places) == 1:
        return list(places), _beside(places[0])
    *sources, destination = places
    if len(sources) > 1 and destination != STREAM and not _is_gif_name(destination):
        raise click.UsageError(
            f"Got unexpected extra arguments ({' '.join(places[2:])}); behind several pictures the"
            " last name must end in .gif."
        )
    return sources, destination


def _beside(source: str) -> str:
    """Return the place of a source's GIF where none is named: beside it, with its name."""
    if source == STREAM:
        raise click.UsageError("Missing argument 'OUT.gif'.")
    path = Path(source)
    if not path.exists():
        raise click.UsageError(f"There is neither a command nor a file named {source!r}.")
    if not path.name:
        path = path.resolve()
    gif = path.with_suffix(".gif") if path.is_file() else Path(f"{path}.gif")
    if os.path.lexists(gif):
        raise OutputError(f"{gif} exists; name the GIF to write: ssimgif {source} OUT.gif")
    return str(gif)


def check_places(sources: Sequence[str], destination: str, report: str | None, force: bool) -> None:
    """Refuse what can't be written; without ``force`` also what was hardly meant.

    Raises
    ------
    SettingsError, OutputError
    """
    if report is not None and _same_place(report, destination):
        raise SettingsError(f"the report and the GIF can't both be written to {report}")
    for path in (destination, report):
        if path not in (None, STREAM):
            for source in sources:
                check_destination(source, path)
    if destination == STREAM and sys.stdout.isatty():
        raise OutputError("a GIF is nothing for a terminal: name a file, or send it on with > or |")
    if force:
        return
    if report not in (None, STREAM) and not replaceable(report, b"{", b"<"):
        raise OutputError(f"{report} exists and is no report (--force replaces it)")
    if destination != STREAM:
        _check_gif(sources, destination)


def check_page(sources: Sequence[str], page: str, force: bool) -> None:
    """Refuse a page that would replace a source, and without ``force`` what is no page.

    Raises
    ------
    OutputError
    """
    for source in sources:
        check_destination(source, page)
    if not force and not replaceable(page, b"<"):
        raise OutputError(f"{page} exists and is no page (--force replaces it)")


def _check_gif(sources: Sequence[str], destination: str) -> None:
    path = Path(destination)
    if path.exists() and not path.is_file():  # a device or a pipe
        return
    if not replaceable(destination, GIF):
        raise OutputError(f"{destination} exists and is no GIF (--force replaces it)")
    if not _is_gif_name(destination):
        raise OutputError(f"{destination} does not end in .gif (--force writes a GIF there)")
    if len(sources) > 1 and any(map(_is_gif_name, sources)) and path.exists():
        raise OutputError(f"{destination} exists and may be a source, too (--force replaces it)")


def _is_gif_name(path: str) -> bool:
    return Path(path).suffix.lower() == ".gif"


def _same_place(first: str, second: str) -> bool:
    if STREAM in (first, second):
        return first == second
    return Path(first).resolve() == Path(second).resolve()
