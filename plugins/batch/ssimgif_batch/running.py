"""A batch from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import Any

from platformdirs import user_state_path

from ssimgif import (
    ConfinedLimits,
    __version__,
    compile_kernels,
    interruptible,
    progress_bar,
)
from ssimgif_batch import summary
from ssimgif_batch.clashes import refused
from ssimgif_batch.display import display
from ssimgif_batch.engine import Engine, cluster_engine, local_engine
from ssimgif_batch.job import LASTING, Job, Outcome
from ssimgif_batch.journal import Journal
from ssimgif_batch.metrics import Log, Metrics
from ssimgif_batch.places import OWN_FOLDER, Destination, is_url

SECONDS_BETWEEN_METRICS = 15.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What to do, where and how.

    Attributes
    ----------
    jobs : sequence of Job
    root : str
        The destination.
    limits : ConfinedLimits
        Of each file.
    processes : int
        Files at once on this machine.
    cluster : str or None
        Address of a Dask scheduler, instead of this machine.
    summaries : sequence of Path
    log, prometheus : Path or None
    quiet : bool
    """

    jobs: Sequence[Job]
    root: str
    limits: ConfinedLimits
    processes: int
    cluster: str | None = None
    summaries: Sequence[Path] = ()
    log: Path | None = None
    prometheus: Path | None = None
    quiet: bool = False

    def plan(self) -> list[tuple[Job, str]]:
        """Return each job that a run would do, and why; nothing is written."""
        journal = Journal(journal_path(self.root))
        journal.read()
        destination = Destination(self.root)
        good, _ = self._told_apart(destination)
        return pending(good, journal, destination)

    def refusals(self) -> list[str]:
        """Return a sentence for each job that a run would refuse; nothing is written."""
        _, bad = self._told_apart(Destination(self.root))
        return [one.message for one in bad]

    def run(self) -> dict[str, Any]:
        """Do what is missing and return the summary.

        Raises
        ------
        SsimGifError
            When the batch itself can't go on; a bad file is an outcome.
        """
        destination = Destination(self.root)
        destination.prepare()
        journal = Journal(journal_path(self.root))
        with interruptible() as stopped, journal.writing():
            return self._run(destination, journal, stopped)

    def _run(
        self, destination: Destination, journal: Journal, stopped: Callable[[], bool]
    ) -> dict[str, Any]:
        started = monotonic()
        good, bad = self._told_apart(destination)
        todo = [job for job, _ in pending(good, journal, destination)]
        unchanged = len(good) - len(todo)
        log, metrics = Log(self.log), Metrics()
        log.write("start", files=len(self.jobs), unchanged=unchanged, version=__version__)
        for outcome in bad:
            log.outcome(outcome)
            metrics.add(outcome)
        metrics.write(self.prometheus, unchanged, len(self.jobs))
        written = monotonic()
        if todo:
            with self._engine(stopped) as engine, display(len(todo), self.quiet) as step:
                for outcome in engine.outcomes(todo, destination.root, self.limits, stopped):
                    journal.add(outcome)
                    log.outcome(outcome)
                    metrics.add(outcome)
                    step(outcome.done)
                    if monotonic() - written > SECONDS_BETWEEN_METRICS:
                        metrics.write(self.prometheus, unchanged, len(self.jobs))
                        written = monotonic()
            destination.sweep()
        outcomes = [*(journal.outcomes[job.output] for job in good), *bad]
        result = summary.summarise(outcomes, unchanged, monotonic() - started)
        log.write("end", **{name: result[name] for name in ("done", "failed", "seconds")})
        log.close()
        metrics.write(self.prometheus, unchanged, len(self.jobs))
        for path in self.summaries:
            summary.write(path, result, outcomes)
        return result

    def _told_apart(self, destination: Destination) -> tuple[list[Job], list[Outcome]]:
        """Return the jobs that can be done, and what becomes of the others."""
        faults = refused(self.jobs, destination)
        good = [job for number, job in enumerate(self.jobs) if number not in faults]
        bad = [
            Outcome(job.output, job.source, job.key, False, __version__, 0.0, "", "name", message)
            for job, message in ((self.jobs[number], text) for number, text in faults.items())
        ]
        return good, bad

    def _engine(self, stopped: Callable[[], bool]) -> AbstractContextManager[Engine]:
        if self.cluster is not None:
            return cluster_engine(self.cluster)
        with progress_bar(stopped, self.quiet) as progress:
            compile_kernels(progress)
        return local_engine(self.processes)


def journal_path(root: str) -> Path:
    """Return where the journal of a destination is: in it, or for a URL with the user's state."""
    if not is_url(root):
        return Path(root).absolute() / OWN_FOLDER / "journal.jsonl"
    name = blake2b(root.rstrip("/").encode(), digest_size=8).hexdigest()
    return user_state_path("ssimgif") / "batch" / name / "journal.jsonl"


def pending(
    jobs: Sequence[Job], journal: Journal, destination: Destination
) -> list[tuple[Job, str]]:
    """Return the jobs that are to be done, each with the reason in a word."""
    known = [job.output for job in jobs if _is_done(journal.outcomes.get(job.output))]
    sizes = destination.sizes(known) if known else {}
    found = ((job, _reason(job, journal.outcomes.get(job.output), sizes)) for job in jobs)
    return [(job, reason) for job, reason in found if reason]


def _is_done(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.done


def _reason(job: Job, outcome: Outcome | None, sizes: dict[str, int]) -> str:
    """Return why a job is to be done; empty where it need not be."""
    if outcome is None:
        return "new"
    if outcome.key != job.key:
        return "changed"
    if outcome.done:
        return "" if sizes.get(job.output) == outcome.bytes else "missing"
    lasting = outcome.cause in LASTING and job.signature and outcome.version == __version__
    return "" if lasting else "failed"
