"""The ssimgif program, started by a plug-in: JSON lines go in, JSON lines come out.

For Python 2.7 and 3. The program ends, and removes its files, as soon as its standard input does:
that is what happens, too, when GIMP kills the plug-in.
"""

import errno
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

PROTOCOL = 1
PROGRAM_FILE = "program.json"
INSTALL_AGAIN = 'Run "ssimgif gimp install" again.'
NO_WINDOW = 0x08000000


class WorkerError(Exception):
    """The program can't be started, or failed; ``str()`` is one sentence for the user."""


class JobCancelled(Exception):
    """The job was stopped."""


class Worker(object):
    """One run of the program.

    Attributes
    ----------
    scratch : str
        The folder for raw frames, once the program has told it; it removes that folder itself.
    jobs : int
        How many were started.
    """

    def __init__(self, folder, on_message):
        # type: (str, Callable[[dict[str, Any] | None], object]) -> None
        """Start the program that the installer noted in ``folder``.

        ``on_message`` is called in another thread, with each message as a dictionary, and at
        last with None.
        """
        self.scratch = ""
        self.jobs = 0
        self._on_message = on_message
        self._complaints = tempfile.TemporaryFile()
        program = installed_program(folder)
        try:
            self._process = subprocess.Popen(  # type: Any
                _command(program),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                env=_environment(),
                close_fds=True,
                creationflags=NO_WINDOW if sys.platform == "win32" else 0,
            )
        except OSError as error:
            raise WorkerError(
                "{} can't be started: {}. {}".format(program[0], error.strerror, INSTALL_AGAIN)
            )
        self._reader = threading.Thread(target=self._read)
        self._reader.daemon = True
        self._reader.start()

    def start_job(self, request):
        # type: (dict[str, Any]) -> int
        """Send a request, which ends the job at work, and return its number."""
        self.jobs += 1
        line = json.dumps(dict(request, id=self.jobs)) + "\n"
        try:
            self._process.stdin.write(line.encode("ascii"))
            self._process.stdin.flush()
        except (IOError, OSError) as error:
            if error.errno not in (errno.EPIPE, errno.EINVAL):
                raise
        return self.jobs

    def close(self):
        # type: () -> None
        """End the program and wait until it has removed its files."""
        try:
            self._process.stdin.close()
        except (IOError, OSError):
            pass
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        self._complaints.close()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def last_words(self):
        # type: () -> str
        """Return what the program complained of when it ended without an answer."""
        self._complaints.seek(0)
        lines = self._complaints.read().decode("utf-8", "replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return said[-1] if said else "it ended without a word"

    def _read(self):
        # type: () -> None
        for line in iter(self._process.stdout.readline, b""):
            try:
                message = json.loads(line.decode("utf-8"))
            except ValueError:
                continue
            self.scratch = message.get("scratch", self.scratch)
            self._on_message(message)
        self._on_message(None)


def result_of(messages, job, on_progress):
    # type: (Iterable[dict[str, Any] | None], int, Callable[[str, int, int | None], None]) -> Any
    """Wait for the result of a job.

    Parameters
    ----------
    messages : iterable of dict or None
        From a `Worker`; the end, or None, means that the program ended.
    job : int
    on_progress : callable
        Called with a stage, the steps done, and their total or None.

    Raises
    ------
    WorkerError, JobCancelled
    """
    for message in messages:
        if message is None:
            break
        if message.get("id") != job:
            continue
        if "error" in message:
            raise WorkerError(message["error"])
        if "cancelled" in message:
            raise JobCancelled()
        if "result" in message:
            return message["result"]
        on_progress(message["stage"], message["done"], message["total"])
    raise WorkerError("The ssimgif program ended unexpectedly.")


def check_protocol(message):
    # type: (dict[str, Any]) -> None
    """Refuse a program that is not of the plug-in's version."""
    if message.get("protocol") != PROTOCOL:
        raise WorkerError(
            "The plug-in and the ssimgif program are of different versions. " + INSTALL_AGAIN
        )


def installed_program(folder):
    # type: (str) -> list[str]
    """Return the command that the installer noted."""
    path = os.path.join(folder, PROGRAM_FILE)
    try:
        with io.open(path, encoding="utf-8") as file:
            command = [str(word) for word in json.load(file)["command"]]
    except (IOError, OSError, ValueError, KeyError):
        raise WorkerError(
            "{} does not say where the ssimgif program is. {}".format(path, INSTALL_AGAIN)
        )
    if not in_flatpak() and not os.path.exists(command[0]):
        raise WorkerError(
            "The ssimgif program is gone: there is no {}. {}".format(command[0], INSTALL_AGAIN)
        )
    return command


def in_flatpak():
    # type: () -> bool
    """Tell whether this GIMP is shut in a sandbox."""
    return os.path.exists("/.flatpak-info")


def _command(program):
    # type: (list[str]) -> list[str]
    if not in_flatpak():
        return program + ["gimp", "serve"]
    # The sandbox's cache is at the same place outside; its /tmp is not.
    shared = "--env=TMPDIR=" + os.environ.get("XDG_CACHE_HOME", tempfile.gettempdir())
    return ["flatpak-spawn", "--host", "--watch-bus", shared] + program + ["gimp", "serve"]


def _environment():
    # type: () -> dict[str, str]
    """Return the environment without what GIMP's own Python needs and others can't bear."""
    foreign = ["PYTHONHOME", "PYTHONPATH"]
    if "APPDIR" in os.environ:
        foreign.append("LD_LIBRARY_PATH")
    return {name: value for name, value in os.environ.items() if name not in foreign}
