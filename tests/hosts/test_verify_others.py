"""`ssimgif verify` scores GIFs that other programs made."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Command, moving_box, write_animation

pytestmark = pytest.mark.host


def test_a_gif_by_ffmpeg_is_scored(
    host: Callable[[str], str], ssimgif: Command, tmp_path: Path
) -> None:
    source = write_animation(tmp_path / "in.png", moving_box(8, 72, 96))
    palette = "split[a][b];[a]palettegen=max_colors=64[p];[b][p]paletteuse=dither=bayer"
    subprocess.run(
        [host("ffmpeg"), "-v", "error", "-i", source, "-vf", palette, tmp_path / "out.gif"],
        check=True,
        timeout=60,
    )
    done = ssimgif("verify", source, "out.gif", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    score = found["score"]
    assert all(math.isfinite(figure) for figure in score.values())
    assert 0.5 < score["score"] < 1
    assert 0 < score["delta_e_mean"] < 20
    assert (found["source_frames"], found["gif_frames"]) == (8, 8)


def test_a_gif_by_gifsicle_is_the_same_picture(
    host: Callable[[str], str], ssimgif: Command, tmp_path: Path
) -> None:
    frames = moving_box(4, 48, 64) // 64 * 64
    source = write_animation(tmp_path / "in.gif", frames)
    subprocess.run(
        [host("gifsicle"), "-O3", source, "-o", tmp_path / "out.gif"], check=True, timeout=60
    )
    done = ssimgif("verify", source, "out.gif", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["score"]["score"], found["score"]["delta_e_mean"]) == (1, 0)
    assert found["source_duration"] == found["gif_duration"] == 0.4
