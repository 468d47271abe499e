"""Pipes between ssimgif and the real ffmpeg, both ways."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from conftest import Command, command_environment, moving_box
from ssimgif.model import U8

pytestmark = pytest.mark.host

HEIGHT, WIDTH = 48, 64
PLUGIN = {"SSIMGIF_PLUGINS": "ffmpeg"}
DELAYS = [4, 10, 7, 21, 5, 33, 10]
FAST = "--effort 1 --ssim 0.92"
# Keeps the times of frames; durations get lost, so the last frame's is not known.
TIMES = "-fps_mode passthrough -enc_time_base -1"


def pictures(alpha: bool) -> U8:
    """Return a box moving over few colours, or over nothing: u8[n, h, w, 4]."""
    box = moving_box(len(DELAYS), HEIGHT, WIDTH) // 64 * 64
    red = box[..., :1] == 192
    opaque = np.where(red & (box[..., 1:2] < 64), 255, 0) if alpha else np.full_like(red, 255, int)
    return np.concatenate([box, opaque.astype(np.uint8)], axis=3)


def write_gif(path: Path, frames: U8, delays: list[int]) -> Path:
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(
        path,
        save_all=True,
        append_images=others,
        duration=[10 * delay for delay in delays],
        loop=0,
        disposal=2,
    )
    return path


@pytest.fixture(scope="module")
def vfr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gif(tmp_path_factory.mktemp("vfr") / "vfr.gif", pictures(False), DELAYS)


@pytest.fixture(scope="module")
def clear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gif(tmp_path_factory.mktemp("vfr") / "clear.gif", pictures(True), DELAYS)


Shell = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def shell(host: Callable[[str], str], tmp_path: Path) -> Shell:
    """Give a function that runs a line in a shell; ``ssimgif`` and ``ffmpeg`` are the commands."""
    names = {
        "ffmpeg": host("ffmpeg"),
        "ssimgif": f"{shlex.quote(sys.executable)} -m ssimgif",
    }

    def run(line: str) -> subprocess.CompletedProcess[bytes]:
        words = re.sub(r"(?:^|(?<=[|;] ))(ffmpeg|ssimgif)\b", lambda m: names[m[1]], line)
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {words}"],
            env=command_environment() | PLUGIN,
            cwd=tmp_path,
            capture_output=True,
            timeout=240,
            check=False,
        )

    return run


def good(done: subprocess.CompletedProcess[bytes]) -> bytes:
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def by_pillow(path: Path) -> tuple[list[U8], list[int]]:
    """Return pictures u8[h, w, 4], and when each begins and the last one ends, centiseconds."""
    with Image.open(path) as image:
        frames = [
            (np.asarray(frame.convert("RGBA")), int(frame.info["duration"]) // 10)
            for frame in ImageSequence.Iterator(image)
        ]
    return [one for one, _ in frames], list(accumulate((d for _, d in frames), initial=0))


def raw(data: bytes) -> U8:
    return np.frombuffer(data, np.uint8).reshape(-1, HEIGHT, WIDTH, 4)


def assert_same(found: U8 | list[U8], expected: list[U8]) -> None:
    """Check pictures for equality where they are opaque."""
    for ours, theirs in zip(found, expected, strict=True):
        assert np.array_equal(ours[..., 3], theirs[..., 3])
        assert np.array_equal(ours[theirs[..., 3] > 0], theirs[theirs[..., 3] > 0])


PIPES = {
    "matroska with ffv1": "-c:v ffv1 -pix_fmt bgra -f matroska",
    "nut with rgba": "-c:v rawvideo -pix_fmt rgba -f nut",
}


@pytest.mark.parametrize("pipe", PIPES.values(), ids=PIPES)
def test_times_and_alpha_come_through_a_pipe_from_ffmpeg(
    shell: Shell, clear: Path, tmp_path: Path, pipe: str
) -> None:
    good(shell(f"ffmpeg -v error -i {clear} {TIMES} {pipe} - | ssimgif - out.gif {FAST}"))
    found, starts = by_pillow(tmp_path / "out.gif")
    expected, wanted = by_pillow(clear)
    assert len(starts) == len(wanted)
    assert max(abs(a - b) for a, b in zip(starts[:-1], wanted[:-1], strict=True)) <= 1
    for ours, theirs in zip(found, expected, strict=True):
        assert np.array_equal(ours[..., 3], theirs[..., 3])
        seen = theirs[..., 3] > 0
        assert np.abs(ours[seen].astype(int) - theirs[seen].astype(int)).mean() < 12


def test_y4m_from_ffmpeg_has_a_steady_rate(shell: Shell, vfr: Path, tmp_path: Path) -> None:
    y4m = "-vf fps=10 -pix_fmt yuv444p -f yuv4mpegpipe"
    good(shell(f"ffmpeg -v error -i {vfr} {y4m} - | ssimgif - out.gif {FAST}"))
    _, starts = by_pillow(tmp_path / "out.gif")
    assert starts[-1] == pytest.approx(sum(DELAYS), abs=10)
    assert all((b - a) % 10 == 0 for a, b in pairwise(starts))


def test_a_film_with_its_index_at_the_end_comes_through_a_pipe(
    shell: Shell, vfr: Path, tmp_path: Path
) -> None:
    line = f"ffmpeg -v error -i {vfr} {TIMES} -c:v mpeg4 -q:v 2 in.mp4; cat in.mp4 | "
    good(shell(f"{line}ssimgif - out.gif {FAST}"))
    _, starts = by_pillow(tmp_path / "out.gif")
    assert max(abs(a - b) for a, b in zip(starts[:-1], accumulate(DELAYS, initial=0))) <= 1  # noqa: B905


def test_ffmpeg_reads_the_gif_from_a_pipe(shell: Shell, vfr: Path, tmp_path: Path) -> None:
    ffmpeg = f"ffmpeg -v error -f gif -i - {TIMES} -f rawvideo -pix_fmt rgba -"
    seen = good(shell(f"ssimgif {vfr} - {FAST} | tee out.gif | {ffmpeg}"))
    assert_same(raw(seen), by_pillow(tmp_path / "out.gif")[0])


def test_ffmpeg_reads_pal8_frames_from_nut(
    shell: Shell, ssimgif: Command, clear: Path, tmp_path: Path
) -> None:
    stage = f"ffmpeg -v error -i {clear} -vf ssimgif=ssim=0.92:effort=1"
    good(ssimgif(*stage.split(), "out.gif", cwd=tmp_path, env=PLUGIN))
    good(shell(f"ssimgif {stage} --format nut - | tee out.nut > pipe.nut"))
    seen = good(
        shell("ffmpeg -v error -i out.nut -f rawvideo -pix_fmt rgba -fps_mode passthrough -")
    )
    expected, starts = by_pillow(tmp_path / "out.gif")
    assert_same(raw(seen), expected)
    hashes = good(shell(f"ffmpeg -v error -i - {TIMES} -f framehash - < out.nut")).decode()
    base = re.search(r"#tb 0: (\d+)/(\d+)", hashes)
    assert base is not None
    times = [int(line.split(",")[2]) for line in hashes.splitlines() if line[0] != "#"]
    assert [100 * t * int(base[1]) / int(base[2]) for t in times] == starts[:-1]


def test_ffmpeg_copies_our_packets_as_they_are(
    shell: Shell, ssimgif: Command, vfr: Path, tmp_path: Path
) -> None:
    stage = f"ffmpeg -v error -i {vfr} -vf ssimgif=ssim=0.92:effort=1"
    good(ssimgif(*stage.split(), "out.gif", cwd=tmp_path, env=PLUGIN))
    copy = "ffmpeg -v error -f nut -i - -c copy copied.gif"
    good(shell(f"ssimgif {stage} -f nut -c:v gif - | {copy}"))
    found, starts = by_pillow(tmp_path / "copied.gif")
    expected, wanted = by_pillow(tmp_path / "out.gif")
    assert_same(found, expected)
    assert starts[:-1] == wanted[:-1]


def test_a_reader_that_leaves_is_told_in_one_line(shell: Shell, tmp_path: Path) -> None:
    source = write_gif(tmp_path / "big.gif", pictures(False).repeat(9, axis=2), DELAYS)
    for line in (
        f"ssimgif {source} - {FAST} --quiet",
        f"ssimgif ffmpeg -v error -i {source} -vf ssimgif=effort=1 -f nut -",
    ):
        done = shell(f"{line} | head -c 9 > /dev/null")
        # What is short enough fits the pipe before the reader leaves.
        assert done.returncode in {0, 1}
        assert len(done.stderr.splitlines()) <= 1
        assert b"Traceback" not in done.stderr


def test_a_writer_that_breaks_off_leaves_no_file(shell: Shell, vfr: Path, tmp_path: Path) -> None:
    half = f"ffmpeg -v error -i {vfr} {TIMES} -c:v ffv1 -f matroska - | head -c 300"
    done = shell(f"{half} | ssimgif ffmpeg -hide_banner -nostats -i - out.gif")
    assert done.returncode == 1
    # The others are ffmpeg's.
    (line,) = re.findall(r"^ssimgif: .*$", done.stderr.decode(), re.M)
    assert line.startswith("ssimgif: standard input is")
    assert "Traceback" not in done.stderr.decode()
    assert list(tmp_path.iterdir()) == []


def test_ffmpeg_s_own_filters_and_ours_cut_at_the_same_times(
    shell: Shell, ssimgif: Command, vfr: Path, tmp_path: Path
) -> None:
    """Trimming, rate and speed give the frames at the times at which ffmpeg has them."""
    for options in ("-ss 0.2 -t 0.4", "-vf fps=20", "-vf setpts=0.5*PTS", "-vf reverse"):
        ours = options if "-vf" in options else f"{options} -vf null"
        line = f"ffmpeg -v error -y -i {vfr} {ours},ssimgif=effort=1 out.gif"
        good(ssimgif(*line.split(), cwd=tmp_path, env=PLUGIN))
        wanted = good(shell(f"ffmpeg -v error -i {vfr} {options} {TIMES} -f framehash -")).decode()
        base = re.search(r"#tb 0: (\d+)/(\d+)", wanted)
        assert base is not None
        lines = [line.split(",") for line in wanted.splitlines() if line[0] != "#"]
        changes = [
            line
            for before, line in zip([[""], *lines], lines, strict=False)
            if line[-1] != before[-1]
        ]
        times = [100 * int(line[2]) * int(base[1]) / int(base[2]) for line in changes]
        starts = by_pillow(tmp_path / "out.gif")[1][:-1]
        away = [abs(a - b + times[0]) for a, b in zip(starts, times, strict=True)]
        assert max(away) <= 1, options
