"""Listening on loopback, and cleaning up afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path
from secrets import token_urlsafe

import uvicorn

from ssimgif import OutputError
from ssimgif_web.app import make_app

HOST = "127.0.0.1"
# Threads that have not ended by themselves are left behind after this.
GRACE_SECONDS = 1.0
ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def serve(port: int) -> None:
    """Serve the page until interrupted; uploads and results are deleted then.

    Parameters
    ----------
    port : int
        0 takes any that is free.

    Raises
    ------
    OutputError
        When the port is taken.
    """
    listener = _listen(port)
    port = listener.getsockname()[1]
    token = token_urlsafe(18)
    folder = Path(tempfile.mkdtemp(prefix="ssimgif-web-"))
    tempfile.tempdir = str(folder)
    for number in ENDING:
        signal.signal(number, signal.default_int_handler)
    app, page = make_app(folder, token, lambda: port)
    config = uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    print(f"ssimgif: open http://{HOST}:{port}/{token}/", file=sys.stderr, flush=True)
    print("ssimgif: only this machine can reach it; Ctrl-C ends it", file=sys.stderr, flush=True)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        print("ssimgif: ended", file=sys.stderr)
    finally:
        page.close()
        _wait_for_threads()
        shutil.rmtree(folder, ignore_errors=True)
    if _busy():
        sys.stderr.flush()
        os._exit(0)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    # On Windows, reuse would let two programs listen at one port.
    exclusive: int | None = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
    option = socket.SO_REUSEADDR if exclusive is None else exclusive
    listener.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"port {port}: {reason}; choose another with --port") from error
    return listener


def _busy() -> list[threading.Thread]:
    names = ("conversion", "preview", "reading")
    return [thread for thread in threading.enumerate() if thread.name.startswith(names)]


def _wait_for_threads() -> None:
    for thread in _busy():
        thread.join(GRACE_SECONDS)
