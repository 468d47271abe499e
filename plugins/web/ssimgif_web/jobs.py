"""Conversions, one after another, with progress and cancel."""

from __future__ import annotations

import json
import shutil
import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Literal

from ssimgif import (
    Cancelled,
    ConfinedConverter,
    Progress,
    Report,
    Settings,
    SsimGifError,
    page_html,
)
from ssimgif_web.confined import CONVERT, CONVERTING, Worker
from ssimgif_web.guard import Refused
from ssimgif_web.store import Stored

MOST_JOBS = 200
State = Literal["waiting", "running", "done", "failed", "cancelled"]
OPEN: tuple[State, ...] = ("waiting", "running")


@dataclass(slots=True)
class Job:
    """One conversion.

    Attributes
    ----------
    id : str
    source : Stored
    settings : Settings
    folder : Path
        Where its results are.
    state : str
        waiting, running, done, failed or cancelled.
    progress : Progress or None
        The last step.
    error : str or None
        Why it failed, in one sentence.
    report : Report or None
    """

    id: str
    source: Stored
    settings: Settings
    folder: Path
    state: State = "waiting"
    progress: Progress | None = None
    error: str | None = None
    report: Report | None = None
    stop: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def gif(self) -> Path:
        """The finished GIF."""
        return self.folder / f"{self.source.path.stem}.gif"

    @property
    def view(self) -> Path:
        """What the compare view shows, as JSON."""
        return self.folder / "view.json"

    def page(self) -> str:
        """Return the report as HTML."""
        return page_html(json.loads(self.view.read_text(encoding="utf-8")))

    def run(self, confined: ConfinedConverter) -> None:
        """Convert in a child process; called in the worker's thread."""
        if self.stop.is_set():
            return
        self.state = "running"
        try:
            self.folder.mkdir()
            places = {"path": self.source.path, "gif": self.gif, "view": self.view}
            arguments = {name: str(path) for name, path in places.items()}
            self.report = confined.call(
                CONVERT, arguments, self.settings, self._note, self.stop, self.source.name
            )
            self.state = "done"
        except Cancelled:
            self.state = "cancelled"
        except SsimGifError as error:
            self._fail(str(error))
        except Exception as error:
            traceback.print_exc()
            self._fail(f"this is a bug, {type(error).__name__}: {error}")
        if self.state != "done":
            shutil.rmtree(self.folder, ignore_errors=True)

    def _fail(self, sentence: str) -> None:
        self.state, self.error = "failed", sentence

    def _note(self, step: Progress) -> None:
        self.progress = step


class Jobs:
    """All conversions; one runs at a time, since it uses all cores."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._jobs: dict[str, Job] = {}
        self._worker = Worker("conversion", CONVERTING)

    def start(self, source: Stored, settings: Settings) -> Job:
        """Queue a conversion."""
        if len(self._jobs) >= MOST_JOBS:
            raise Refused(413, f"there are {MOST_JOBS} conversions already; remove some")
        new = token_hex(8)
        job = self._jobs[new] = Job(new, source, settings, self.folder / f"job-{new}")
        self._worker.submit(job.run)
        return job

    def all(self) -> list[Job]:
        """Return all conversions, the oldest first."""
        return list(self._jobs.values())

    def get(self, job: str) -> Job:
        """Return a conversion by its id."""
        try:
            return self._jobs[job]
        except KeyError:
            raise Refused(404, "there is no such conversion; it was removed") from None

    def finished(self, job: str) -> Job:
        """Return a conversion that is done."""
        found = self.get(job)
        if found.state != "done":
            raise Refused(409, f"{found.source.name} is {found.state}, there is no GIF of it")
        return found

    def cancel(self, job: str) -> Job:
        """Ask a conversion to stop; a finished one stays as it is."""
        found = self.get(job)
        found.stop.set()
        if found.state == "waiting":
            found.state = "cancelled"
        return found

    def remove(self, job: str) -> None:
        """Stop a conversion and delete what it made."""
        found = self.cancel(job)
        self._jobs.pop(job, None)
        if found.state not in OPEN:
            shutil.rmtree(found.folder, ignore_errors=True)

    def of(self, source: Stored) -> list[Job]:
        """Return the conversions of a file."""
        return [job for job in self.all() if job.source.id == source.id]

    def close(self) -> None:
        """Stop everything."""
        for job in self.all():
            job.stop.set()
        self._worker.close()
