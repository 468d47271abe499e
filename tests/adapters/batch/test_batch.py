"""``ssimgif batch``: many files, resumed after anything, with every failure accounted for."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from fractions import Fraction
from pathlib import Path

import pytest

from batch_files import make_files
from batches import batch, command, environment, journal, tree
from conftest import DATA, Command, moving_box, write_animation
from ssimgif import Settings, SettingsError, SourceError
from ssimgif_batch import engine
from ssimgif_batch.discovery import Rule, find_jobs
from ssimgif_batch.job import Job, Outcome
from ssimgif_batch.journal import Journal
from ssimgif_batch.metrics import Histogram, Metrics
from ssimgif_batch.places import Destination
from ssimgif_batch.running import pending
from ssimgif_batch.summary import line, summarise

QUICK = ("--rule", "effort=1", "--no-cache")
PLUGIN = {"SSIMGIF_PLUGINS": "batch"}
# Each process at work has its own start.
ALONE = (*QUICK, "--jobs", "1")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give a folder with two good files, a broken one and one that is no picture."""
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    write_animation(folder / "a.png", moving_box(3, 24, 32))
    write_animation(folder / "sub" / "b.webp", moving_box(2, 24, 32))
    (folder / "bad.avif").write_bytes(b"not a picture at all")
    (folder / "note.txt").write_text("hello")
    return folder


def test_a_folder_becomes_a_tree_of_gifs_and_a_bad_file_stops_nothing(
    source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    extra = ["--summary", "s.json", "--summary", "s.html", "--log", "log", "--prometheus", "p.prom"]
    done = batch(source, "--out", out, *ALONE, *extra, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert sorted(tree(out)) == ["a.gif", "sub/b.gif"]
    assert all(data.startswith(b"GIF89a") for data in tree(out).values())
    assert f"{source}/bad.avif" in done.stderr and "2 of 3 files done" in done.stderr
    assert "Traceback" not in done.stderr

    summary = json.loads((tmp_path / "s.json").read_text())
    assert (summary["files"], summary["done"], summary["failed"]) == (3, 2, 1)
    assert summary["failures_by_cause"] == {"source": 1}
    assert summary["gif_bytes"] == sum(len(data) for data in tree(out).values())
    assert 0 < summary["local"]["median"] < 3
    page = (tmp_path / "s.html").read_text()
    assert "bad.avif" in page and "<svg" in page
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    events = [line["event"] for line in lines]
    assert all(line["missed"] <= 0.05 for line in lines if line["event"] == "done")
    assert (events[0], events[-1]) == ("start", "end")
    assert sorted(events[1:-1]) == ["done", "done", "failed"]
    figures = (tmp_path / "p.prom").read_text()
    assert 'ssimgif_batch_files_total{status="done"} 2' in figures
    assert 'ssimgif_batch_failures_total{cause="source"} 1' in figures
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]*"\})? [-+.e\d]+|# .*', line)
               for line in figures.splitlines())  # fmt: skip


