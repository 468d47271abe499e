"""Bad input to the whole command: one sentence, the right exit code, nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from conftest import Command, command_environment, moving_box, noise, write_animation

OLD = b"GIF89a of yesterday"


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def text(path: Path) -> Path:
    path.write_text("no picture at all\n" * 50)
    return path


def truncated_avif(path: Path) -> Path:
    whole = write_animation(path.with_name("whole.avif"), moving_box(8, 96, 128)).read_bytes()
    path.with_name("whole.avif").unlink()
    path.write_bytes(whole[: len(whole) // 3])
    return path


def corrupt_avif(path: Path) -> Path:
    whole = bytearray(write_animation(path, moving_box(8, 96, 128)).read_bytes())
    whole[len(whole) // 2 :] = bytes(len(whole) - len(whole) // 2)
    path.write_bytes(whole)
    return path


def audio_only(path: Path) -> Path:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 44_100, 0, Fraction(1, 44_100)
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def empty_folder(path: Path) -> Path:
    path.mkdir()
    return path


def missing(path: Path) -> Path:
    return path


BAD_SOURCES: list[tuple[Callable[[Path], Path], str]] = [
    (missing, "bad.avif"),
    (empty, "bad.avif"),
    (text, "bad.avif"),
    (truncated_avif, "bad.avif"),
    (corrupt_avif, "bad.avif"),
    (audio_only, "bad.mp4"),
    (empty_folder, "bad"),
]


def assert_one_sentence(stderr: bytes, *words: str) -> None:
    shown = stderr.decode()
    lines = [line for line in shown.splitlines() if " kernels, " not in line]
    assert len(lines) == 1, shown
    assert lines[0].startswith("ssimgif: ")
    assert "Traceback" not in shown and "this is a bug" not in shown
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize(
    ("make", "name"), BAD_SOURCES, ids=[make.__name__ for make, _ in BAD_SOURCES]
)
def test_a_bad_source(
    ssimgif: Command, tmp_path: Path, make: Callable[[Path], Path], name: str
) -> None:
    source = make(tmp_path / name)
    (tmp_path / "out.gif").write_bytes(OLD)
    before = sorted(path.name for path in tmp_path.iterdir())
    done = ssimgif(source, "out.gif", cwd=tmp_path, env={"TMPDIR": str(tmp_path)})
    assert done.returncode == 1
    assert done.stdout == b""
    assert_one_sentence(done.stderr, name)
    assert (tmp_path / "out.gif").read_bytes() == OLD
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_bad_standard_input(ssimgif_process: Command, tmp_path: Path) -> None:
    done = ssimgif_process(
        "-", "out.gif", cwd=tmp_path, stdin=b"nothing to see", env={"TMPDIR": str(tmp_path)}
    )
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert not list(tmp_path.iterdir())


def test_a_still_image_is_a_gif_of_one_frame_and_said_so(ssimgif: Command, tmp_path: Path) -> None:
    Image.fromarray(moving_box(1)[0]).save(tmp_path / "still.png")
    done = ssimgif("still.png", "out.gif", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"still" in done.stderr
    with Image.open(tmp_path / "out.gif") as gif:
        assert gif.n_frames == 1


@pytest.mark.parametrize(("option", "limit"), [("--max-frames", "5"), ("--max-pixels", "1000")])
def test_limits_name_the_option_that_raises_them(
    ssimgif: Command, animation: Path, tmp_path: Path, option: str, limit: str
) -> None:
    done = ssimgif(animation, "out.gif", option, limit, cwd=tmp_path)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, option, limit)
    assert not list(tmp_path.iterdir())


def test_a_picture_too_wide_for_a_gif(ssimgif: Command, tmp_path: Path) -> None:
    Image.new("RGB", (65_536, 2)).save(tmp_path / "wide.png")
    done = ssimgif("wide.png", "out.gif", cwd=tmp_path)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, "wide.png", "65536", "65535")


def test_a_time_after_the_end(ssimgif: Command, animation: Path, tmp_path: Path) -> None:
    done = ssimgif(animation, "out.gif", "--start", "99", cwd=tmp_path)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, animation.name, "0.6 s", "99")


def test_an_unknown_ditherer_is_wrong_usage(
    ssimgif: Command, animation: Path, tmp_path: Path
) -> None:
    done = ssimgif(animation, "out.gif", "--dither", "hokusai", cwd=tmp_path)
    assert done.returncode == 2
    assert_one_sentence(done.stderr, "hokusai", "bluenoise")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (17, 9)])
def test_odd_sizes_work(ssimgif: Command, tmp_path: Path, size: tuple[int, int]) -> None:
    write_animation(tmp_path / "odd.png", moving_box(3, 48, 64)[:, : size[1], : size[0]])
    done = ssimgif("odd.png", "out.gif", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "out.gif") as gif:
        assert gif.size == size


def test_out_is_in(ssimgif: Command, animation: Path, tmp_path: Path) -> None:
    shutil.copy(animation, tmp_path / "clip.png")
    (tmp_path / "link.gif").symlink_to("clip.png")
    (tmp_path / "hard.gif").hardlink_to(tmp_path / "clip.png")
    for name in ("clip.png", "./clip.png", "link.gif", "hard.gif"):
        done = ssimgif("clip.png", name, cwd=tmp_path)
        assert done.returncode == 1
        assert_one_sentence(done.stderr, name.removeprefix("./"), "source itself")
    assert (tmp_path / "clip.png").read_bytes() == animation.read_bytes()


@pytest.mark.parametrize(
    ("out", "words"), [(".", "directory"), ("absent/out.gif", "there is no directory")]
)
def test_an_impossible_out(
    ssimgif: Command, animation: Path, tmp_path: Path, out: str, words: str
) -> None:
    done = ssimgif(animation, out, cwd=tmp_path)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, words)


def test_a_report_that_cannot_be_written_is_found_early(
    ssimgif: Command, animation: Path, tmp_path: Path
) -> None:
    done = ssimgif(animation, "out.gif", "--report", "absent/out.json", cwd=tmp_path)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, "absent/out.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("out", ["out.gif", "-"])
def test_a_report_in_the_place_of_the_gif(
    ssimgif: Command, animation: Path, tmp_path: Path, out: str
) -> None:
    done = ssimgif(animation, out, "--report", out, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == b""
    assert_one_sentence(done.stderr, "report", out)
    assert not list(tmp_path.iterdir())


def test_a_budget_that_no_gif_meets(ssimgif: Command, animation: Path, tmp_path: Path) -> None:
    common = (animation, "out.gif", "--max-bytes", "100", "--effort", "1")
    done = ssimgif(*common, cwd=tmp_path)
    assert done.returncode == 0
    assert b"the smallest GIF has" in done.stderr.splitlines()[0]
    assert b"fits" not in done.stderr
    (tmp_path / "out.gif").unlink()
    done = ssimgif(*common, "--strict", cwd=tmp_path)
    assert done.returncode == 3
    assert_one_sentence(done.stderr, "the smallest GIF has", "more than 100")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root may read and write everything")
def test_permissions(ssimgif: Command, animation: Path, tmp_path: Path) -> None:
    shutil.copy(animation, tmp_path / "secret.png")
    (tmp_path / "secret.png").chmod(0)
    done = ssimgif("secret.png", "out.gif", cwd=tmp_path)
    assert (done.returncode, b"secret.png" in done.stderr) == (1, True)
    (tmp_path / "locked").mkdir(mode=0o500)
    done = ssimgif(animation, "locked/out.gif", cwd=tmp_path)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, "permission denied")


def test_a_device_is_written_to_and_not_replaced(ssimgif: Command, animation: Path) -> None:
    done = ssimgif(animation, "/dev/null")
    assert done.returncode == 0, done.stderr
    assert Path("/dev/null").is_char_device()


def test_a_full_disk(ssimgif: Command, animation: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = ssimgif(animation, "/dev/full")
    assert done.returncode == 1
    assert_one_sentence(done.stderr, "/dev/full", "no space left")


def test_a_link_is_followed_and_permissions_stay(
    ssimgif: Command, animation: Path, tmp_path: Path
) -> None:
    (tmp_path / "real.gif").write_bytes(OLD)
    (tmp_path / "real.gif").chmod(0o640)
    (tmp_path / "link.gif").symlink_to("real.gif")
    assert ssimgif(animation, "link.gif", cwd=tmp_path).returncode == 0
    assert (tmp_path / "link.gif").is_symlink()
    assert (tmp_path / "real.gif").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "real.gif").read_bytes().startswith(b"GIF89a")


def test_a_target_out_of_reach(ssimgif: Command, tmp_path: Path) -> None:
    write_animation(tmp_path / "noise.png", noise(3))
    common = ("noise.png", "out.gif", "--ssim", "0.999", "--report", "out.json")
    strict = ssimgif(*common, "--strict", cwd=tmp_path)
    assert strict.returncode == 3
    assert_one_sentence(strict.stderr, "noise.png")
    assert not (tmp_path / "out.gif").exists()
    assert b'"valid": false' in (tmp_path / "out.json").read_bytes()
    loose = ssimgif(*common, cwd=tmp_path)
    assert loose.returncode == 0
    assert b"best" in loose.stderr
    assert (tmp_path / "out.gif").exists()


def test_verify_refuses_what_it_cannot_compare(
    ssimgif: Command, animation: Path, tmp_path: Path
) -> None:
    write_animation(tmp_path / "small.gif", moving_box(2, 24, 32))
    done = ssimgif("verify", animation, "small.gif", cwd=tmp_path)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, "small.gif")
    done = ssimgif("verify", "absent.avif", "small.gif", cwd=tmp_path)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, "absent.avif")


def test_a_closed_standard_output(animation: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ssimgif", animation, "-", "--quiet", "--effort", "1"],
        env=command_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    shown = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=240) == 1
    assert_one_sentence(shown, "standard output was closed")
