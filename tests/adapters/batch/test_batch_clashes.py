"""One bad line of a batch is one failed file, and no output harms another file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from batches import batch, tree
from conftest import moving_box, write_animation
from ssimgif import OutputError, SettingsError
from ssimgif_batch.clashes import refused
from ssimgif_batch.discovery import find_jobs
from ssimgif_batch.job import Job
from ssimgif_batch.places import OWN_FOLDER, Destination

QUICK = ("--rule", "effort=1", "--no-cache", "--jobs", "1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with three pictures."""
    for name in ("a.png", "b.png", "c.png"):
        write_animation(tmp_path / name, moving_box(2, 12, 16))
    return tmp_path


def run(folder: Path, *rows: dict[str, str], out: str = "out") -> tuple[dict[str, Any], str]:
    """Run a manifest; return the summary and what was said."""
    (folder / "list.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = batch("list.jsonl", "--out", out, *QUICK, "--summary", "s.json", cwd=folder)
    assert "bug" not in done.stderr and "Traceback" not in done.stderr
    assert all(line.isprintable() for line in done.stderr.splitlines())
    summary: dict[str, Any] = json.loads((folder / "s.json").read_text())
    assert done.returncode == (1 if summary["failed"] else 0)
    return summary, done.stderr


def test_bad_names_and_clashes_are_failed_lines_and_the_rest_is_done(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "link.gif").symlink_to("x.gif")
    (folder / "out" / "folder.gif").mkdir()
    summary, shown = run(
        folder,
        {"source": "a.png\0x"},
        {"source": "a.png\ud800"},
        {"source": "a.png", "output": "nul\0.gif"},
        {"source": "a.png", "output": "x.gif"},
        {"source": "b.png", "output": "./x.gif"},
        {"source": "b.png", "output": ".//./x.gif"},
        {"source": "b.png", "output": "link.gif"},
        {"source": "b.png", "output": "folder.gif"},
        {"source": "b.png", "output": "deep.gif"},
        {"source": "b.png", "output": "deep.gif/inner.gif"},
        {"source": "b.png", "output": "notes.txt"},
        {"source": "b.png", "output": "."},
        {"source": "b.png", "output": f"{OWN_FOLDER}/journal.gif"},
        {"source": "c.png"},
    )
    assert sorted(tree(folder / "out")) == ["c.gif", "deep.gif/inner.gif", "link.gif", "x.gif"]
    assert (summary["done"], summary["failed"]) == (3, 10)
    assert summary["failures_by_cause"] == {"name": 10}
    told = "\n".join(one["message"] for one in summary["failures"])
    assert len(told.splitlines()) == 10
    for words in (
        r"a.png\x00x: no file can have this name",
        r"a.png\ud800: no file can have this name",
        r"its output nul\x00.gif is no name that a file can have",
        "its output x.gif is that of",
        "its output folder.gif is a folder",
        "its output deep.gif is a folder of other outputs",
        "its output notes.txt does not end in .gif",
        "journal.gif is in the batch's own folder",
    ):
        assert words in told
    assert "failed (10 name)" in shown
    assert shown.count("a.png\\x00x") == 1


def test_a_source_is_never_an_output(folder: Path) -> None:
    for name in ("s1.gif", "s2.gif"):
        write_animation(folder / name, moving_box(2, 12, 16))
    before = {path.name: path.read_bytes() for path in folder.glob("s?.gif")}
    (folder / "alias").symlink_to(folder)
    summary, _ = run(
        folder,
        {"source": "s1.gif", "output": "s2.gif"},
        {"source": "s2.gif", "output": "s3.gif"},
        {"source": "s2.gif", "output": "alias/s1.gif"},
        {"source": "alias/s1.gif", "output": "s1.gif"},
        out=".",
    )
    assert (summary["done"], summary["failed"]) == (1, 3)
    assert {path.name: path.read_bytes() for path in folder.glob("s[12].gif")} == before
    assert (folder / "s3.gif").read_bytes().startswith(b"GIF89a")


def test_a_dry_run_tells_of_them_and_a_second_run_too(folder: Path) -> None:
    rows = {"source": "a.png", "output": "x.gif"}, {"source": "b.png", "output": "./x.gif"}
    run(folder, *rows)
    summary, _ = run(folder, *rows)
    assert (summary["done"], summary["unchanged"], summary["failed"]) == (1, 1, 1)
    dry = batch("list.jsonl", "--out", "out", *QUICK, "--dry-run", cwd=folder)
    assert dry.stdout == ""
    assert "b.png: its output x.gif is that of" in dry.stderr and "0 of 2 files" in dry.stderr


def test_a_line_may_hold_any_character_that_ends_lines_elsewhere(folder: Path) -> None:
    name = "a\u2028b\x0bc.png"
    (folder / "a.png").rename(folder / name)
    (folder / "list.jsonl").write_text(json.dumps({"source": name}, ensure_ascii=False) + "\r\n")
    done = batch("list.jsonl", "--out", "out", *QUICK, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert len(tree(folder / "out")) == 1


def test_what_is_no_gif_is_not_replaced(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "mine.gif").write_text("notes")
    summary, _ = run(
        folder,
        {"source": "a.png", "output": "mine.gif"},
        {"source": "b.png", "output": "x.gif"},
    )
    assert (summary["done"], summary["failures_by_cause"]) == (1, {"output": 1})
    assert summary["failures"][0]["message"].endswith("mine.gif exists and is no GIF")
    assert (folder / "out" / "mine.gif").read_text() == "notes"


def test_a_remote_manifest_names_no_file_of_this_machine(folder: Path) -> None:
    memory = pytest.importorskip("fsspec").filesystem("memory")
    secret = (folder / "a.png").as_uri()
    memory.pipe("/lists/list.jsonl", json.dumps({"source": secret}).encode())
    with pytest.raises(SettingsError, match="is on this machine, the manifest is not"):
        find_jobs(["memory://lists/list.jsonl"], {}, [], "out")
    (folder / "list.jsonl").write_text(json.dumps({"source": secret}))
    assert find_jobs([str(folder / "list.jsonl")], {}, [], "out")[0].source == secret


def test_nothing_is_swept_away_behind_a_link(folder: Path) -> None:
    (folder / "work" / "job-1").mkdir(parents=True)
    (folder / "out").mkdir()
    (folder / "out" / OWN_FOLDER).symlink_to(folder / "work")
    with pytest.raises(OutputError, match="is a link"):
        Destination(str(folder / "out")).prepare()
    assert (folder / "work" / "job-1").is_dir()


def jobs(*outputs: str) -> list[Job]:
    return [Job(f"/in/{number}.png", output, "", {}) for number, output in enumerate(outputs)]


def test_letters_of_both_cases_are_one_where_the_file_system_says_so(tmp_path: Path) -> None:
    pair = jobs("x.gif", "X.gif")
    assert refused(pair, Destination(str(tmp_path))) == {}
    # What a destination looks like on such a file system.
    (tmp_path / OWN_FOLDER.upper()).mkdir()
    found = refused(pair, Destination(str(tmp_path)))
    assert found == {1: "/in/1.png: its output X.gif is that of /in/0.png, too"}
    assert list(refused(jobs("\u00e9.gif", "e\u0301.gif"), Destination(str(tmp_path)))) == [1]


def test_an_output_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.gif").write_bytes(b"GIF89a")
    found = refused(jobs("d.gif/x.gif", "e/y.gif"), Destination(str(tmp_path)))
    assert list(found) == [0] and "d.gif, which is no folder" in found[0]


def test_urls_are_compared_as_they_are_written() -> None:
    pytest.importorskip("fsspec")
    pair = [
        Job("memory://in/a.png", "x.gif", "", {}),
        Job("memory://in/b.png", "x.gif", "", {}),
        Job("memory://out/y.gif", "z.gif", "", {}),
        Job("memory://in/c.png", "y.gif", "", {}),
    ]
    assert list(refused(pair, Destination("memory://out/"))) == [1, 3]