def test_a_second_run_does_what_is_missing_or_changed(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (source / "bad.avif").unlink()

    def planned() -> list[str]:
        lines = batch(source, "--out", out, *QUICK, "--dry-run").stdout.splitlines()
        return [line.split("\t")[0] + " " + line.split("\t")[2] for line in lines]

    assert planned() == ["new a.gif", "new sub/b.gif"]
    assert not out.exists()
    assert batch(source, "--out", out, *ALONE).returncode == 0
    assert planned() == []
    (out / "a.gif").unlink()
    write_animation(source / "sub" / "b.webp", moving_box(3, 24, 32))
    assert planned() == ["missing a.gif", "changed sub/b.gif"]
    again = batch(source, "--out", out, *ALONE, "--rule", "sub/*:colors=16")
    assert again.returncode == 0
    assert len(journal(out)) == 4
    assert planned() == ["changed sub/b.gif"]


def test_manifests_say_names_and_settings(source: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "source,output,width,colors\nin/a.png,small/x.gif,16,\nin/sub/b.webp,,,8\n"
    )
    rows = [{"source": str(source / "a.png"), "output": "y.gif", "max-bytes": "1kB"}]
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    out = tmp_path / "out"
    done = batch("list.csv", "more.jsonl", "--out", out, *ALONE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(tree(out)) == ["in/sub/b.gif", "small/x.gif", "y.gif"]
    width = int.from_bytes(tree(out)["small/x.gif"][6:8], "little")
    assert width == 16


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("m.csv", "file\na.png\n", "source"),
        ("m.csv", "source,colors\na.png,many\n", "line 2: colors 'many'"),
        ("m.csv", "source,output\na.png,../x.gif\n", "leaves the destination"),
        ("m.csv", "source,colours\na.png,7\n", "no setting named 'colours'"),
        ("m.jsonl", '{"source": "a.png"}\n{"source"\n', "line 2: this is no JSON"),
        ("m.jsonl", "[1]\n", "line 1: this is no object"),
        ("m.jsonl", "\n", "no rows"),
    ],
)
def test_a_wrong_manifest_is_refused_before_anything_is_done(
    source: Path, tmp_path: Path, ssimgif: Command, name: str, text: str, words: str
) -> None:
    (source / name).write_text(text)
    done = ssimgif("batch", source / name, "--out", tmp_path / "out", env=PLUGIN)
    assert done.returncode in (1, 2)
    told = done.stderr.decode()
    assert words in told and len(told.splitlines()) == 1, told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("absent",), "no such file"),
        (("in", "--rule", "colors"), "NAME=VALUE"),
        (("in", "--rule", "colors=1"), "colors must be"),
        (("in", "--summary", "s.txt"), ".json or .html"),
        (("in", "--timeout", "soon"), "timeout 'soon'"),
        (("in", "--memory", "much"), "memory 'much'"),
        (("in", "--preset", "best"), "preset 'best'"),
        (("in", "--for", "fax"), "for 'fax' is none of github-readme"),
        (("in", "--cluster", "tcp://127.0.0.1:9"), "no scheduler"),
    ],
)
def test_wrong_usage_is_one_sentence(
    source: Path,
    tmp_path: Path,
    ssimgif: Command,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.setattr(engine, "CONNECT_SECONDS", 1)
    done = ssimgif("batch", *arguments, "--out", "out", cwd=tmp_path, env=PLUGIN)
    assert done.returncode in (1, 2)
    told = done.stderr.decode()
    assert words in told and len(told.splitlines()) == 1, told


def test_files_that_differ_by_their_suffix_keep_it(tmp_path: Path) -> None:
    for name in ("a.png", "a.webp", "b.png"):
        (tmp_path / name).write_bytes(b"x")
    jobs = find_jobs([str(tmp_path)], {}, [], "out")
    assert [job.output for job in jobs] == ["a.png.gif", "a.webp.gif", "b.gif"]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").write_bytes(b"x")
    with pytest.raises(SettingsError, match=r"would both become a\.gif"):
        find_jobs([str(tmp_path / "x"), str(tmp_path / "y")], {}, [], "out")


def test_patterns_keep_the_tree_below_their_first_folder(source: Path) -> None:
    jobs = find_jobs([f"{source}/**/*.webp"], {}, [], "out")
    assert [job.output for job in jobs] == ["sub/b.gif"]
    with pytest.raises(SourceError):
        find_jobs([f"{source}/*.mp4"], {}, [], "out")


def test_rules_and_rows_have_the_last_word_in_order(source: Path) -> None:
    rules = [Rule.parse("colors=64, effort=3"), Rule.parse("sub/*:colors=8")]
    jobs = {job.output: job.settings for job in find_jobs([str(source)], {}, rules, "out")}
    assert Settings.parse(dict(jobs["a.gif"])).colors == 64
    assert Settings.parse(dict(jobs["sub/b.gif"])) == Settings(colors=8, effort=3)


def test_rules_can_crop_turn_and_speed_up(source: Path) -> None:
    rules = [Rule.parse("*.webp:crop=32x18+0+4, speed=1/2,height=9,reverse=yes")]
    jobs = {job.output: job.settings for job in find_jobs([str(source)], {}, rules, "out")}
    expected = Settings(crop=(32, 18, 0, 4), speed=Fraction(1, 2), height=9, reverse=True)
    assert Settings.parse(dict(jobs["sub/b.gif"])) == expected
    with pytest.raises(SettingsError, match=r"^rule 'crop=0x1': crop '0x1' is not WIDTHxHEIGHT"):
        Rule.parse("crop=0x1")


def test_urls_in_and_out(source: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    from ssimgif import ConfinedLimits
    from ssimgif_batch.running import Batch, journal_path

    memory = fsspec.filesystem("memory")
    memory.put(str(source), "/batch-in/", recursive=True)
    jobs = find_jobs(["memory://batch-in/in"], {"effort": "1"}, [], "memory://batch-out")
    assert [job.output for job in jobs] == ["a.gif", "bad.gif", "sub/b.gif"]
    journal_path("memory://batch-out").unlink(missing_ok=True)
    run = Batch(jobs, "memory://batch-out", ConfinedLimits(), 1, quiet=True)
    result = run.run()
    assert (result["done"], result["failed"]) == (2, 1)
    assert memory.cat_file("/batch-out/sub/b.gif").startswith(b"GIF89a")
    assert sorted(memory.find("/batch-out")) == ["/batch-out/a.gif", "/batch-out/sub/b.gif"]
    assert run.plan() == []
    memory.rm("/batch-out/a.gif")
    assert [reason for _, reason in run.plan()] == ["missing"]


def outcome(number: int, **values: object) -> Outcome:
    base = {"output": f"{number}.gif", "source": f"{number}.png", "key": "k", "done": True}
    return Outcome(**{**base, "version": "1", "seconds": 1.0, **values})  # type: ignore[arg-type]


def test_a_journal_survives_half_a_line_and_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "own" / "journal.jsonl"
    with (one := Journal(path)).writing():
        one.add(outcome(1))
        one.add(outcome(2))
    whole = path.read_bytes()
    path.write_bytes(b'{"output": 3}\nnonsense\n[]\n' + whole + b'{"output": "4.gif", "do')
    with (two := Journal(path)).writing():
        assert list(two.outcomes) == ["1.gif", "2.gif"]
        two.add(outcome(4))
    three = Journal(path)
    three.read()
    assert list(three.outcomes) == ["1.gif", "2.gif", "4.gif"]


def test_a_journal_of_many_runs_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "own" / "journal.jsonl"
    with (one := Journal(path)).writing():
        for number in range(80):
            one.add(outcome(number % 3, bytes=number))
    with Journal(path).writing():
        pass
    assert len(path.read_text().splitlines()) == 3
    again = Journal(path)
    again.read()
    assert again.outcomes == one.outcomes


def test_two_batches_do_not_share_a_destination(source: Path, tmp_path: Path) -> None:
    with Journal(tmp_path / "out" / ".ssimgif-batch" / "journal.jsonl").writing():
        done = batch(source, "--out", tmp_path / "out", *QUICK)
    assert done.returncode == 1 and "another batch is writing" in done.stderr


def test_what_is_tried_again(tmp_path: Path) -> None:
    from ssimgif import __version__

    job = Job("a.png", "a.gif", "1:2", {})
    store = Journal(tmp_path / "journal.jsonl")

    def reason(cause: str, version: str = __version__) -> str:
        failed = outcome(1, output="a.gif", key=job.key, done=False, cause=cause, version=version)
        store.outcomes["a.gif"] = failed
        found = pending([job], store, Destination(str(tmp_path)))
        return found[0][1] if found else ""

    assert [reason(cause) for cause in ("source", "target", "settings")] == ["", "", ""]
    assert [reason(c) for c in ("time", "memory", "crash", "output", "unreadable")] == [
        "failed"
    ] * 5
    assert reason("source", version="another") == "failed"


def test_the_clock_does_not_matter(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (source / "bad.avif").unlink()
    for path in source.rglob("*.*"):
        os.utime(path, (4e9, 4e9))
    assert batch(source, "--out", out, *ALONE).returncode == 0
    assert batch(source, "--out", out, *QUICK, "--dry-run").stdout == ""
    os.utime(source / "a.png", (1e9, 1e9))
    assert "changed" in batch(source, "--out", out, *QUICK, "--dry-run").stdout


def test_a_file_over_its_limits_is_a_failure_of_its_own(tmp_path: Path) -> None:
    long = shutil.copy(DATA / "bunny.avif", tmp_path / "long.avif")
    done = batch(long, "--out", tmp_path / "slow", "--no-cache", "--timeout", "1.5")
    causes = {line["output"]: line["cause"] for line in journal(tmp_path / "slow")}
    assert causes["long.gif"] == "time" and done.returncode == 1
    assert "long.avif took more than 1.5 s" in done.stderr
    batch(long, "--out", tmp_path / "big", "--no-cache", "--memory", "60MB")
    causes = {line["output"]: line["cause"] for line in journal(tmp_path / "big")}
    assert causes["long.gif"] in {"memory", "crash"}
    assert not list(tmp_path.rglob("job-*"))


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root may write everywhere")
def test_a_destination_that_cannot_be_written(source: Path, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    done = batch(source, "--out", tmp_path / "locked" / "out")
    assert done.returncode == 1 and "permission denied" in done.stderr


def test_a_destination_that_is_a_file(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("hello")
    done = batch(source, "--out", tmp_path / "out")
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert (tmp_path / "out").read_text() == "hello"


def test_the_source_is_never_overwritten(tmp_path: Path) -> None:
    write_animation(tmp_path / "a.gif", moving_box(3, 24, 32))
    before = (tmp_path / "a.gif").read_bytes()
    done = batch(tmp_path, "--out", tmp_path, *QUICK)
    assert done.returncode == 1 and "source itself" in done.stderr
    assert (tmp_path / "a.gif").read_bytes() == before


def test_ctrl_c_leaves_what_is_whole_and_the_next_run_goes_on(tmp_path: Path) -> None:
    make_files(tmp_path / "in", 12, seed=5, broken=0)
    out = tmp_path / "out"
    process = subprocess.Popen(
        command(tmp_path / "in", "--out", out, *QUICK),
        env=environment() | {"TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    _wait_for_lines(out, 3)
    process.send_signal(signal.SIGINT)
    _, shown = process.communicate(timeout=20)
    assert process.returncode == 130, shown
    assert shown.splitlines()[-1] == "ssimgif: interrupted"
    assert not list(out.rglob("job-*")) and not list(tmp_path.glob("ssimgif-*"))
    before = len(journal(out))
    assert 3 <= before < 12
    assert batch(tmp_path / "in", "--out", out, *ALONE).returncode == 0
    assert len(journal(out)) == 12


def _wait_for_lines(out: Path, count: int, timeout: float = 120) -> None:
    path = out / ".ssimgif-batch" / "journal.jsonl"
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if path.exists() and path.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.02)
    raise AssertionError("the batch does not get on")


def test_killed_at_random_moments_the_result_is_that_of_an_undisturbed_run(tmp_path: Path) -> None:
    choose = random.Random(11)
    sound, broken = make_files(tmp_path / "in", 12, seed=3, broken=0.1)
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    calm, out = tmp_path / "calm", tmp_path / "out"
    assert batch(tmp_path / "in", "--out", calm, *ALONE).returncode == 1
    for least in sorted(choose.sample(range(1, 9), 2)):
        process = subprocess.Popen(
            command(tmp_path / "in", "--out", out, *QUICK, "--quiet"),
            env=environment() | {"TMPDIR": str(scratch)},
        )
        _wait_for_lines(out, least)
        time.sleep(choose.random() * 0.1)
        process.kill()
        process.wait()
    done = batch(tmp_path / "in", "--out", out, *QUICK, "--summary", tmp_path / "s.json")
    assert done.returncode == 1
    assert tree(out) == tree(calm)
    lines = journal(out)
    assert len(lines) == len({line["output"] for line in lines}) == 12
    summary = json.loads((tmp_path / "s.json").read_text())
    assert (summary["done"], summary["failed"]) == (sound, broken)
    # Of each killed process an empty folder may stay; its children remove theirs.
    end = time.monotonic() + 20
    while len(list(scratch.rglob("*"))) > 3 and time.monotonic() < end:
        time.sleep(0.1)
    assert len(list(scratch.rglob("*"))) <= 3


def test_a_histogram_counts_up_to_its_bounds() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0):
        histogram.add(value)
    assert list(histogram.lines("x", "y"))[2:5] == [
        'x_bucket{le="1"} 2',
        'x_bucket{le="2"} 3',
        'x_bucket{le="+Inf"} 4',
    ]
    metrics = Metrics()
    metrics.add(outcome(1, score=0.96, bytes=500, palettes=2))
    assert 'ssimgif_batch_score_bucket{le="0.96"} 1' in metrics.text(0, 1)


def test_the_last_line_names_what_is_below_its_target() -> None:
    done = [
        Outcome(f"{name}.gif", f"{name}.png", "", True, "0", 1.0, bytes=5000, valid=name == "a")
        for name in "abcde"
    ]
    assert line(summarise(done[:2], 1, 2.0)) == (
        "2 of 2 files done, 1 unchanged since an earlier run, 1 below their target (b.gif),"
        " 0 B to 10 kB, 2 s"
    )
    assert "4 below their target (b.gif, c.gif, d.gif, ...)" in line(summarise(done, 0, 2.0))
