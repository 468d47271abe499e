"""Ctrl-C and SIGTERM end the command within a second and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import command_environment, noise, write_animation
from ssimgif.host import kernel_cache

# Stands for the pipeline: leaves a temporary file of each kind, tells that it runs, then works on,
# deaf to the progress callback or not.
JOB = """
import sys, tempfile, time
from pathlib import Path
from types import ModuleType
from ssimgif import cli
from ssimgif.errors import Cancelled
from ssimgif.host import staged
from ssimgif.progress import notify

def convert(src, dst, settings, progress, look):
    with tempfile.NamedTemporaryFile() as spool, staged(dst) as path:
        path.write_bytes(b"half a GIF")
        print(spool.name, path, flush=True)
        while True:
            {work}

module = ModuleType("ssimgif.pipeline")
module.convert = convert
sys.modules["ssimgif.pipeline"] = module
sys.exit(cli.run(["in.avif", "out.gif", "--quiet"]))
"""
WILLING = 'notify(progress, "encoding", 0, None); time.sleep(0.01)'


def start(tmp_path: Path, work: str) -> tuple[subprocess.Popen[str], list[Path]]:
    process = subprocess.Popen(
        [sys.executable, "-c", JOB.format(work=work)],
        env=command_environment() | {"TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, [Path(name) for name in process.stdout.readline().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("work", [WILLING, "time.sleep(60)"], ids=["willing", "deaf"])
def test_a_signal_ends_the_job_and_removes_its_files(
    tmp_path: Path, number: signal.Signals, work: str
) -> None:
    (tmp_path / "out.gif").write_bytes(b"GIF89a, the old one")
    process, files = start(tmp_path, work)
    assert len(files) == 2 and all(file.exists() for file in files)
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err == "ssimgif: interrupted\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.gif"]
    assert (tmp_path / "out.gif").read_bytes() == b"GIF89a, the old one"


def test_a_conversion_is_interrupted_within_a_second(tmp_path: Path) -> None:
    source = write_animation(tmp_path / "in.png", noise(24, 240, 320))
    warm = kernel_cache.kernels_ready()
    process = subprocess.Popen(
        [sys.executable, "-m", "ssimgif", source, tmp_path / "out.gif", "--effort", "9"],
        env=command_environment() | {"TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(3 if warm else 5)
    assert process.poll() is None, "the clip is too short for this test"
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "ssimgif: interrupted"
    assert time.monotonic() - sent < 3, "a second is asked; a busy machine gets some more"
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


def test_signal_handlers_are_put_back() -> None:
    from ssimgif.host.interrupt import interruptible

    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with interruptible() as stopped:
        assert not stopped()
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        assert stopped()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
