"""Read and convert files that nobody trusts: in a child process with limits of time and memory.

The child speaks JSON lines over its standard streams, see `ssimgif.sandbox.child`; nothing that
comes back from it is executed. A child that dies, or asks for too much, is replaced by the next
conversion.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from ssimgif import errors
from ssimgif.errors import Cancelled, SsimGifError
from ssimgif.progress import Progress, ProgressCallback
from ssimgif.report import Report, as_plain
from ssimgif.settings import Settings

# A child serves so many files, so that what libraries leak stays bounded.
FILES_PER_CHILD = 200
START_SECONDS = 300.0
POLL_SECONDS = 0.1
# What was asked to stop may clean up for so long.
GRACE_SECONDS = 2.0
CONVERT = "ssimgif.sandbox.child:convert_file"

_KINDS = {
    kind.__name__: kind
    for kind in (errors.SourceError, errors.SettingsError, errors.OutputError, SsimGifError)
}


@dataclass(frozen=True, slots=True)
class ConfinedLimits:
    """What one conversion may take.

    Attributes
    ----------
    seconds : float
        Wall-clock time; processor time may be as much for each thread.
    memory : int
        Bytes of address space, beyond what the program itself takes. Linux only.
    file_bytes : int
        Size of any file that it writes, temporary ones too. Not on Windows.
    """

    seconds: float = 600.0
    memory: int = 4 << 30
    file_bytes: int = 4 << 30


class LimitError(SsimGifError):
    """A conversion that was ended because it went beyond its limits, or died.

    Attributes
    ----------
    cause : str
        "time", "memory" or "crash".
    """

    def __init__(self, message: str, cause: str) -> None:
        super().__init__(message)
        self.cause = cause


class ConfinedConverter:
    """Reads and converts one file after the other in a child process.

    It is not for several threads at once, but for `kill`. Use it in a ``with`` statement, or call
    `close`.

    Parameters
    ----------
    limits : ConfinedLimits, optional
    """

    def __init__(self, limits: ConfinedLimits | None = None) -> None:
        self.limits = limits or ConfinedLimits()
        self._child: _Child | None = None

    def __enter__(self) -> ConfinedConverter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def convert(
        self,
        src: str | os.PathLike[str],
        dst: str | os.PathLike[str],
        settings: Settings | None = None,
        progress: ProgressCallback | None = None,
    ) -> Report:
        """Turn a file into a GIF, as `ssimgif.convert` does.

        Raises
        ------
        SourceError, OutputError, TargetError, Cancelled
            As `ssimgif.convert` raises them.
        LimitError
            When the conversion took too much, or the child died.
        """
        arguments = {
            "source": os.fspath(Path(src).absolute()),
            "destination": os.fspath(Path(dst).absolute()),
        }
        made: Report = self.call(CONVERT, arguments, settings, progress, name=Path(src).name)
        return made

    def call(
        self,
        function: str,
        arguments: Mapping[str, Any],
        settings: Settings | None = None,
        progress: ProgressCallback | None = None,
        stop: threading.Event | None = None,
        name: str = "the file",
    ) -> Any:
        """Call a function in the child, as one that reads a file without converting it.

        Parameters
        ----------
        function : str
            As ``module:name``. It is called with the arguments, the settings and a callable that
            takes a `Progress` and returns False when the work is to end, by `Cancelled` or
            otherwise. It returns what JSON can tell, or a `Report`.
        arguments : mapping
            What JSON can tell.
        settings : Settings, optional
        progress : callable, optional
            Called about ten times a second; returning False stops the work.
        stop : Event, optional
            Stops the work when set, also where it makes no progress.
        name : str
            Of the file, for messages.

        Raises
        ------
        SourceError, OutputError, TargetError, Cancelled
            As the function raised them.
        LimitError
            When it took too much, or the child died.
        """
        settings = settings or Settings()
        if stop is not None and stop.is_set():
            raise Cancelled("stopped on request")
        child = self._ready_child()
        request = {
            "function": function,
            "arguments": dict(arguments),
            "settings": as_plain(settings),
            "seconds": self.limits.seconds * (settings.jobs or os.cpu_count() or 1),
        }
        answer: Mapping[str, Any] | None = None
        try:
            child.send(request)
            answer = self._answer(child, name, progress, stop)
            return _result(answer, name)
        finally:
            child.served += 1
            # After a failure its memory may be in pieces.
            failed = answer is None or answer.get("error") in {"memory", "bug"}
            if failed or child.served >= FILES_PER_CHILD:
                self.close()

    def start(self) -> bool:
        """Start a child, if there is none, so that the next call need not wait for it.

        Returns
        -------
        bool
            Whether it was started now.
        """
        before = self._child
        return self._ready_child() is not before

    def kill(self) -> None:
        """End the child at once; a call in another thread raises LimitError."""
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """End the child and remove its files."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _ready_child(self) -> _Child:
        if self._child is None or self._child.process.poll() is not None:
            self.close()
            self._child = _Child(self.limits)
        return self._child

    def _answer(
        self,
        child: _Child,
        name: str,
        progress: ProgressCallback | None,
        stop: threading.Event | None,
    ) -> Mapping[str, Any]:
        deadline = monotonic() + self.limits.seconds
        stopping = False
        while True:
            try:
                message = child.receive(min(POLL_SECONDS, max(0.0, deadline - monotonic())))
            except queue.Empty:
                message = {}
            if message is None:
                raise child.obituary(name, self.limits)
            step = message.get("progress")
            if step is None and message:
                return message
            if not stopping and _unwanted(step, progress, stop):
                stopping = True
                child.send({"stop": True})
                deadline = min(deadline, monotonic() + GRACE_SECONDS)
            if monotonic() > deadline:
                child.kill()
                raise Cancelled("stopped on request") if stopping else _too_long(name, self.limits)


