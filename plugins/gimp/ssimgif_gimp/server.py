"""The worker of a plug-in: requests as JSON lines come in, answers as JSON lines go out.

The end of standard input means that the plug-in is gone, however it ended: the work stops, and
what was written for it is removed. Frames lie in raw files in ``scratch``, which the first line
tells; a new job ends the one at work.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from ssimgif import Cancelled, Progress, SsimGifError
from ssimgif.host.interrupt import interruptible

PROTOCOL = 1

Request = Mapping[str, Any]
Answer = dict[str, Any]


class _Job:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.cancelled = threading.Event()


def serve() -> None:
    """Serve one plug-in, until it ends."""
    lines = _own_stdout()
    with interruptible() as stopped:
        scratch = Path(tempfile.gettempdir())
        jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(sys.stdin, jobs), daemon=True).start()
        tell = _teller(lines)
        tell({"protocol": PROTOCOL, "scratch": str(scratch)})
        _import_encoder()
        while (job := jobs.get()) is not None and not stopped():
            _answer(job, scratch, tell, stopped)


def _own_stdout() -> TextIO:
    """Return standard output, and let nobody else print there."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", newline="\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own


def _listen(stdin: TextIO, jobs: queue.SimpleQueue[_Job | None]) -> None:
    """Put requests into the queue; at the end of ``stdin``, stop everything."""
    current: _Job | None = None
    for line in stdin:
        if current is not None:
            current.cancelled.set()
        current = _Job(json.loads(line))
        jobs.put(current)
    jobs.put(None)
    signal.raise_signal(signal.SIGINT)


def _teller(lines: TextIO) -> Callable[[Answer], None]:
    def tell(answer: Answer) -> None:
        try:
            lines.write(json.dumps(answer) + "\n")
            lines.flush()
        except OSError as error:
            raise Cancelled("the plug-in is gone") from error

    return tell


def _import_encoder() -> None:
    """Load what every job needs while the plug-in still gathers its frames."""
    from ssimgif.host import kernel_cache

    kernel_cache.prepare()
    from ssimgif import encode  # noqa: F401


def _answer(
    job: _Job, scratch: Path, tell: Callable[[Answer], None], stopped: Callable[[], bool]
) -> None:
    number = job.request.get("id")

    def progress(step: Progress) -> bool:
        tell({"id": number, "stage": step.stage, "done": step.done, "total": step.total})
        return not (stopped() or job.cancelled.is_set())

    try:
        from ssimgif_gimp.jobs import perform

        if job.cancelled.is_set():
            raise Cancelled("another job came")
        tell({"id": number, "result": perform(job.request, scratch, progress)})
    except Cancelled:
        if not stopped():
            tell({"id": number, "cancelled": True})
    except SsimGifError as error:
        tell({"id": number, "error": str(error)})
    except MemoryError:
        tell({"id": number, "error": "there is not enough memory for these frames"})
    except Exception as error:
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"
        tell({"id": number, "error": f"this is a bug of ssimgif, {what}"})
