"""The child process of `ssimgif.sandbox.parent`: one JSON object a line in, and out.

First it says ``{"scratch": PATH}``. To ``{"function", "arguments", "settings", "seconds"}`` it
answers with any number of ``{"progress": [stage, done, total]}`` and then ``{"result": VALUE}``,
``{"report": JSON}`` or ``{"error": KIND, "message": TEXT}``; ``{"stop": true}`` in between asks it
to end soon. When its standard input ends, so does it, whatever it does.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from ssimgif.errors import SsimGifError, TargetError
from ssimgif.host import discard_unfinished
from ssimgif.progress import Progress, ProgressCallback
from ssimgif.report import Report
from ssimgif.settings import Settings

PROGRESS_SECONDS = 0.1
LEAVE_SECONDS = 5.0
# What FFmpeg, the system and threads say when memory is short.
_SHORT_OF_MEMORY = ("annot allocate memory", "can't start new thread")

Send = Callable[[dict[str, Any]], None]


def main(memory: int, file_bytes: int) -> None:
    """Serve requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    scratch = tempfile.mkdtemp(prefix="ssimgif-")
    tempfile.tempdir = scratch
    # What libraries print must not come between the messages.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def send(message: dict[str, Any]) -> None:
        output.write(json.dumps(message).encode() + b"\n")
        output.flush()

    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    stop = threading.Event()
    threading.Thread(target=_listen, args=(requests, stop, scratch), daemon=True).start()
    from ssimgif.host import keep_freed_memory, kernel_cache

    keep_freed_memory()
    kernel_cache.prepare()
    import ssimgif.pipeline  # noqa: F401

    limit(memory, file_bytes)
    code = 1
    try:
        send({"scratch": scratch})
        while True:
            request = requests.get()
            limit_cpu(request["seconds"])
            send(answer(request, send, stop))
    except BrokenPipeError:  # nobody listens any more
        code = 0
    finally:
        _leave(scratch, code)


def answer(request: dict[str, Any], send: Send, stop: threading.Event) -> dict[str, Any]:
    """Call the function that a request names and return the last message about it."""
    last = 0.0

    def progress(step: Progress) -> bool:
        nonlocal last
        if monotonic() - last >= PROGRESS_SECONDS:
            last = monotonic()
            send({"progress": [step.stage, step.done, step.total]})
        return not stop.is_set()

    try:
        module, _, name = request["function"].partition(":")
        function = getattr(import_module(module), name)
        result = function(request["arguments"], restored(request["settings"]), progress)
        if isinstance(result, Report):
            return {"report": result.to_json()}
        return {"result": result}
    except Exception as error:
        return told(error)


def convert_file(
    arguments: dict[str, Any], settings: Settings, progress: ProgressCallback
) -> Report:
    """Convert a file, `ssimgif.convert` for the child."""
    from ssimgif.pipeline import convert

    return convert(arguments["source"], arguments["destination"], settings, progress)


def told(error: Exception) -> dict[str, Any]:
    """Return the message that tells of an error."""
    text = str(error)
    chain = [error, error.__cause__, error.__context__]
    if any(
        isinstance(one, MemoryError) or getattr(one, "errno", None) == errno.ENOMEM for one in chain
    ) or any(words in text for words in _SHORT_OF_MEMORY):
        return {"error": "memory", "message": text}
    if isinstance(error, TargetError):
        report = error.report.to_json() if error.report else None
        return {"error": "TargetError", "message": text, "report": report}
    if isinstance(error, SsimGifError):
        return {"error": type(error).__name__, "message": text}
    if isinstance(error, OSError):
        where = error.filename or "a temporary file"
        return {"error": "OutputError", "message": f"{where}: {error.strerror or text}"}
    return {"error": "bug", "message": f"{type(error).__name__}: {' '.join(text.split())}"}


def restored(plain: dict[str, Any]) -> Settings:
    """Return the settings that `ssimgif.report.as_plain` made plain."""
    given = {name: value for name, value in plain.items() if value is not None}
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return Settings.parse(given | lists)


def limit(memory: int, file_bytes: int) -> None:
    """Bound address space and file sizes from now on, where the system can."""
    try:
        import resource
    except ImportError:
        return

    def bound(kind: int, most: int) -> None:
        """Set a limit, or leave the one that is lower already."""
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))

    bound(resource.RLIMIT_CORE, 0)
    bound(resource.RLIMIT_FSIZE, file_bytes)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        pages = int(statistics.read_text(encoding="ascii").split()[0])
        bound(resource.RLIMIT_AS, pages * resource.getpagesize() + memory)


def limit_cpu(seconds: float) -> None:
    """Let this process take so much processor time from now on; then SIGXCPU ends it."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 2
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _listen(requests: queue.Queue[dict[str, Any]], stop: threading.Event, scratch: str) -> None:
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message.get("stop"):
            stop.set()
        else:
            # Requests come one after the other, each when the one before was answered.
            stop.clear()
            requests.put(message)
    _leave(scratch, 0)


def _leave(scratch: str, code: int) -> NoReturn:
    """Remove what is unfinished and end the process, whatever its other threads do."""
    discard_unfinished()
    end = monotonic() + LEAVE_SECONDS
    while Path(scratch).exists() and monotonic() < end:
        # Another thread may be adding to it.
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
