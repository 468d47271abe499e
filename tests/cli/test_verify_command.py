"""``ssimgif verify`` on sources that were changed for the GIF, and what it says of damaged ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import Command, write_animation
from reference import media
from ssimgif.model import U8

EDITS = {
    "rate": "--fps 5",
    "size": "--width 31 --height 40",
    "height": "--height 24",
    "crop": "--crop 40x30+11+3",
    "piece": "--start 0.1 --end 0.5",
    "speed": "--speed 2",
    "reverse": "--reverse",
    "bounce": "--bounce",
    "all": "--start 0.1 --crop 50x30+2+5 --speed 0.5 --fps 8 --width 100 --reverse --bounce",
}


def slope(frames: int = 6) -> U8:
    """Return frames that change a lot, with a bright bar that moves to the right."""
    pictures = media.gradient(frames, 48, 64)
    for number, picture in enumerate(pictures):
        picture[:, 8 * number : 8 * number + 12] = 255 - picture[:, 8 * number : 8 * number + 12]
    return pictures


def score(done: bytes) -> dict[str, float]:
    result = json.loads(done)
    return result["score"] | {"drift": result["gif_duration"] - result["source_duration"]}


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_a_right_gif_of_a_changed_source_scores_well(
    edits: str, ssimgif: Command, tmp_path: Path
) -> None:
    write_animation(tmp_path / "in.png", slope())
    words = edits.split()
    made = ssimgif("in.png", "out.gif", "--effort", "1", "--no-cache", *words, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    done = ssimgif("verify", "in.png", "out.gif", "--json", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = score(done.stdout)
    assert found["score"] > 0.93
    assert abs(found["drift"]) < 0.02


def test_a_folder_is_timed_as_for_the_conversion(ssimgif: Command, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, picture in enumerate(slope()):
        Image.fromarray(picture).save(tmp_path / "in" / f"{number}.png")
    common = ("--fps", "25")
    assert ssimgif("in", "out.gif", "--effort", "1", *common, cwd=tmp_path).returncode == 0
    wrong = score(ssimgif("verify", "in", "out.gif", "--json", cwd=tmp_path).stdout)
    right = score(ssimgif("verify", "in", "out.gif", "--json", *common, cwd=tmp_path).stdout)
    assert wrong["score"] < 0.8
    assert right["score"] > 0.93
    assert right["drift"] == pytest.approx(0, abs=0.001)


def test_what_is_said_of_a_source_goes_to_standard_error(ssimgif: Command, tmp_path: Path) -> None:
    data = write_animation(tmp_path / "in.png", slope()).read_bytes()
    assert ssimgif("in.png", "out.gif", "--effort", "1", cwd=tmp_path).returncode == 0
    (tmp_path / "in.png").write_bytes(data[: len(data) * 3 // 4])
    done = ssimgif("verify", "in.png", "out.gif", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert 0 <= score(done.stdout)["score"] <= 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("ssimgif: in.png is damaged")
    assert line.endswith("its good frames are kept")


def test_edits_that_do_not_fit_are_refused(ssimgif: Command, tmp_path: Path) -> None:
    write_animation(tmp_path / "in.png", np.zeros((2, 8, 8, 3), np.uint8) + 9)
    done = ssimgif("verify", "in.png", "in.png", "--crop", "9x8+0+0", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"ssimgif: in.png is 8x8: the crop 9x8+0+0 goes outside it\n"
