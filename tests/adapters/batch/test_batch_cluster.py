"""``ssimgif batch --cluster``: a real Dask scheduler with real workers, one of which is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from batch_files import make_files
from batches import batch, command, environment, journal, tree

pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")

QUICK = ("--rule", "effort=1", "--no-cache")


@contextmanager
def running(*words: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a ``dask`` command until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        env=environment(),
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def scheduler(stack: ExitStack, folder: Path) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    words = ("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show")
    stack.enter_context(running(*words, cwd=folder))
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", int(port))):
            break
        time.sleep(0.05)
    return f"tcp://127.0.0.1:{port}"


def worker(stack: ExitStack, address: str, folder: Path) -> subprocess.Popen[bytes]:
    words = ("worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
    return stack.enter_context(running(*words, cwd=folder))


def test_a_worker_that_dies_changes_nothing(tmp_path: Path) -> None:
    sound, broken = make_files(tmp_path / "in", 10, seed=8, broken=0.1)
    calm, out = tmp_path / "calm", tmp_path / "out"
    batch(tmp_path / "in", "--out", calm, *QUICK, "--jobs", "1")
    with ExitStack() as stack:
        address = scheduler(stack, tmp_path)
        first = worker(stack, address, tmp_path)
        worker(stack, address, tmp_path)
        process = subprocess.Popen(
            command(tmp_path / "in", "--out", out, *QUICK, "--cluster", address),
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        end = time.monotonic() + 120
        while len(journal(out)) < 3 and time.monotonic() < end:
            time.sleep(0.05)
        first.kill()
        _, shown = process.communicate(timeout=240)
    assert process.returncode == 1, shown
    assert f"{sound} of {sound + broken} files done" in shown
    assert tree(out) == tree(calm)
    lines = journal(out)
    assert len(lines) == len({line["output"] for line in lines}) == 10
    assert {line["cause"] for line in lines} == {"", "source"}


def test_a_cluster_without_workers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ssimgif import SsimGifError
    from ssimgif_batch import engine

    monkeypatch.setattr(engine, "CONNECT_SECONDS", 3)
    with ExitStack() as stack:
        address = scheduler(stack, tmp_path)
        with pytest.raises(SsimGifError, match="has no worker"), engine.cluster_engine(address):
            pass
