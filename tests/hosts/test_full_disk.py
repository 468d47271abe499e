"""A disk without space: one sentence, nothing half done, and what was there stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from batch_files import make_files
from batches import environment, journal, tree
from conftest import moving_box, noise, write_animation

pytestmark = pytest.mark.host


def on_small_disk(folder: Path, size: str, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script where ``folder``/disk is a file system of this size of its own."""
    if os.geteuid() != 0:
        reason = "only root can mount a small disk"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    (folder / "disk").mkdir()
    mount = f"mount -t tmpfs -o size={size} tmpfs {folder}/disk"
    program = f'ssimgif() {{ "{sys.executable}" -m ssimgif "$@"; }}'
    whole = f"set -e; {mount}; {program}; cd {folder}; set +e; {script}"
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "bash", "-c", whole],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_a_conversion_says_that_the_disk_is_full(tmp_path: Path) -> None:
    source = write_animation(tmp_path / "in.png", noise(3, 96, 128))
    done = on_small_disk(
        tmp_path,
        "20k",
        f"echo GIF8old > disk/out.gif; ssimgif {source} disk/out.gif --quiet --effort 1; code=$?;"
        " ls -A disk; cat disk/out.gif; exit $code",
    )
    assert done.returncode == 1
    assert done.stdout.split() == ["out.gif", "GIF8old"]
    assert len(done.stderr.splitlines()) == 1
    assert "no space left on device" in done.stderr


def test_a_full_place_for_temporary_files_is_told(tmp_path: Path) -> None:
    source = write_animation(tmp_path / "in.png", noise(3, 96, 128))
    done = on_small_disk(
        tmp_path,
        "16k",
        f"TMPDIR={tmp_path}/disk ssimgif {source} out.gif --quiet --effort 1; code=$?;"
        " ls -A disk; exit $code",
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out.gif").exists()


def test_a_batch_keeps_what_fitted_and_goes_on_when_there_is_space(tmp_path: Path) -> None:
    make_files(tmp_path / "in", 6, seed=2, broken=0)
    quick = "--rule effort=1 --no-cache --quiet"
    alone = f"{quick} --jobs 1"
    done = on_small_disk(
        tmp_path,
        "24k",
        f"ssimgif batch in --out calm {alone}; ssimgif batch in --out disk {quick}; code=$?;"
        " cp -a disk kept; mount -o remount,size=8m disk;"
        f" ssimgif batch in --out disk {alone} && cp -a disk after;"
        " exit $code",
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    calm, kept = tree(tmp_path / "calm"), tree(tmp_path / "kept")
    assert 0 < len(kept) < len(calm) == 6
    assert all(calm[name] == data for name, data in kept.items())
    assert tree(tmp_path / "after") == calm
    assert {line["output"] for line in journal(tmp_path / "after")} == set(calm)


def test_a_cache_on_a_full_disk_is_no_fault(tmp_path: Path) -> None:
    source = write_animation(tmp_path / "in.png", moving_box())
    done = on_small_disk(
        tmp_path,
        "8k",
        f"mkdir disk/ssimgif; head -c 4096 /dev/zero > disk/filler;"
        f" XDG_CACHE_HOME={tmp_path}/disk ssimgif {source} out.gif --quiet --effort 1",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out.gif").read_bytes().startswith(b"GIF89a")
