"""Compiles the kernels ahead, in two processes at once, and tells how far that is.

One process compiles them in their order, the other in the reverse order, until they meet. They end
when their standard input does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from ssimgif.host import kernel_cache, kernel_files
from ssimgif.progress import ProgressCallback, notify

STAGE = "compiling kernels"
WORKERS = 2
POLL_SECONDS = 0.2
# Nothing takes as long to compile: what claims to be at it is gone.
CLAIM_SECONDS = 60.0

_WORKER = """
import sys
sys.path.append(sys.argv[1])
from ssimgif.kernels.compiling import main
main(backwards=sys.argv[2] == "1")
"""

Form = tuple[str, str, str]


def compile_kernels(progress: ProgressCallback | None = None) -> None:
    """Compile the kernels that are not compiled yet, and keep them.

    What can't be compiled so is left to be compiled when it is needed.

    Parameters
    ----------
    progress : callable, optional
        Called with a `Progress` that counts kernels; returning False stops the work.

    Raises
    ------
    Cancelled
    """
    missing = kernel_cache.missing()
    if not missing:
        return
    total = len(kernel_cache.forms())
    with _workers() as workers:
        while missing and (any(one.poll() is None for one in workers) or _claimed(missing)):
            notify(progress, STAGE, total - len(missing), total)
            time.sleep(POLL_SECONDS)
            missing = kernel_cache.missing()
    notify(progress, STAGE, total - len(missing), total)


@contextmanager
def _workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Give the processes that compile; they end with the ``with`` block."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        with suppress(OSError):
            started.extend(map(_worker, range(min(WORKERS, os.cpu_count() or 1))))
        yield started
    finally:
        for one in started:
            one.kill()
            one.communicate()


def _worker(number: int) -> subprocess.Popen[bytes]:
    package = str(kernel_cache.KERNELS.parent.parent)
    return subprocess.Popen(
        # A module that lies in the current folder is not to be imported.
        [sys.executable, "-P", "-c", _WORKER, package, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main(backwards: bool) -> None:
    """Compile kernels in a process of their own."""
    # Ctrl-C in a terminal is for the parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(backwards)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def work(backwards: bool) -> None:
    """Compile all kernels that nobody else has compiled or compiles."""
    forms = kernel_cache.forms()
    for form in reversed(forms) if backwards else forms:
        if form in kernel_cache.missing() and _claim(form):
            try:
                _compile(form)
            finally:
                _claim_file(form).unlink(missing_ok=True)


def _compile(form: Form) -> None:
    from ssimgif.kernels.signatures import parsed

    module, function, types = form
    try:
        kernels, classes = _kernels()
        kernels[module][function].compile(parsed(types, classes))
    except Exception:
        # Not asked for again: whoever needs it finds out why.
        kernel_files.write(_kept(), _name(form), b"")


@cache
def _kernels() -> tuple[dict[str, dict[str, Any]], dict[str, type]]:
    """Return the modules with kernels, and the classes in them."""
    names = sorted({module for module, _, _ in kernel_cache.forms()})
    modules = {name: vars(import_module(f"ssimgif.kernels.{name}")) for name in names}
    values = ((name, value) for module in modules.values() for name, value in module.items())
    return modules, {name: value for name, value in values if isinstance(value, type)}


def _kept() -> Path:
    return kernel_cache.places(kernel_cache.KERNELS)[-1]


def _name(form: Form) -> str:
    module, function, types = form
    return kernel_files.kernel_name(kernel_cache.KERNELS / f"{module}.py", function, types)


def _claim_file(form: Form) -> Path:
    return _kept() / f"{_name(form)}.claim"


def _claim(form: Form) -> bool:
    """Tell other processes that a form is being compiled here; return whether none does it."""
    file = _claim_file(form)
    try:
        file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if _is_claimed(form):
            return False
        file.touch()
    except OSError:
        return False
    return True


def _is_claimed(form: Form) -> bool:
    try:
        return time.time() - _claim_file(form).stat().st_mtime < CLAIM_SECONDS
    except OSError:
        return False


def _claimed(forms: list[Form]) -> bool:
    return any(map(_is_claimed, forms))
