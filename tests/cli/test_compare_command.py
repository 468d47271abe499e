"""``ssimgif compare``: any two GIFs of one source, as figures and as a page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from conftest import Command, moving_box, write_animation
from ssimgif.model import U8


def by_pillow(path: Path, frames: U8, colors: int) -> Path:
    """Write a GIF with another program."""
    first, *others = (Image.fromarray(frame).quantize(colors) for frame in frames)
    first.save(path, save_all=True, append_images=others, duration=100, loop=0)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a source and two GIFs that another program made of it."""
    frames = moving_box()
    write_animation(tmp_path / "box.png", frames)
    by_pillow(tmp_path / "many.gif", frames, 200)
    by_pillow(tmp_path / "few.gif", frames, 8)
    return tmp_path


def data_of(page: Path) -> dict[str, Any]:
    text = page.read_text(encoding="utf-8")
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    data: dict[str, Any] = json.loads(found)
    return data


def test_figures_stand_side_by_side(ssimgif: Command, folder: Path) -> None:
    done = ssimgif("compare", "many.gif", "few.gif", "--source", "box.png", cwd=folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert lines[0].split() == ["many.gif", "few.gif"]
    rows = {line[:19].strip(): line[19:].split() for line in lines[1:]}
    sizes = [(folder / name).stat().st_size for name in ("many.gif", "few.gif")]
    assert rows["bytes"][:2] == [f"{size:,}" for size in sizes]
    assert float(rows["quality"][0]) > float(rows["quality"][1])
    assert b"compare.html" in done.stderr


def test_its_figures_are_those_of_verify(ssimgif: Command, folder: Path) -> None:
    done = ssimgif("compare", "many.gif", "few.gif", "--source", "box.png", cwd=folder)
    assert done.returncode == 0, done.stderr
    gifs = data_of(folder / "compare.html")["gifs"]
    for page, name in zip(gifs, ("many.gif", "few.gif"), strict=True):
        done = ssimgif("verify", "box.png", name, "--json", cwd=folder)
        score = json.loads(done.stdout)["score"]
        report = page["report"]
        assert page["name"] == name
        assert report["mean"] == pytest.approx(score["mean"], abs=1e-3)
        assert report["missed"] == pytest.approx(score["missed"], abs=1e-6)
        for figure in ("local_mean", "looks_mean", "delta_e_mean"):
            assert report[figure] == pytest.approx(score[figure], rel=0.02)


def test_the_page_has_the_same_frames_of_both_and_the_source_once(
    ssimgif: Command, folder: Path
) -> None:
    options = ("--source", "box.png", "--report", "two.html")
    done = ssimgif("compare", "many.gif", "few.gif", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    first, second = data_of(folder / "two.html")["gifs"]
    indices = [[frame["index"] for frame in page["frames"]] for page in (first, second)]
    assert indices[0] == indices[1] == list(range(6))
    assert all("source" in frame for frame in first["frames"])
    assert not any("source" in frame for frame in second["frames"])
    scene_bytes = sum(scene["bytes"] for scene in first["report"]["scenes"])
    assert 0 < scene_bytes <= first["report"]["bytes"]


def test_the_source_is_changed_as_in_a_conversion(ssimgif: Command, folder: Path) -> None:
    for name in ("a.gif", "b.gif"):
        options = ("--width", "32", "--speed", "2", "--effort", "1")
        done = ssimgif("box.png", name, *options, cwd=folder)
        assert done.returncode == 0, done.stderr
    edits = ("--source", "box.png", "--width", "32", "--speed", "2")
    done = ssimgif("compare", "a.gif", "b.gif", *edits, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert data_of(folder / "compare.html")["gifs"][0]["report"]["mean"] > 0.94


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("many.gif absent.gif --source box.png", "absent.gif: no such file or directory"),
        ("many.gif half.gif --source box.png", "half.gif is damaged, or no GIF"),
        ("many.gif box.png --source box.png", "box.png is damaged, or no GIF"),
        ("many.gif small.gif --source box.png", "small.gif is 32x24 but box.png is 64x48"),
        ("many.gif few.gif", "Missing option '--source'"),
        ("many.gif few.gif --source box.png --report letter.txt", "letter.txt exists and is no"),
        ("many.gif few.gif --source box.png --report few.gif", "few.gif"),
    ],
)
def test_what_can_not_be_compared_is_told_in_a_sentence(
    ssimgif: Command, folder: Path, arguments: str, words: str
) -> None:
    whole = (folder / "many.gif").read_bytes()
    (folder / "half.gif").write_bytes(whole[: len(whole) // 2])
    (folder / "letter.txt").write_text("Dear all")
    by_pillow(folder / "small.gif", np.ascontiguousarray(moving_box()[:, ::2, ::2]), 16)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = ssimgif("compare", *arguments.split(), cwd=folder)
    assert done.returncode in (1, 2)
    assert words in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
