"""What only POSIX has is done without where it is missing.

`without_posix/sitecustomize.py` takes it away from every process. That is not Windows, on which
nothing here was run: it shows that names, locks, limits and rights have another way.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, command_environment
from ssimgif_batch import clashes, places
from ssimgif_batch.job import Job
from ssimgif_batch.places import Destination, local_name
from ssimgif_web.server import _listen

HIDING = ROOT / "tests" / "without_posix"
RELEVANT = [
    "tests/host/test_kernel_cache.py",
    "tests/host/test_kernel_files.py",
    "tests/sandbox/test_parent.py::test_a_child_that_dies_is_replaced",
    "tests/sandbox/test_parent.py::test_what_does_not_listen_is_ended",
    "tests/adapters/batch/test_batch.py::test_two_batches_do_not_share_a_destination",
    "tests/adapters/batch/test_batch.py::test_urls_in_and_out",
]
needs_posix = pytest.mark.skipif(os.name == "nt", reason="nothing is to be hidden on Windows")


def without_posix(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = command_environment()
    path = os.pathsep.join([str(HIDING), environment["PYTHONPATH"]])
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment | {"PYTHONPATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@needs_posix
def test_they_are_hidden() -> None:
    program = "import os, fcntl"
    done = without_posix("-c", program)
    assert "No module named 'fcntl'" in done.stderr or "fcntl" in done.stderr
    assert done.returncode == 1


@needs_posix
def test_the_parts_that_used_them_work() -> None:
    done = without_posix("-m", "pytest", "-q", "-p", "no:cacheprovider", *RELEVANT)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://host/a/clip.mp4", "clip.mp4"),
        ("https://host/clip.mp4?size=1:2", "clip.mp4_size=1_2"),
        ("https://host/con.gif", "_con.gif"),
        ("https://host/dots. .", "dots"),
        ("https://host/..", "source"),
        ("https://host/", "host"),
    ],
)
def test_a_fetched_file_has_a_name_that_every_system_takes(url: str, name: str) -> None:
    assert local_name(url) == name


def test_an_output_that_windows_cannot_name_is_refused_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [Job(f"{name}.mp4", f"{name}.gif", "", {}) for name in ("a", "b", "c")]
    jobs[1] = Job("b.mp4", "b:c.gif", "", {})
    destination = Destination(str(tmp_path))
    assert clashes.refused(jobs, destination) == {}
    monkeypatch.setattr(clashes, "WINDOWS", True)
    (sentence,) = clashes.refused(jobs, destination).values()
    assert "b:c.gif has a character that Windows takes in no name" in sentence


def test_case_is_told_by_what_is_there_of_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "Absent" / "deeper"
    real = places._folds_case(path)
    assert real == (tmp_path / tmp_path.name.swapcase()).exists() or not real
    monkeypatch.setattr(Path, "exists", lambda self: self.name.lower() != "deeper")
    monkeypatch.setattr(Path, "samefile", lambda self, other: True)
    assert places._folds_case(path)


def test_a_port_has_one_listener(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from ssimgif import OutputError

    with _listen(0) as first, pytest.raises(OutputError, match="choose another with --port"):
        _listen(first.getsockname()[1])
    asked = []
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)
    monkeypatch.setattr(socket.socket, "setsockopt", lambda self, *option: asked.append(option))
    _listen(0).close()
    assert asked == [(socket.SOL_SOCKET, -5, 1)]


@pytest.mark.skipif(os.name == "nt", reason="make is not there")
def test_the_makefile_finds_programs_where_windows_has_them() -> None:
    shown = [
        subprocess.run(
            ["make", "-n", "lint", system], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for system in ("OS=", "OS=Windows_NT")
    ]
    assert ".venv/bin/ruff" in shown[0] and ".venv/Scripts/ruff" in shown[1]
