"""Doing one job, in the thread or the cluster's worker that it was given to."""

from __future__ import annotations

import socket
import threading
from dataclasses import asdict, replace
from time import perf_counter
from typing import Any

from ssimgif import (
    Cancelled,
    ConfinedConverter,
    ConfinedLimits,
    LimitError,
    OutputError,
    Report,
    Settings,
    SettingsError,
    SourceError,
    SsimGifError,
    TargetError,
    __version__,
    check_destination,
    replaceable,
)
from ssimgif_batch.job import Job, Outcome
from ssimgif_batch.places import Destination, UnreadableError, fetched, signature_size

_CAUSES: tuple[tuple[type[SsimGifError], str], ...] = (
    (UnreadableError, "unreadable"),
    (SourceError, "source"),
    (TargetError, "target"),
    (OutputError, "output"),
    (SettingsError, "settings"),
)


class Converters:
    """The child processes of this process, each with one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[ConfinedConverter] = []
        self._busy: set[ConfinedConverter] = set()
        self.stopping = False

    def take(self, limits: ConfinedLimits) -> ConfinedConverter:
        """Return an idle one, or a new one."""
        with self._lock:
            if self.stopping:
                raise Cancelled("stopped on request")
            found = next((one for one in self._idle if one.limits == limits), None)
            if found is None:
                found = ConfinedConverter(limits)
            else:
                self._idle.remove(found)
            self._busy.add(found)
            return found

    def give_back(self, converter: ConfinedConverter) -> None:
        """Let others have it."""
        with self._lock:
            self._busy.discard(converter)
            if not self.stopping:
                self._idle.append(converter)
                return
        converter.close()

    def stop(self) -> None:
        """End all of them, busy ones too, and give out no more."""
        with self._lock:
            self.stopping = True
            busy, idle, self._idle = list(self._busy), self._idle, []
        for one in busy:
            one.kill()
        for one in idle:
            one.close()

    def start(self) -> None:
        """Give them out again."""
        self.stopping = False


converters = Converters()


def perform(job: dict[str, Any], root: str, limits: dict[str, Any]) -> dict[str, Any]:
    """Convert a job's file and put the GIF into its place; every failure is an outcome.

    Parameters
    ----------
    job : dict
        A `Job`, plain so that any version can read it.
    root : str
        The destination.
    limits : dict
        `ConfinedLimits`.

    Raises
    ------
    Cancelled
        When the batch was stopped.
    """
    started = perf_counter()
    task = Job(**job)
    outcome = Outcome(
        output=task.output,
        source=task.source,
        key=task.key,
        done=False,
        version=__version__,
        seconds=0.0,
        host=socket.gethostname(),
        source_bytes=signature_size(task.signature),
    )
    try:
        made = _convert(task, Destination(root), ConfinedLimits(**limits))
        outcome = _with_report(outcome, made)
    except Cancelled:
        raise
    except Exception as error:
        if converters.stopping:
            raise Cancelled("stopped on request") from None
        outcome = replace(outcome, cause=_cause(error), message=_sentence(error))
    return asdict(replace(outcome, seconds=round(perf_counter() - started, 3)))


def _convert(job: Job, destination: Destination, limits: ConfinedLimits) -> Report:
    settings = Settings.parse({"jobs": "1"} | dict(job.settings))
    target = destination.local(job.output)
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        check_destination(job.source, target)
        if not replaceable(target, b"GIF8"):
            raise OutputError(f"{target} exists and is no GIF")
    with (
        destination.folder() as folder,
        fetched(job.source, folder, limits.file_bytes) as source,
    ):
        finished = folder / "out.gif"
        converter = converters.take(limits)
        try:
            report = converter.convert(source, finished, settings)
        finally:
            converters.give_back(converter)
        destination.install(finished, job.output)
    return report


def _with_report(outcome: Outcome, report: Report) -> Outcome:
    return replace(
        outcome,
        done=True,
        bytes=report.bytes,
        score=report.score,
        mean=report.mean,
        p10=report.p10,
        looks=report.looks_mean,
        local=report.local_mean,
        missed=report.missed,
        delta_e=report.delta_e_mean,
        palettes=len(report.palettes),
        frames=report.frames_source,
        valid=report.valid,
        warnings=report.warnings,
    )


def _cause(error: Exception) -> str:
    if isinstance(error, LimitError):
        return error.cause
    if isinstance(error, OSError):
        return "output"
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), "crash")


def _sentence(error: Exception) -> str:
    if isinstance(error, SsimGifError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {(error.strerror or str(error)).lower()}"
    return f"this is a bug, {type(error).__name__}: {' '.join(str(error).split())}"
