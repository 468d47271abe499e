"""``ssimgif gimp install``, ``uninstall`` and ``status``: into all profiles, and out again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import command_environment
from ssimgif_gimp import installer
from ssimgif_gimp.profiles import found

NAME = Path("plug-ins/ssim_gif")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home without any GIMP."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


def profile(home: Path, version: str, base: str = ".config/GIMP") -> Path:
    folder = home / base / version
    folder.mkdir(parents=True)
    return folder


def program(home: Path, name: str, says: str) -> None:
    path = home / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)


def gimp(*words: str | Path) -> int:
    """Run the command, show what it says, and return its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "ssimgif", "gimp", *map(str, words)],
        env=command_environment() | {"SSIMGIF_PLUGINS": "gimp"},
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


def test_all_profiles_get_the_plug_in_of_their_version(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [profile(home, version) for version in ("2.10", "3.0", "3.2")]
    folders.append(profile(home, "3.0", ".var/app/org.gimp.GIMP/config/GIMP"))
    profile(home, "2.8")
    assert gimp("install") == 0
    assert capsys.readouterr().out.count("installed") == 4
    for folder in folders:
        plug_in = folder / NAME / "ssim_gif.py"
        first = plug_in.read_text().splitlines()[0]
        assert first.endswith("python2" if folder.name == "2.10" else "python3")
        assert os.access(plug_in, os.X_OK)
        noted = json.loads((folder / NAME / "program.json").read_text())
        assert noted["command"] == [sys.executable, "-m", "ssimgif"]
    assert (folders[1] / NAME / "dialog.py").exists()
    assert not (folders[0] / NAME / "dialog.py").exists()


def test_installing_again_changes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = profile(home, "3.0")
    gimp("install")
    before = {path: path.stat().st_mtime_ns for path in (folder / NAME).iterdir()}
    capsys.readouterr()
    assert gimp("install") == 0
    assert "up to date" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in (folder / NAME).iterdir()} == before


def test_another_version_is_replaced_whole(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = profile(home, "3.0")
    gimp("install")
    (folder / NAME / "of_old.py").write_text("")
    assert gimp("status") == 0
    assert "another version is installed; run ssimgif gimp install" in capsys.readouterr().out
    assert gimp("install") == 0
    assert "updated" in capsys.readouterr().out
    assert not (folder / NAME / "of_old.py").exists()


def test_uninstalling_leaves_other_plug_ins(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = profile(home, "3.0")
    other = folder / "plug-ins" / "other" / "other.py"
    other.parent.mkdir(parents=True)
    other.write_text("")
    gimp("install")
    assert gimp("uninstall") == 0
    assert "removed" in capsys.readouterr().out
    assert [path.name for path in (folder / "plug-ins").iterdir()] == ["other"]
    assert gimp("uninstall") == 0
    assert "was not installed" in capsys.readouterr().out


def test_status_and_doctor_tell_when_the_program_is_gone(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = profile(home, "3.0")
    gimp("status")
    assert "GIMP 3.0" in (said := capsys.readouterr().out) and "not installed" in said
    gimp("install")
    (folder / NAME / "program.json").write_text('{"command": ["/nowhere/python"]}')
    capsys.readouterr()
    gimp("status")
    sentence = "/nowhere/python is gone; run ssimgif gimp install again"
    assert sentence in capsys.readouterr().out
    (line,) = installer.examine()
    assert line.startswith("problem: GIMP 3.0") and sentence in line


def test_a_gimp_that_was_never_started_gets_its_profile(home: Path) -> None:
    program(home, "gimp", "GNU Image Manipulation Program version 3.0.4")
    assert [each.folder for each in found()] == [home / ".config/GIMP/3.0"]
    assert gimp("install") == 0
    assert (home / ".config/GIMP/3.0" / NAME / "ssim_gif.py").exists()


def test_without_gimp_there_is_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gimp("install") == 1
    assert capsys.readouterr().err == (
        "ssimgif: no profile of GIMP 3 or 2.10 was found; start GIMP once, or name one with "
        "--profile\n"
    )


def test_a_folder_that_is_no_profile_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gimp("install", "--profile", home / "2.8") == 1
    assert "is no profile of GIMP 3 or 2.10" in capsys.readouterr().err
    assert not (home / "2.8").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = profile(home, "3.0")
    (folder / "plug-ins").write_text("a file")
    assert gimp("install") == 1
    assert capsys.readouterr().err == (
        f"ssimgif: {folder / NAME} can't be written: not a directory\n"
    )
