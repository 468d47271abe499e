"""Videos of many containers and codecs, read by us and by ffmpeg, libavif and their relatives."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import readers_table
from reference import media
from reference.files import GifImage, write_gif

pytestmark = pytest.mark.host
Host = Callable[[str], str]
DATA = Path(__file__).parents[1] / "data"
B_FRAMES = ("-bf", "2")
CASES = [
    *((f"a.{suffix}", "libx264", *B_FRAMES) for suffix in ("mp4", "mov", "mkv", "avi", "asf")),
    *((f"a.{suffix}", "libx264", *B_FRAMES) for suffix in ("mxf", "ts", "flv", "nut", "h264")),
    *((f"a.{suffix}", "mpeg4", *B_FRAMES) for suffix in ("avi", "mkv", "mp4", "m4v")),
    *((f"a.{suffix}", "mpeg2video", *B_FRAMES) for suffix in ("mxf", "mpg", "ts", "avi", "vob")),
    *((f"a.{suffix}", "libx265", "-x265-params", "log-level=none") for suffix in ("mp4", "hevc")),
    *((f"a.{suffix}", "mjpeg", "-pix_fmt", "yuvj420p") for suffix in ("mjpeg", "avi", "mov")),
    *((f"a.{suffix}", "libvpx-vp9") for suffix in ("webm", "mp4", "ivf")),
    ("a.webm", "libvpx"),
    ("a.wmv", "wmv2"),
    ("a.ogv", "libtheora"),
    ("a.y4m", "wrapped_avframe"),
    ("a.mkv", "ffv1", "-pix_fmt", "yuv422p10le"),
    ("a.mov", "prores_ks"),
    ("a.gif", "gif"),
    ("a.mp4", "libx264", "-vf", "setsar=64/45"),
    ("a.mkv", "libx264", "-vf", "setsar=8/9"),
    ("a.mp4", "libx264", "-vf", "select='not(mod(n,3))'", "-vsync", "vfr"),
]


def made(path: Path, codec: str, *options: str) -> Path:
    """Encode a second of moving colours at 25 frames a second."""
    source = "mandelbrot=s=96x64:r=25:start_scale=0.4,format=yuv420p"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-t", "1"]
    subprocess.run([*command, "-c:v", codec, "-b:v", "2M", *options, str(path)], check=True)
    return path


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_every_frame_is_what_ffmpeg_shows(
    host: Host, tmp_path: Path, case: tuple[str, ...]
) -> None:
    host("ffmpeg")
    host("ffprobe")
    name, codec, *options = case
    path = made(tmp_path / name, codec, *options)
    expected = readers_table.by_ffmpeg(path)
    assert not list(readers_table.differences(readers_table.ours(path), expected))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi", "ts"])
def test_a_recording_that_begins_between_key_frames(
    host: Host, tmp_path: Path, suffix: str
) -> None:
    """No good frame is lost and none is garbage: a transport stream cut anywhere."""
    host("ffmpeg")
    host("ffprobe")
    whole = made(tmp_path / "whole.ts", "libx264", "-g", "10").read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole[188 * (len(whole) // 188 // 3) :])
    path = tmp_path / f"a.{suffix}"
    subprocess.run(["ffmpeg", "-v", "quiet", "-i", str(cut), "-c", "copy", str(path)], check=True)
    expected = readers_table.by_ffmpeg(path)
    found = readers_table.ours(path)
    assert len(found.pictures) >= len(expected.pictures) - 1


@pytest.mark.parametrize(
    "name", ["made-16x16", "made-444-fullrange", "made-bt601-limited", "made-vfr", "bunny"]
)
def test_avif_is_what_libavif_shows(host: Host, name: str) -> None:
    host("avifdec")
    path = DATA / f"{name}.avif"
    expected = readers_table.by_avifdec(path)
    assert not list(readers_table.differences(readers_table.ours(path), expected))


@pytest.mark.parametrize("seed", range(4))
def test_gif_is_what_imagemagick_shows(host: Host, tmp_path: Path, seed: int) -> None:
    """Background and all: areas that nothing has drawn, or that disposal cleared."""
    host("identify")
    host("convert")
    random = np.random.default_rng(seed)
    images: list[GifImage | bytes] = []
    for _ in range(8):
        height, width = random.integers(5, 20, 2)
        images.append(
            GifImage(
                random.integers(0, 256, (height, width), np.uint8),
                left=int(random.integers(0, 30 - width)),
                top=int(random.integers(0, 21 - height)),
                disposal=int(random.integers(4)),
                transparent=7 if random.integers(2) else None,
                delay=int(random.integers(30)),
            )
        )
    path = write_gif(tmp_path / "a.gif", 30, 21, images)
    expected = readers_table.by_imagemagick(path)
    assert not list(readers_table.differences(readers_table.ours(path), expected))


def test_pages_are_what_imagemagick_shows(host: Host, tmp_path: Path) -> None:
    host("identify")
    host("convert")
    first, *others = (Image.fromarray(frame) for frame in media.gradient())
    first.save(tmp_path / "a.tif", save_all=True, append_images=others)
    expected = readers_table.by_imagemagick(tmp_path / "a.tif")
    assert not list(readers_table.differences(readers_table.ours(tmp_path / "a.tif"), expected))


def test_the_table_tells_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = media.write_video(tmp_path / "a.mkv", media.gradient(), "ffv1", "yuv420p")
    half = media.write_video(tmp_path / "b.mkv", media.gradient(3), "ffv1", "yuv420p")
    read = readers_table.ours
    monkeypatch.setattr(
        readers_table, "JUDGES", [("twin", lambda path: True, lambda path: read(half))]
    )
    assert readers_table.main([str(tmp_path)]) == 1
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith(str(path))
    assert "OTHERWISE: 6 frames, not 3; 0.240 s, not 0.120 s" in first
    assert "same: 3 frames" in second
    assert last.startswith("2 files, 1 read otherwise")
