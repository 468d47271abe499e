"""Ctrl-C and SIGTERM: ask the job to stop, and end the process if it does not."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from ssimgif.host.atomic_file import discard_unfinished

GRACE_SECONDS = 0.6
EXIT_CODE = 130
SIGNALS = (signal.SIGINT, signal.SIGTERM)

STDERR = 2

# Shows the cursor, which the progress bar hides, and empties the line.
_CLEAR_LINE = "\x1b[?25h\r\x1b[2K"


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether the user asked to stop.

    All temporary files made inside go into one directory. Python runs signal handlers between
    two bytecodes of the main thread only, so a thread that the C handler wakes up waits for the
    job to end; after `GRACE_SECONDS`, or a second signal, it removes the temporary files and
    ends the process with exit code 130.
    """
    asked = threading.Event()
    finished = threading.Event()
    scratch = tempfile.mkdtemp(prefix="ssimgif-")
    receiver, sender = socket.socketpair()
    sender.setblocking(False)

    def on_signal(number: int, frame: FrameType | None) -> None:
        asked.set()

    def watch() -> None:
        receiver.recv(1)
        if finished.is_set():
            return
        asked.set()
        receiver.settimeout(GRACE_SECONDS)
        with suppress(TimeoutError):
            receiver.recv(1)
        if not finished.is_set():
            _end_process(scratch)

    previous = {number: signal.signal(number, on_signal) for number in SIGNALS}
    previous_descriptor = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    previous_directory, tempfile.tempdir = tempfile.tempdir, scratch
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield asked.is_set
    finally:
        finished.set()
        tempfile.tempdir = previous_directory
        signal.set_wakeup_fd(previous_descriptor)
        for number, handler in previous.items():
            signal.signal(number, handler)
        sender.send(b"\0")
        watcher.join()
        receiver.close()
        sender.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _end_process(scratch: str) -> None:
    """Leave at once; other threads may be anywhere, so nothing but the system is relied upon."""
    discard_unfinished()
    shutil.rmtree(scratch, ignore_errors=True)
    with suppress(OSError):
        clear = _CLEAR_LINE if os.isatty(STDERR) else ""
        os.write(STDERR, f"{clear}ssimgif: interrupted\n".encode())
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(EXIT_CODE)
