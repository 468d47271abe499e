"""The command never replaces what was hardly meant, and takes several pictures as frames."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from conftest import Command
from ssimgif import SourceError, convert, open_clip
from ssimgif.host.atomic_file import staged
from ssimgif.settings import Settings

GIF = b"GIF89a of yesterday"
OPTIONS = {"fps": None, "max_frames": 100, "max_pixels": 10_000}


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    """Give names of three pictures of one gray each, in the order of a shell."""
    for number in (1, 10, 2):
        gray = np.full((16, 16, 3), 20 * number, np.uint8)
        Image.fromarray(gray).save(tmp_path / f"f{number}.png")
    return ["f1.png", "f10.png", "f2.png"]


def refused(ssimgif: Command, folder: Path, *arguments: str, words: str, code: int = 1) -> None:
    """Assert that a command fails with a sentence and changes nothing."""
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    done = ssimgif(*arguments, "--effort", "1", cwd=folder)
    assert done.returncode == code
    (line,) = done.stderr.decode().splitlines()
    assert words in line
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_second_picture_is_not_replaced_by_a_gif(
    ssimgif: Command, tmp_path: Path, pictures: list[str]
) -> None:
    one, two, _ = pictures
    refused(ssimgif, tmp_path, one, two, words=f"{two} exists and is no GIF (--force replaces it)")
    refused(ssimgif, tmp_path, one, "new.png", words="new.png does not end in .gif (--force")
    refused(ssimgif, tmp_path, one, "new", words="new does not end in .gif (--force")
    refused(ssimgif, tmp_path, *pictures, words="unexpected extra arguments (f2.png)", code=2)
    (tmp_path / "notes.gif").write_text("no GIF")
    refused(ssimgif, tmp_path, one, "notes.gif", words="notes.gif exists and is no GIF")
    refused(
        ssimgif, tmp_path, one, "x.gif", "--report", two, words=f"{two} exists and is no report"
    )
    for name in (two, "new", "notes.gif"):
        done = ssimgif(one, name, "--force", "--effort", "1", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / name).read_bytes().startswith(b"GIF89a")


def test_gifs_empty_files_and_devices_may_be_written_to(
    ssimgif: Command, tmp_path: Path, pictures: list[str]
) -> None:
    (tmp_path / "old.gif").write_bytes(GIF)
    (tmp_path / "empty.gif").touch()
    (tmp_path / "report.json").write_text("{}")
    for name in ("old.gif", "empty.gif", "/dev/null"):
        more = ("--report", "report.json", "--effort", "1")
        done = ssimgif(pictures[0], name, *more, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert name == "/dev/null" or (tmp_path / name).read_bytes()[:4] == b"GIF8"


def test_an_unquoted_pattern_is_the_frames_in_natural_order(
    ssimgif: Command, tmp_path: Path, pictures: list[str]
) -> None:
    (tmp_path / "out.gif").write_bytes(GIF)
    done = ssimgif(*pictures, "out.gif", "--fps", "5", "--effort", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "out.gif") as gif:
        shown = [
            (frame.convert("RGB").getpixel((0, 0))[0], frame.info["duration"])
            for frame in ImageSequence.Iterator(gif)
        ]
    assert [round(gray / 20) for gray, _ in shown] == [1, 2, 10]
    assert [duration for _, duration in shown] == [200, 200, 200]


def test_a_pattern_of_gifs_does_not_replace_the_last_one(
    ssimgif: Command, tmp_path: Path, pictures: list[str]
) -> None:
    for name in ("a.gif", "b.gif", "c.gif"):
        Image.open(tmp_path / pictures[0]).save(tmp_path / name)
    refused(ssimgif, tmp_path, "a.gif", "b.gif", "c.gif", words="c.gif exists and may be a source")
    done = ssimgif("a.gif", "b.gif", "new.gif", "--effort", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_each_of_several_pictures_must_be_one(
    ssimgif: Command, tmp_path: Path, pictures: list[str]
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    refused(ssimgif, tmp_path, *pictures, "gone.png", "x.gif", words="gone.png: there is no such")
    refused(ssimgif, tmp_path, *pictures, "notes.txt", "x.gif", words="notes.txt is not named as a")
    refused(ssimgif, tmp_path, *pictures, "./f1.png", "./f1.png", words="extra arguments", code=2)


def test_programs_may_name_several_pictures_too(tmp_path: Path, pictures: list[str]) -> None:
    paths = [tmp_path / name for name in pictures]
    clip = open_clip(paths, OPTIONS)
    assert (clip.frame_count, clip.name) == (3, "f1.png and 2 more")
    with pytest.raises(SourceError, match="no pictures"):
        open_clip([], OPTIONS)
    convert(paths, tmp_path / "out.gif", Settings(effort=1))
    assert (tmp_path / "out.gif").exists()


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o002, 0o664)])
def test_a_new_file_has_the_mode_that_the_umask_leaves(
    tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        with staged(tmp_path / "new.gif") as path:
            assert path.stat().st_mode & 0o777 == mode
            path.write_bytes(GIF)
        (tmp_path / "old.gif").touch()
        (tmp_path / "old.gif").chmod(0o404)
        with staged(tmp_path / "old.gif") as path:
            assert path.stat().st_mode & 0o077 & ~0o404 == 0
            path.write_bytes(GIF)
    finally:
        os.umask(before)
    assert (tmp_path / "new.gif").stat().st_mode & 0o777 == mode
    assert (tmp_path / "old.gif").stat().st_mode & 0o777 == 0o404


def test_the_umask_which_all_threads_share_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    masks: list[int] = []
    monkeypatch.setattr(os, "umask", masks.append)
    with staged(tmp_path / "out.gif") as path:
        path.write_bytes(GIF)
    assert (tmp_path / "out.gif").read_bytes() == GIF
    assert masks == []