class _Child:
    def __init__(self, limits: ConfinedLimits) -> None:
        self.served = 0
        own = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [
                sys.executable,
                # A module that lies in the current folder is not to be imported.
                "-P",
                "-m",
                "ssimgif.sandbox.child",
                str(limits.memory),
                str(limits.file_bytes),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=own | os.environ,
            # Ctrl-C in a terminal is for us; we tell the child.
            start_new_session=True,
        )
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            hello = self.receive(START_SECONDS)
        except queue.Empty:
            hello = None
        if hello is None:
            self.kill()
            raise LimitError("the child process that reads files does not start", "crash")
        self.scratch = Path(hello["scratch"])

    def send(self, request: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()

    def receive(self, timeout: float) -> dict[str, Any] | None:
        """Return the next message, or None where the child has ended.

        Raises
        ------
        queue.Empty
            When there is none in time.
        """
        line = self._lines.get(timeout=timeout)
        if line is None:
            self._lines.put(None)
            return None
        try:
            message = json.loads(line)
        except ValueError:
            return {"error": "bug", "message": "the child process sent what is no JSON"}
        return message if isinstance(message, dict) else {"error": "bug", "message": "no object"}

    def obituary(self, name: str, limits: ConfinedLimits) -> LimitError:
        code = self.process.wait()
        if code < 0 and -code == getattr(signal, "SIGXCPU", None):
            return _too_long(name, limits)
        how = f"code {code}"
        if code < 0:
            how = signal.Signals(-code).name
        return LimitError(f"{name}: the process that worked on it died ({how})", "crash")

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self.process.kill()

    def end(self) -> None:
        self.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in self.process.stdout:
                self._lines.put(line)
        self._lines.put(None)


def _unwanted(step: Any, progress: ProgressCallback | None, stop: threading.Event | None) -> bool:
    """Tell of a step, and whether the work is to end."""
    if stop is not None and stop.is_set():
        return True
    return bool(progress is not None and step and progress(Progress(*step)) is False)


def _too_long(name: str, limits: ConfinedLimits) -> LimitError:
    return LimitError(f"{name} took more than {limits.seconds:g} s", "time")


def _result(answer: Mapping[str, Any], name: str) -> Any:
    """Return what an answer tells, or raise the error that it tells of."""
    kind, message = answer.get("error"), str(answer.get("message", ""))
    if kind is None:
        try:
            return Report.from_json(answer["report"]) if "report" in answer else answer["result"]
        except (KeyError, TypeError, ValueError):
            raise LimitError(
                f"{name}: the process that worked on it answered nonsense", "crash"
            ) from None
    if kind == "memory":
        raise LimitError(f"{name} asks for more memory than it is given", "memory")
    if kind == "Cancelled":
        raise Cancelled(message)
    if kind == "TargetError":
        text = answer.get("report")
        raise errors.TargetError(message, Report.from_json(text) if text else None)
    if kind in _KINDS:
        raise _KINDS[kind](message)
    raise LimitError(f"{name}: this is a bug, {message}", "crash")
