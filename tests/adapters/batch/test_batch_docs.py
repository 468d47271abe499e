"""The README's lines about many files, pasted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from batches import environment, tree
from conftest import ROOT, moving_box, write_animation

README = ROOT / "README.md"


def test_the_lines_work_one_after_another(tmp_path: Path) -> None:
    bin = tmp_path / "bin"
    for folder in (bin, tmp_path / "clips" / "icons"):
        folder.mkdir(parents=True)
    (bin / "ssimgif").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ssimgif "$@"\n')
    (bin / "ssimgif").chmod(0o755)
    write_animation(tmp_path / "clips" / "a.png", moving_box(2))
    write_animation(tmp_path / "clips" / "icons" / "b.webp", moving_box(2, 20, 96))
    (tmp_path / "list.csv").write_text("source,width\nclips/a.png,32\n")
    section = README.read_text().split("### Many files")[1]
    lines = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[0].splitlines()
    assert len(lines) == 5
    path = os.pathsep.join([str(bin), os.environ["PATH"]])
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line],
            env=environment() | {"PATH": path},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    gifs, small = tree(tmp_path / "gifs"), tree(tmp_path / "small")
    assert sorted(gifs) == sorted(small) == ["a.gif", "icons/b.gif"]
    widths = [int.from_bytes(each["icons/b.gif"][6:8], "little") for each in (gifs, small)]
    assert widths == [96, 64]
    assert "2 of 2 files done" in (tmp_path / "batch.html").read_text()
