"""Names that can't be used, and outputs that harm one another, found before any is written."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from ssimgif import printable
from ssimgif_batch.job import Job
from ssimgif_batch.places import OWN_FOLDER, RESERVED, Destination, is_url

WINDOWS = os.name == "nt"


def refused(jobs: Sequence[Job], destination: Destination) -> dict[int, str]:
    """Return what is wrong with jobs that can't be done, each in a sentence.

    Of two jobs with one output the first is done. Names are the same where they lead to the same
    file, by any spelling or link.

    Parameters
    ----------
    jobs : sequence of Job
    destination : Destination

    Returns
    -------
    dict of int to str
        By the job's place in the sequence.
    """
    resolve = _Resolver(destination)
    wrong = {
        number: fault for number, job in enumerate(jobs) if (fault := _own_fault(job, destination))
    }
    sources = {resolve(job.source): job for job in jobs if _is_name(job.source)}
    places = {
        number: resolve(destination.place(job.output))
        for number, job in enumerate(jobs)
        if number not in wrong
    }
    nearest = {os.path.dirname(place) for place in places.values()}  # noqa: PTH120
    folders = {folder for inner in nearest for folder in _with_parents(inner)}
    owners: dict[str, Job] = {}
    for number, place in places.items():
        job = jobs[number]
        if place in sources:
            read = sources[place]
            wrong[number] = (
                "is the source itself" if read is job else f"is a source, too: {read.source}"
            )
        elif place in folders:
            wrong[number] = "is a folder of other outputs"
        elif place in owners:
            wrong[number] = f"is that of {owners[place].source}, too"
        else:
            owners[place] = job
    return {number: _sentence(jobs[number], fault) for number, fault in sorted(wrong.items())}


def _sentence(job: Job, fault: str) -> str:
    if not _is_name(job.source):
        return printable(f"{job.source}: no file can have this name")
    return printable(f"{job.source}: its output {job.output} {fault}")


def _is_name(name: str) -> bool:
    """Tell whether a file can have a name."""
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False


def _own_fault(job: Job, destination: Destination) -> str:
    """Return what is wrong with the names of a job, whatever the others are; empty when nothing."""
    if not (_is_name(job.source) and _is_name(job.output)):
        return "is no name that a file can have"
    output = PurePosixPath(job.output)
    if OWN_FOLDER in (part.lower() for part in output.parts):
        return "is in the batch's own folder"
    path = destination.local(job.output)
    if path is not None and path.is_dir():
        return "is a folder"
    if output.suffix.lower() != ".gif":
        return "does not end in .gif"
    return _local_fault(path) if path is not None else ""


def _local_fault(path: Path) -> str:
    """Return why no file can be at a path of this machine; empty when one can."""
    if WINDOWS and not RESERVED.isdisjoint(path.name):
        return "has a character that Windows takes in no name; name it in a manifest"
    if not _nearest(path.parent).is_dir():
        return f"would be in {_nearest(path.parent)}, which is no folder"
    return ""


@cache
def _nearest(folder: Path) -> Path:
    """Return a path, or what is there of it."""
    return folder if os.path.lexists(folder) else _nearest(folder.parent)


class _Resolver:
    """Gives equal texts for names of one file; for a million names without a `Path` of each."""

    def __init__(self, destination: Destination) -> None:
        self._folds_case = destination.folds_case()
        self._folders: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        if is_url(name):
            return name
        folder, last = os.path.split(name)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        path = f"{self._folders[folder]}{os.sep}{last}"
        if os.path.islink(path):  # noqa: PTH114
            path = os.path.realpath(path)
        return unicodedata.normalize("NFC", path).casefold() if self._folds_case else path


def _with_parents(folder: str) -> Iterator[str]:
    yield folder
    while (parent := os.path.dirname(folder)) not in ("", folder):  # noqa: PTH120
        yield parent
        folder = parent
