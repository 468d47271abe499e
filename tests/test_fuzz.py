"""The fuzzing harnesses find what they are there to find; what they once found stays mended."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

import fuzz
from harnesses import HARNESSES, corpus
from mutation import mutated
from ssimgif import SourceError

FUZZ = Path(__file__).parent / "fuzz"
REGRESSIONS = sorted((FUZZ / "regressions").glob("*/*"))


@pytest.mark.parametrize("name", HARNESSES)
def test_some_inputs_for_each_reader(name: str) -> None:
    found = fuzz.run(name, seed=7, count=20, seconds=None)
    assert found.bugs == []
    assert found.inputs == 20


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_stays_mended(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert fuzz.attempt(HARNESSES[path.parent.name], path.read_bytes(), tmp_path) == ""


@pytest.mark.parametrize("name", HARNESSES)
def test_the_same_seed_gives_the_same_inputs(name: str) -> None:
    files = corpus(name)
    inputs = [mutated(files, 3, number) for number in range(50)]
    assert inputs == [mutated(files, 3, number) for number in range(50)]
    assert len(set(inputs)) > 40
    assert inputs != [mutated(files, 4, number) for number in range(50)]


def test_errors_with_a_sentence_are_no_bugs(tmp_path: Path) -> None:
    def refuses(data: bytes, folder: Path) -> None:
        raise SourceError("in.gif is no picture")

    assert fuzz.attempt(refuses, b"", tmp_path) == ""


def test_other_errors_are_bugs(tmp_path: Path) -> None:
    def fails(data: bytes, folder: Path) -> None:
        raise KeyError("clip")

    assert fuzz.attempt(fails, b"", tmp_path).startswith("KeyError: 'clip' (test_fuzz.py:")


def test_what_is_left_behind_is_a_bug(tmp_path: Path) -> None:
    def leaves(data: bytes, folder: Path) -> None:
        (folder / "out.gif").touch()

    assert fuzz.attempt(leaves, b"", tmp_path) == "left behind: out.gif"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("import os; print('begin 5', flush=True); os.abort()", "ended with code -6"),
        ("import time; print('begin 5', flush=True); time.sleep(60)", "takes longer than 1 s"),
    ],
)
def test_crashes_and_hangs_are_bugs(
    program: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "child.py"
    script.write_text(program)
    monkeypatch.setattr(fuzz, "__file__", str(script))
    monkeypatch.setattr(fuzz, "HANG_SECONDS", 1.0)
    found = fuzz.run("graph", seed=1, count=6, seconds=None)
    assert [number for number, _ in found.bugs] == [5]
    assert what in found.bugs[0][1]
    assert found.inputs == 6


def test_the_time_to_leave_the_process_is_not_the_last_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "child.py"
    script.write_text("import time; print('begin 5\\nend 5', flush=True); time.sleep(3)")
    monkeypatch.setattr(fuzz, "__file__", str(script))
    monkeypatch.setattr(fuzz, "HANG_SECONDS", 1.0)
    assert fuzz.run("graph", seed=1, count=6, seconds=None).bugs == []
