"""The lines of README.md and docs/command.md, pasted one after another."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from conftest import Command, command_environment, moving_box, noise, write_animation
from pasted import DOCS, README, make_program, shell_lines
from reference.media import write_video

# Lines about hosts are pasted by the tests of these.
HOSTS = ("gimp", "imagemagick", "ffmpeg", "batch", "web")
LINES = [
    line
    for line in shell_lines(README, DOCS / "command.md", DOCS / "lossless.md")
    if line.startswith(("ssimgif", "ffmpeg")) and line.split()[1] not in HOSTS
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with what the lines read."""
    path = tmp_path_factory.mktemp("paste")
    for name in ("clip.avif", "in.avif", "in.gif", "a.gif", "b.gif"):
        write_animation(path / name, moving_box())
    # A line scales it up to a width of 480.
    frames = moving_box(6, 104, 208)[::2] // 64 * 64
    write_video(path / "in.mp4", frames, "mpeg4", "yuv420p", [1000 * i for i in range(3)])
    Image.fromarray(noise()[0, :16, :16] // 128 * 255).save(path / "sprite.png")
    Image.new("RGBA", (48, 32), (200, 60, 20, 120)).save(path / "logo.webp")
    (path / "frames").mkdir()
    for number, frame in enumerate(moving_box(3)):
        Image.fromarray(frame).save(path / "frames" / f"{number}.png")
    make_program(path / "bin")
    return path


def in_a_shell(line: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        env=command_environment() | {"PATH": path},
        cwd=folder,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("line", LINES)
def test_a_line_works_when_pasted(
    line: str, folder: Path, ssimgif: Command, host: Callable[[str], str]
) -> None:
    (folder / "clip.gif").unlink(missing_ok=True)
    if "ffmpeg" in line:
        host("ffmpeg")
    if any(sign in line for sign in "|<>*"):
        if shutil.which("bash") is None:
            pytest.skip("bash is not installed")
        done = in_a_shell(line, folder)
    else:
        done = ssimgif(*shlex.split(line)[1:], cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    for name in shlex.split(line):
        if name in {"out.gif", "out.html", "out.json", "sprite.gif", "logo.gif"}:
            assert (folder / name).stat().st_size > 40


def test_the_lines_are_those_of_both_documents() -> None:
    assert len(LINES) > 20
    assert any("| ssimgif - - > out.gif" in line for line in LINES)
