"""`ssimgif ffmpeg`: graphs, several files, options, progress, and what is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from conftest import Command, command_environment, moving_box, run_python
from ssimgif import SettingsError, SourceError, SsimGifError
from ssimgif.model import U8
from ssimgif_ffmpeg.job import run
from ssimgif_ffmpeg.options import parse_command

DELAYS = [4, 10, 7, 21, 5, 33]
WITH_PLUGIN = {"SSIMGIF_PLUGINS": "ffmpeg"}
STAGE = "ssimgif=ssim=0.9:effort=1"

Make = Callable[..., None]


@pytest.fixture(scope="module")
def vfr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an APNG of six frames, 64x48, that last for `DELAYS`; it plays three times."""
    first, *others = (Image.fromarray(frame) for frame in moving_box())
    path = tmp_path_factory.mktemp("clips") / "vfr.png"
    durations = [10 * delay for delay in DELAYS]
    first.save(path, save_all=True, append_images=others, duration=durations, loop=3)
    return path


@pytest.fixture
def make(vfr: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Give a function that runs the command on the clip, in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> None:
        run(parse_command(["-v", "error", "-i", str(vfr), *words]))

    return call


def shown(path: str) -> tuple[list[U8], list[int], int | None]:
    """Return pictures u8[h, w, 4], delays in centiseconds, and the loop block's count."""
    with Image.open(path) as image:
        frames = [
            (np.array(one.convert("RGBA")), int(one.info["duration"]) // 10)
            for one in ImageSequence.Iterator(image)
        ]
        return [a for a, _ in frames], [b for _, b in frames], image.info.get("loop")


@pytest.mark.parametrize(
    ("filters", "size", "delays"),
    [
        ("null", (64, 48), DELAYS),
        ("crop=20:10:4:12", (20, 10), [4, 10, 7, 59]),
        ("setpts=2*PTS", (64, 48), [2 * delay for delay in DELAYS]),
        ("reverse", (64, 48), DELAYS),
        ("scale=w='min(32,iw)':h=-2", (32, 24), DELAYS),
        (r"select=not(eq(n\,1))", (64, 48), [14, 7, 21, 5, 33]),
        ("fps=10", (64, 48), [10, 10, 20, 10, 30]),
        ("transpose=clock,hue=s=0.5", (48, 64), DELAYS),
    ],
)
def test_filters_before_the_stage_do_what_they_say(
    make: Make, filters: str, size: tuple[int, int], delays: list[int]
) -> None:
    make("-vf", f"{filters},{STAGE}", "out.gif")
    pictures, found, loop = shown("out.gif")
    assert pictures[0].shape[1::-1] == size
    if filters.startswith("crop"):  # the box leaves the crop, and pictures without it are one
        assert sum(found) == sum(DELAYS)
    else:
        assert found == delays
    assert loop == 2


def test_reversed_frames_are_the_others_way_round(make: Make) -> None:
    make("-vf", f"{STAGE}", "forth.gif")
    make("-vf", f"reverse,{STAGE}", "back.gif")
    forth, back = shown("forth.gif")[0], shown("back.gif")[0]
    for one, other in zip(forth, reversed(back), strict=True):
        assert np.abs(one.astype(int) - other.astype(int)).mean() < 6


def test_without_filters_it_makes_what_the_plain_command_makes(make: Make, vfr: Path) -> None:
    import ssimgif

    make("-vf", STAGE, "stage.gif")
    ssimgif.convert(vfr, "plain.gif", ssimgif.Settings(ssim=0.9, effort=1))
    assert Path("stage.gif").read_bytes() == Path("plain.gif").read_bytes()


def test_labels_join_and_split_several_files(make: Make, vfr: Path) -> None:
    graph = f"[0:v][1:v]hstack,split[a][b];[a]{STAGE}[wide];[b]scale=64:-2,{STAGE}[small]"
    make("-i", str(vfr), "-filter_complex", graph, "-map", "[wide]", "1.gif", "-map", "[small]",
         "-loop", "-1", "2.gif")  # fmt: skip
    wide, small = shown("1.gif"), shown("2.gif")
    assert (wide[0][0].shape, small[0][0].shape) == ((48, 128, 4), (24, 64, 4))
    assert wide[1] == small[1] == DELAYS
    assert (wide[2], small[2]) == (2, None)


def test_one_stage_can_make_several_files(make: Make) -> None:
    graph = f"{STAGE},split[a][b];[a]setpts=2*PTS[slow]"
    make("-filter_complex", graph, "-map", "[slow]", "1.gif", "-map", "[b]", "2.gif")
    slow, usual = shown("1.gif"), shown("2.gif")
    assert np.array_equal(slow[0], usual[0])
    assert (slow[1], usual[1]) == ([2 * delay for delay in DELAYS], DELAYS)


def test_filters_behind_the_stage_keep_its_pixels(make: Make) -> None:
    make("-vf", STAGE, "plain.gif")
    make("-vf", f"{STAGE},setpts=3*PTS", "slow.gif")
    assert np.array_equal(shown("plain.gif")[0], shown("slow.gif")[0])
    assert shown("slow.gif")[1:] == ([3 * delay for delay in DELAYS], 2)


@pytest.mark.parametrize(
    ("before", "after", "delays"),
    [
        ("", "-t 0.3", [4, 10, 7, 21]),
        ("", "-ss 0.1 -to 0.43", [7, 21, 5]),
        ("-ss 0.21", "", [21, 5, 33]),
        ("-t 0.2", "", [4, 10, 7]),
        ("-r 20", "", [5] * 6),
        ("", "-r 10", [10, 10, 20, 10, 30]),
        ("", "-frames:v 2", [4, 10]),
    ],
)
def test_options_cut_and_time_as_in_ffmpeg(
    make: Make, vfr: Path, before: str, after: str, delays: list[int]
) -> None:
    words = [*before.split(), "-i", str(vfr), *after.split(), "-vf", STAGE, "out.gif"]
    run(parse_command(["-v", "error", *words]))
    starts = list(accumulate(delays, initial=0))
    found = list(accumulate(shown("out.gif")[1], initial=0))
    assert max(abs(a - b) for a, b in zip(found, starts, strict=True)) <= 1


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["-vf", "sclae=3", "x.gif"], "no filter named 'sclae'; did you mean 'scale'"),
        (["-vf", "scale=foo=3", "x.gif"], "the filter 'scale': No such option: foo"),
        (["-vf", "crop=999:999", "x.gif"], "the filter 'crop': "),
        (["-vf", "setpts=0.5*PTTS", "x.gif"], "the filter 'setpts': .*PTTS"),
        (["-vf", "ssimgif=effort=99", "x.gif"], "the filter 'ssimgif': effort must be"),
        (["-vf", "", "x.gif"], "the filter graph is empty"),
        (["-vf", "select=0", "x.gif"], "no frame is left"),
        (["-vf", "movie=x.mp4", "x.gif"], "'movie' is not among those known"),
        (["-vf", "split", "x.gif"], "1 inputs and 2 outputs"),
        (["-vf", f"{STAGE},ssimgif", "x.gif"], "two ssimgif"),
        (["-filter_complex", "[0:v][3:v]hstack", "x.gif"], "'3:v' names an input"),
        (["-filter_complex", "[0:v]split[a][b]", "-map", "[a]", "x.gif"], r"\[b\] .* to no file"),
        (["-filter_complex", "[a]null[b]", "-map", "[b]", "x.gif"], "'a' is no label"),
        (["-filter_complex", "[0:v]null[b]", "-map", "[c]", "x.gif"], "no free output"),
        (["-filter_complex", "[0:v][0:v][0:v]hstack", "x.gif"], "has 2 inputs, but 3"),
        (["-filter_complex", "split[a][b];[a]ssimgif[c];[c][b]hstack", "x.gif"], "other frames"),
        (["-map", "0:a", "x.gif"], "not the pictures of an input"),
        (["x.gif", "x.gif"], "the same name"),
        (["-progress", "pipe:1", "-"], "both go to standard output"),
        (["-progress", "tcp://x:1", "x.gif"], "only files and pipes"),
        (["nowhere/x.gif"], "there is no directory"),
        ([], "no output is named"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_a_sentence_and_leaves_no_file(
    make: Make, tmp_path: Path, words: list[str], fault: str
) -> None:
    with pytest.raises(SsimGifError, match=fault) as caught:
        make(*words)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_files_are_overwritten_only_with_y(make: Make, tmp_path: Path) -> None:
    Path("out.gif").write_bytes(b"mine")
    for words in (["-nostdin"], ["-n"]):
        with pytest.raises(SsimGifError, match="exists already"):
            make(*words, "out.gif")
    with pytest.raises(SsimGifError, match="the mean SSIM is"):
        make("-y", "-vf", "ssimgif=ssim=0.9999:colors=2:effort=1:strict=1", "out.gif")
    assert Path("out.gif").read_bytes() == b"mine"
    make("-y", "-vf", STAGE, "out.gif")
    assert Path("out.gif").read_bytes().startswith(b"GIF89a")
    assert [path.name for path in tmp_path.iterdir()] == ["out.gif"]


def test_the_source_is_never_overwritten(vfr: Path) -> None:
    with pytest.raises(SsimGifError, match="is the source itself"):
        run(parse_command(["-y", "-i", str(vfr), "-f", "gif", str(vfr)]))


def test_sources_are_permitted_by_an_option(make: Make, vfr: Path) -> None:
    words = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10"]
    with pytest.raises(SettingsError, match="--allow-sources"):
        run(parse_command([*words, "x.gif"]))
    run(
        parse_command(
            [*words[:-2], "-t", "0.3", *words[-2:], "--allow-sources", "-vf", STAGE, "1.gif"]
        )
    )
    assert shown("1.gif")[1] == [10, 10, 10]
    make("--allow-sources", "-filter_complex", f"movie={vfr}[m];[0:v][m]vstack,{STAGE}", "2.gif")
    assert shown("2.gif")[0][0].shape == (96, 64, 4)
    with pytest.raises(SourceError, match="more than 3 frames"):
        run(parse_command([*words, "--allow-sources", "-vf", "ssimgif=max_frames=3", "x.gif"]))


def test_progress_is_ffmpegs(ssimgif_process: Command, vfr: Path, tmp_path: Path) -> None:
    words = ["ffmpeg", "-hide_banner", "-nostdin", "-i", vfr, "-vf", STAGE]
    done = ssimgif_process(*words, "-progress", "pipe:1", "out.gif", cwd=tmp_path, env=WITH_PLUGIN)
    assert done.returncode == 0, done.stderr
    pairs = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    size = (tmp_path / "out.gif").stat().st_size
    assert (pairs["frame"], pairs["total_size"]) == ("6", str(size))
    assert (pairs["out_time_us"], pairs["out_time"]) == ("800000", "00:00:00.800000")
    assert pairs["progress"] == "end"
    *_, line, last = done.stderr.decode().splitlines()
    assert line.startswith("frame=    6 fps=")
    assert " time=00:00:00.80 bitrate=" in line
    assert last.startswith(f"out.gif: {size:,} bytes, S 0.9")
    assert ", worst places " in last
    quiet = ssimgif_process(
        *words, "-y", "-loglevel", "error", "out.gif", cwd=tmp_path, env=WITH_PLUGIN
    )
    assert (quiet.returncode, quiet.stderr) == (0, b"")
    silent = ssimgif_process(*words, "-n", "-v", "quiet", "out.gif", cwd=tmp_path, env=WITH_PLUGIN)
    assert (silent.returncode, silent.stderr) == (1, b"")


def test_what_is_said_of_the_inputs_names_them(
    vfr: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    data = vfr.read_bytes()
    Path("cut.png").write_bytes(data[: len(data) * 3 // 4])
    Image.fromarray(moving_box(1)[0]).save("one.jpg")
    words = ["-nostats", "-i", "cut.png", "-i", "one.jpg", "-lavfi", f"hstack,{STAGE}", "out.gif"]
    run(parse_command(["-v", "warning", *words]))
    damaged, still = (line for line in capsys.readouterr().err.splitlines() if ".gif" not in line)
    assert damaged.startswith("ssimgif: cut.png is damaged")
    assert damaged.endswith("; its good frames are kept")
    assert still == "ssimgif: one.jpg: a still image: the GIF has one frame"
    run(parse_command(["-v", "error", "-y", *words]))
    assert capsys.readouterr().err == ""


def test_help_and_usage_import_nothing_heavy() -> None:
    for words in (["-h"], ["-bogus"]):
        probe = (
            f"import sys; from ssimgif.cli import run; run(['ffmpeg', *{words}]);"
            " print(*(set(sys.modules) & {'av', 'numba', 'PIL'}))"
        )
        done = run_python(probe, more=WITH_PLUGIN)
        assert done.stdout.splitlines()[-1] == ""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    first, *others = (Image.fromarray(frame) for frame in moving_box(12, 240, 320))
    first.save(tmp_path / "in.png", save_all=True, append_images=others, duration=50)
    slow = ["-vf", "ssimgif=effort=9"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ssimgif", "ffmpeg", "-nostats", "-i", "in.png", *slow, "out.gif"],
        cwd=tmp_path,
        env=command_environment() | WITH_PLUGIN,
        stderr=subprocess.PIPE,
    )
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert stderr.decode().splitlines()[-1] == "ssimgif: interrupted"
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]
