"""The lines about many files in README and docs/batch.md, pasted."""

from __future__ import annotations

import shlex
from pathlib import Path

from batches import environment, tree
from conftest import moving_box, run_here, write_animation
from pasted import DOCS, README, shell_lines


def test_the_lines_work_one_after_another(tmp_path: Path) -> None:
    (tmp_path / "clips" / "icons").mkdir(parents=True)
    write_animation(tmp_path / "clips" / "a.png", moving_box(2))
    write_animation(tmp_path / "clips" / "icons" / "b.webp", moving_box(2, 20, 96))
    (tmp_path / "list.csv").write_text("source,width\nclips/a.png,32\n")
    lines = [line for line in shell_lines(DOCS / "batch.md") if "cluster" not in line]
    lines = [line for line in lines if line.startswith("ssimgif ")]
    assert len(lines) == 5
    lines += shell_lines(README, start="ssimgif batch")
    for line in lines:
        done = run_here(*shlex.split(line)[1:], env=environment(), cwd=tmp_path)
        assert done.returncode == 0, done.stderr.decode()
    gifs, small = tree(tmp_path / "gifs"), tree(tmp_path / "small")
    assert sorted(gifs) == sorted(small) == ["a.gif", "icons/b.gif"]
    widths = [int.from_bytes(each["icons/b.gif"][6:8], "little") for each in (gifs, small)]
    assert widths == [96, 64]
    assert "2 of 2 files done" in (tmp_path / "batch.html").read_text()
