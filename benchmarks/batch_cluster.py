"""Throughput of a batch on a Dask cluster of one worker and of two.

Usage: ``python benchmarks/batch_cluster.py [--files N] [--rounds N]``. The scheduler and the
workers, of one thread each, run on this machine; rounds with one and with two take turns.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from batch_files import make_files

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def main() -> None:
    """Time the batches and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    seconds: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_files(folder / "in", given.files, seed=4, broken=0.0)
        for number in range(given.rounds):
            for workers, times in seconds.items():
                out = folder / f"out-{number}-{workers}"
                times.append(timed(folder, out, workers))
                print(f"{workers} workers: {times[-1]:.1f} s", flush=True)
    one, two = (statistics.median(seconds[workers]) for workers in (1, 2))
    print(f"two workers do {one / two:.2f} times what one does")


def timed(folder: Path, out: Path, workers: int) -> float:
    """Return the seconds of one batch, once the workers have done a small one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    host, port = address.split(":")
    with ExitStack() as stack:
        start(stack, folder, "scheduler", "--host", host, "--port", port, "--no-dashboard")
        for _ in range(workers):
            start(stack, folder, "worker", f"tcp://{address}", "--nthreads", "1", "--no-dashboard")
        time.sleep(8)
        convert(folder / "in" / "0", out / "warm", address)
        began = time.monotonic()
        convert(folder / "in", out / "all", address)
        return time.monotonic() - began


def start(stack: ExitStack, folder: Path, *words: str) -> None:
    """Run a ``dask`` command until the stack is left."""
    process = subprocess.Popen([sys.executable, "-m", "dask", *words], cwd=folder, **QUIET)
    stack.callback(process.wait)
    stack.callback(process.terminate)


def convert(source: Path, out: Path, address: str) -> None:
    """Run a batch on the cluster."""
    words = ["batch", source, "--out", out, "--cluster", f"tcp://{address}", "--quiet"]
    words += ["--no-cache", "--rule", "effort=3"]
    subprocess.run([sys.executable, "-m", "ssimgif", *words], check=True)


if __name__ == "__main__":
    main()
