"""What the documents say about ffmpeg can be pasted, line by line."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, Command, command_environment, moving_box, write_animation
from pasted import DOCS, README, make_program, shell_lines

pytestmark = pytest.mark.host

LINES = [*shell_lines(README, start="ssimgif ffmpeg"), *shell_lines(DOCS / "ffmpeg.md")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with what the lines read."""
    path = tmp_path_factory.mktemp("paste")
    write_animation(path / "in.avif", moving_box(3, 12, 96))
    write_animation(path / "in.gif", moving_box() // 64 * 64)
    # Lines begin a second later, crop 100x100 and scale up to a width of 480: one low picture then.
    write_animation(path / "frames.png", moving_box(3, 104, 208) // 64 * 64, 500)
    return path


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give an environment in which ``ssimgif`` is this one."""
    bin = make_program(tmp_path_factory.mktemp("bin"))
    path = os.pathsep.join([str(bin), os.environ["PATH"]])
    return command_environment() | {"SSIMGIF_PLUGINS": "ffmpeg", "PATH": path}


@pytest.mark.parametrize("line", LINES)
def test_a_line_works_when_pasted(
    host: Callable[[str], str],
    folder: Path,
    environment: dict[str, str],
    ssimgif: Command,
    line: str,
) -> None:
    ffmpeg = [host("ffmpeg"), "-v", "error", "-y", "-i", "frames.png"]
    if not (folder / "in.mp4").exists():
        subprocess.run(
            [*ffmpeg, "-c:v", "mpeg4", "-q:v", "2", "in.mp4"], cwd=folder, check=True, timeout=60
        )
    for made in ("out.gif", "out.mp4", "out.mkv", "big.gif", "small.gif"):
        (folder / made).unlink(missing_ok=True)
    if "|" in line:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=240,
            check=False,
        )
    else:
        done = ssimgif(*shlex.split(line)[1:], cwd=folder, env={"SSIMGIF_PLUGINS": "ffmpeg"})
    assert done.returncode == 0, done.stderr.decode()
    made = re.findall(r"\b(\w+\.(?:gif|mp4|mkv))\b", line)[-1]
    assert (folder / made).stat().st_size > 100


def test_the_example_program_runs(folder: Path, host: Callable[[str], str]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "ffmpeg_stage.py"), "in.gif", "example.gif"],
        cwd=folder,
        env=command_environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"example.gif: S 0\.9\d+, 6 frames\n", done.stdout)
    shown = subprocess.run(
        [
            host("ffprobe"),
            "-v",
            "error",
            "-show_entries",
            "stream=width,height",
            "-show_entries",
            "packet=duration",
            "-of",
            "csv=p=0",
            "example.gif",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == ["10"] * 6 + ["48,36"]
