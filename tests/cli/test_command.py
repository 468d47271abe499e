"""The command's words: what it does with options, results and failures."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from conftest import CORE, Command, make_report
from ssimgif import Progress, Report, Settings, __version__
from ssimgif.cli import command as cli
from ssimgif.cli import doctor
from ssimgif.errors import Cancelled, OutputError, SourceError, SsimGifError, TargetError
from ssimgif.target import QUALITY_WORDS, ROUGH


@dataclass
class FakePipeline:
    """Takes the place of the pipeline: writes a word, or raises."""

    error: BaseException | None = None
    report: Report = field(default_factory=make_report)
    calls: list[tuple[Any, Settings]] = field(default_factory=list)

    def convert(
        self,
        src: Any,
        dst: Any,
        settings: Settings,
        progress: Callable[[Progress], bool | None],
        look: Any = None,
    ) -> Report:
        self.calls.append((src, settings))
        assert progress(Progress("encoding", 1, 2)) is not False
        if self.error is not None:
            raise self.error
        if hasattr(dst, "write"):
            dst.write(b"GIF89a")
        else:
            Path(dst).write_bytes(b"GIF89a")
        return self.report


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakePipeline:
    fake, module = FakePipeline(), ModuleType("ssimgif.pipeline")
    module.convert = fake.convert  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ssimgif.pipeline", module)
    monkeypatch.setenv("SSIMGIF_PLUGINS", "")
    monkeypatch.chdir(tmp_path)
    return fake


def test_options_become_settings(pipeline: FakePipeline) -> None:
    line = "in.avif out.gif --ssim .96 --max-bytes 2MB --fps 25/2 --start 0:01 --end 2.5 --bounce"
    line += " --height 90 --crop 40x30+2+1 --speed 2 --reverse --scale-filter smooth"
    line += " --background #f80 --loop 3 --width 320 --dither none --effort 9 --jobs 1 --quality 0"
    assert cli.run(line.split()) == 0
    expected = Settings(
        ssim=0.96,
        max_bytes=2_000_000,
        fps=Fraction(25, 2),
        start=Fraction(1),
        end=Fraction(5, 2),
        bounce=True,
        background=(255, 136, 0),
        loop=3,
        width=320,
        height=90,
        crop=(40, 30, 2, 1),
        speed=Fraction(2),
        reverse=True,
        scale_filter="smooth",
        dither="none",
        effort=9,
        jobs=1,
        quality=0.0,
    )
    assert pipeline.calls == [("in.avif", expected)]


def test_every_setting_is_an_option_and_in_the_help(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {option[0] for option in cli.OPTIONS}
    fields = {"for" if name == "made_for" else name for name in Settings.__dataclass_fields__}
    assert names == {"--" + name.replace("_", "-") for name in fields}
    assert cli.run(["--help"]) == 0
    shown = capsys.readouterr().out
    for word in (*names, "--report", "--quiet", "verify", "doctor", "--version"):
        assert word in shown


@pytest.mark.parametrize("order", ["--ssim 0.9 in.avif out.gif", "in.avif out.gif --ssim 0.9"])
def test_options_may_stand_anywhere(pipeline: FakePipeline, order: str) -> None:
    assert cli.run(order.split()) == 0
    assert pipeline.calls == [("in.avif", Settings(ssim=0.9))]


def test_several_pictures_are_the_frames_of_a_gif(pipeline: FakePipeline) -> None:
    assert cli.run(["1.png", "2.png", "10.png", "out.gif", "--ssim", "0.9"]) == 0
    assert cli.run(["1.png", "2.png", "-"]) == 0
    assert pipeline.calls == [
        (["1.png", "2.png", "10.png"], Settings(ssim=0.9)),
        (["1.png", "2.png"], Settings()),
    ]


def test_a_file_named_like_a_command_is_given_with_its_folder(pipeline: FakePipeline) -> None:
    assert cli.run(["./verify", "out.gif"]) == 0
    assert pipeline.calls[0][0] == "./verify"


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()[-1]


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        (92.0, "looks like the source (quality 92, SSIM 0.950), 0.5 s"),
        (
            71.5,
            "good: losses show on a close look (quality 72, SSIM 0.950), 0.5 s;"
            " small text may suffer: try --quality 80",
        ),
        (None, "SSIM 0.950, 0.5 s"),
    ],
)
def test_the_summary_says_in_words_what_came_out(
    pipeline: FakePipeline,
    capsys: pytest.CaptureFixture[str],
    looks: float | None,
    words: str,
) -> None:
    pipeline.report = replace(make_report(), bytes=1234567, looks_mean=looks, warnings=())
    assert cli.run(["in.avif", "out.gif"]) == 0
    assert last_line(capsys) == f"ssimgif: out.gif: 1,234,567 bytes, {words}"


@pytest.mark.parametrize("asked", [{"ssim": 0.9}, {"quality": 50.0}, {"max_bytes": 10_000}])
def test_the_summary_advises_nothing_against_what_was_asked_for(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str], asked: dict[str, float]
) -> None:
    report = make_report()
    settings = {**report.settings, **asked}
    pipeline.report = replace(report, looks_mean=41.0, warnings=(), settings=settings)
    assert cli.run(["in.avif", "out.gif"]) == 0
    assert last_line(capsys).endswith("plain losses (quality 41, SSIM 0.950), 0.5 s")


def test_the_summary_of_a_gif_without_loss_has_no_figures(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    report = make_report()
    pipeline.report = replace(report, settings={**report.settings, "lossless": True})
    assert cli.run(["in.avif", "out.gif"]) == 0
    assert last_line(capsys) == "ssimgif: out.gif: 1,000 bytes, every pixel as in the source, 0.5 s"


def test_warnings_come_before_the_summary(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["in.avif", "out.gif"]) == 0
    assert capsys.readouterr().err.splitlines()[0] == "ssimgif: a warning"


def test_pages_have_the_same_words() -> None:
    script = (CORE / "ssimgif" / "html_report" / "assets" / "dom.js").read_text(encoding="utf-8")
    (block,) = re.findall(r"QUALITY_WORDS = \[(.*?)\];", script, re.S)
    shown = [(float(a), b) for a, b in re.findall(r'\[(\d+), "(.*?)"\]', block)]
    assert tuple(shown) == QUALITY_WORDS
    assert f'[-Infinity, "{ROUGH}"]' in block


def test_quiet_says_nothing(pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["in.avif", "out.gif", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_the_report_is_written(pipeline: FakePipeline, tmp_path: Path) -> None:
    assert cli.run(["in.avif", "out.gif", "--report", "out.json"]) == 0
    assert Report.from_json((tmp_path / "out.json").read_text()) == pipeline.report


def test_the_report_is_written_where_the_target_is_missed(
    pipeline: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.error = TargetError("in.avif: S is 0.9500, below the target 0.9800")
    pipeline.error.report = make_report()  # type: ignore[attr-defined]
    assert cli.run(["in.avif", "out.gif", "--strict", "--report", "out.json"]) == 3
    assert json.loads((tmp_path / "out.json").read_text())["valid"] is False
    assert not (tmp_path / "out.gif").exists()
    assert capsys.readouterr().err.endswith("S is 0.9500, below the target 0.9800\n")


def test_a_dash_writes_the_gif_alone_to_standard_output(
    pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdout = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", stdout)
    assert cli.run(["in.avif", "-"]) == 0
    assert stdout.buffer.getvalue() == b"GIF89a"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (SourceError("in.avif is empty"), 1, "in.avif is empty"),
        (OutputError("out.gif can't be written: no space"), 1, "out.gif can't be written: no"),
        (TargetError("not reachable"), 3, "not reachable"),
        (SsimGifError("something"), 1, "something"),
        (Cancelled("stopped"), 130, "interrupted"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ImportError("No module named 'av'"), 1, "needs can't be loaded (No module named 'av')"),
        (MemoryError(), 1, "not enough memory"),
        (OSError(28, "No space left on device", "/tmp/x"), 1, "/tmp/x: no space left on device"),
        (IndexError("list index"), 1, "this is a bug, IndexError: list index"),
    ],
)
def test_each_failure_has_its_code_and_one_sentence(
    pipeline: FakePipeline,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    sentence: str,
) -> None:
    pipeline.error = error
    assert cli.run(["in.avif", "out.gif", "--quiet"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ssimgif: ") and sentence in err
    assert err.count("\n") == 1


def test_names_and_texts_command_no_terminal_and_end_no_line(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.error = SourceError("a\x1b[2J\r\n\u202egif.\udc80 is empty")
    assert cli.run(["in.avif", "out.gif"]) == 1
    err = capsys.readouterr().err
    assert err.splitlines()[-1] == r"ssimgif: a\x1b[2J\r\n\u202egif.\udc80 is empty"


def test_a_variable_shows_the_traceback(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSIMGIF_TRACEBACK", "1")
    pipeline.error = IndexError("list index")
    assert cli.run(["in.avif", "out.gif"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("-", "Missing argument 'OUT.gif'. See ssimgif --help."),
        ("frobnicate", "neither a command nor a file named 'frobnicate'. See ssimgif --help."),
        ("in.avif out.gif --sim 1", "See ssimgif --help."),
        ("compare a.gif", "See ssimgif compare --help."),
        ("cache frob", "No such command 'frob'. See ssimgif cache --help."),
        ("in.avif out.gif more", "unexpected extra argument"),
        (
            "1.png 2.png 3.png",
            "extra arguments (3.png); behind several pictures the",
        ),
        ("in.avif out.gif --sim 1", "No such option"),
        ("in.avif out.gif --ssim", "requires an argument"),
        ("in.avif out.gif --ssim 2", "ssim must be between 0.5 and 0.9999, not 2"),
        ("in.avif out.gif --ssim nan", "ssim must be between"),
        ("in.avif out.gif --ssim high", "ssim 'high' is not a number"),
        ("in.avif out.gif --loop -1", "loop must be between 0 and 65535, not -1"),
        ("in.avif out.gif --preset fax", "preset 'fax' is none of messaging"),
        ("in.avif out.gif --preset email --ssim .9", "preset and ssim both set a target"),
        ("in.avif out.gif --max-bytes many", "max-bytes 'many' is not a size"),
        ("in.avif out.gif --background pinkish", "background 'pinkish' is not a colour"),
        ("in.avif out.gif --start 3 --end 2", "end must be later than start"),
        ("in.avif out.gif --fps 1/0", "fps '1/0' is not a number"),
        ("in.avif out.gif --effort 0", "effort must be between 1 and 9"),
        ("verify a", "Missing argument 'OUT.gif'"),
        ("doctor --cold", "No such option"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str], line: str, sentence: str
) -> None:
    assert cli.run(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ssimgif: ") and sentence in err
    assert err.count("\n") == 1
    assert not pipeline.calls


def test_a_source_alone_becomes_a_gif_beside_it(pipeline: FakePipeline, tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "in.b.mp4").touch()
    assert cli.run(["frames/in.b.mp4"]) == 0
    assert cli.run(["frames"]) == 0
    assert (tmp_path / "frames" / "in.b.gif").read_bytes() == b"GIF89a"
    assert (tmp_path / "frames.gif").read_bytes() == b"GIF89a"


@pytest.mark.parametrize("source", ["in.avif", "in.gif"])
def test_a_source_alone_replaces_nothing(
    pipeline: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    (tmp_path / "in.avif").touch()
    (tmp_path / "in.gif").write_bytes(b"GIF89a, other")
    assert cli.run([source]) == 1
    assert not pipeline.calls
    assert last_line(capsys).startswith("ssimgif: in.gif exists; name the GIF to write")
    assert (tmp_path / "in.gif").read_bytes() == b"GIF89a, other"


def test_a_terminal_gets_no_gif(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert cli.run(["in.avif", "-"]) == 1
    assert not pipeline.calls
    assert "a GIF is nothing for a terminal" in last_line(capsys)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"ssimgif {__version__}\n"


def test_a_conversion_from_and_to_a_pipe(ssimgif_process: Command, animation: Path) -> None:
    done = ssimgif_process("-", "-", "--ssim", "0.9", stdin=animation.read_bytes())
    assert done.returncode == 0, done.stderr
    with Image.open(io.BytesIO(done.stdout)) as gif:
        assert (gif.format, gif.size, gif.n_frames) == ("GIF", (64, 48), 6)
    assert done.stderr.decode().splitlines()[-1].startswith("ssimgif: -: ")


def test_verify_agrees_with_the_report(ssimgif: Command, animation: Path, tmp_path: Path) -> None:
    done = ssimgif(animation, "out.gif", "--report", "out.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = Report.from_json((tmp_path / "out.json").read_text())
    verified = ssimgif("verify", animation, "out.gif", "--json", cwd=tmp_path)
    assert verified.returncode == 0, verified.stderr
    scores = json.loads(verified.stdout)["score"]
    assert scores["score"] == pytest.approx(report.score, abs=0.002)
    assert scores["delta_e_mean"] == pytest.approx(report.delta_e_mean, abs=0.1)
    table = ssimgif("verify", animation, "out.gif", cwd=tmp_path).stdout.decode()
    assert table.startswith(f"S                  {scores['score']:.4f}")


def test_modules_are_compiled_where_that_is_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("fine", "broken", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text("1 +" if name == "broken" else "")
        package = ModuleType(f"ssimgif_{name}")
        package.__path__ = [str(tmp_path / name)]
        monkeypatch.setitem(sys.modules, package.__name__, package)
    (tmp_path / "closed" / "__pycache__").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "ssimgif_file", ModuleType("ssimgif_file"))
    doctor.compile_modules()
    assert [path.parent.parent.name for path in tmp_path.rglob("*.pyc")] == ["fine"]


def test_doctor_says_what_is_there(ssimgif: Command) -> None:
    done = ssimgif("doctor")
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    assert f"ssimgif {__version__}" in shown
    for word in (
        "python 3.",
        "numba ",
        "kernels: ",
        "decoders: AV1",
        "temporary files: ",
        "conversion: ",
    ):
        assert word in shown
    assert "problem" not in shown


def test_doctor_tells_when_reading_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path) -> None:
        raise TypeError("no such argument")

    monkeypatch.setattr("ssimgif.sources.decoding.opened", broken)
    problems = [line for line in doctor.examine() if line.startswith("problem:")]
    assert problems == ["problem: a tiny AVIF can't be converted: TypeError: no such argument"]
