"""Every kind of source: the right frames, times, plays and transparency."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import DATA
from reference import media
from ssimgif.model import U8
from ssimgif.sources import open_clip, spool

MILLISECOND = Fraction(1, 1000)


def stacked(path: Path | str, **options: object) -> tuple[U8, list[Fraction]]:
    frames = list(open_clip(path, **options).frames())
    return np.stack([f.pixels for f in frames]), [f.duration for f in frames]


def close(found: U8, expected: U8, mean: float) -> bool:
    return bool(np.abs(found[..., :3].astype(int) - expected[..., :3]).mean() <= mean)


def test_animated_avif_has_every_frame_and_can_be_read_twice() -> None:
    clip = open_clip(DATA / "bunny.avif")
    first, second = list(clip.frames()), list(clip.frames())
    assert (clip.width, clip.height, clip.frame_count, clip.loop) == (480, 270, 56, 0)
    assert not clip.has_alpha
    assert [f.duration for f in first] == 56 * [Fraction(2, 25)]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, second, strict=True))
    assert len({f.pixels.tobytes() for f in first}) > 50


def test_variable_times_are_exact() -> None:
    _, durations = stacked(DATA / "made-vfr.avif")
    ticks = [d * 1000 for d in durations[:9]]
    assert ticks == [40, 80, 40, 200, 20, 60, 500, 30, 40]
    assert sum(durations) == Fraction(291, 100)


@pytest.mark.parametrize(
    ("file", "size", "frames"),
    [
        ("made-16x16.avif", (16, 16), 10),
        ("made-odd-161x91.avif", (161, 91), 10),
        ("made-irot1.avif", (90, 160), 6),
        ("made-imir0.avif", (160, 90), 6),
        ("made-pq10.avif", (240, 136), 10),
    ],
)
def test_size_and_count_of_the_shown_picture(file: str, size: tuple[int, int], frames: int) -> None:
    pixels, _ = stacked(DATA / file)
    assert pixels.shape == (frames, size[1], size[0], 4)


@pytest.mark.parametrize(
    ("suffix", "codec", "pix_fmt", "mean"),
    [
        (".mkv", "ffv1", "bgr0", 0),
        (".nut", "rawvideo", "rgb24", 0),
        (".mp4", "libx264rgb", "rgb24", 8),
        (".mp4", "libx264", "yuv420p", 8),
        (".webm", "libvpx-vp9", "yuv420p", 8),
        (".avi", "ffv1", "yuv444p", 2),
        (".mov", "prores_ks", "yuv422p10le", 4),
    ],
)
def test_videos(tmp_path: Path, suffix: str, codec: str, pix_fmt: str, mean: float) -> None:
    source = media.gradient()
    path = media.write_video(tmp_path / f"a{suffix}", source, codec, pix_fmt)
    pixels, durations = stacked(path)
    assert close(pixels, source, mean)
    assert durations == 6 * [40 * MILLISECOND]
    assert open_clip(path).loop == 0


def test_variable_times_of_a_video(tmp_path: Path) -> None:
    times = [0, 40, 200, 230, 1000, 1050]
    path = media.write_video(tmp_path / "a.mkv", media.gradient(), "ffv1", "bgr0", times)
    _, durations = stacked(path)
    assert durations[:5] == [d * MILLISECOND for d in (40, 160, 30, 770, 50)]


@pytest.mark.parametrize(
    ("suffix", "codec", "pix_fmt"),
    [
        (".mkv", "ffv1", "bgra"),
        (".nut", "rawvideo", "rgba"),
        (".mov", "prores_ks", "yuva444p10le"),
        (".webm", "libvpx-vp9", "yuva420p"),
    ],
)
def test_videos_with_alpha(tmp_path: Path, suffix: str, codec: str, pix_fmt: str) -> None:
    source = np.dstack([media.gradient(1)[0], np.full((34, 46), 255, np.uint8)])[None].repeat(4, 0)
    source[:, :, :20, 3] = 0
    path = media.write_video(tmp_path / f"a{suffix}", source, codec, pix_fmt)
    pixels, _ = stacked(path)
    assert open_clip(path).has_alpha
    assert pixels[:, :, :16, 3].max() <= 4
    assert pixels[:, :, 24:, 3].min() >= 251


def test_alpha_of_an_opaque_video_is_full(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.mp4", media.gradient(), "libx264", "yuv420p")
    assert (stacked(path)[0][..., 3] == 255).all()


@pytest.mark.parametrize(
    ("suffix", "options", "plays"),
    [
        (".gif", {}, 1),
        (".gif", {"loop": 0}, 0),
        (".gif", {"loop": 2}, 3),
        (".png", {"loop": 0}, 0),
        (".png", {"loop": 2}, 2),
        (".webp", {"loop": 0, "lossless": True}, 0),
        (".webp", {"loop": 2, "lossless": True}, 2),
    ],
)
def test_animations_by_pillow(
    tmp_path: Path, suffix: str, options: dict[str, object], plays: int
) -> None:
    source = media.gradient()
    durations = [50, 20, 330, 100, 70, 1000]
    path = media.write_pictures(tmp_path / f"a{suffix}", source, durations, **options)
    clip = open_clip(path)
    pixels, found = stacked(path)
    assert close(pixels, source, 12 if suffix == ".gif" else 0)
    assert found == [d * MILLISECOND for d in durations]
    assert (clip.loop, clip.frame_count, clip.has_alpha) == (plays, 6, False)


def test_apng_fractions_are_exact(tmp_path: Path) -> None:
    path = media.write_pictures(tmp_path / "a.png", media.gradient(3), [100, 100, 100])
    data = path.read_bytes().replace(b"\0\1\0\x0a\0\0", b"\0\1\0\x1e\0\0")
    path.write_bytes(_with_png_checksums(data))
    assert stacked(path)[1] == 3 * [Fraction(1, 30)]


def _with_png_checksums(data: bytes) -> bytes:
    import zlib

    out, position = data[:8], 8
    while position < len(data):
        stop = position + 8 + int.from_bytes(data[position : position + 4])
        out += data[position:stop] + zlib.crc32(data[position + 4 : stop]).to_bytes(4)
        position = stop + 4
    return out


def test_gif_delays_that_browsers_do_not_honour_are_a_tenth(tmp_path: Path) -> None:
    path = media.write_pictures(tmp_path / "a.gif", media.gradient(3), [0, 10, 20])
    assert stacked(path)[1] == [Fraction(1, 10), Fraction(1, 10), Fraction(1, 50)]


def test_transparent_animation_and_its_disposal(tmp_path: Path) -> None:
    frames = np.zeros((3, 20, 30, 4), np.uint8)
    for i, frame in enumerate(frames):
        frame[5:15, 8 * i : 8 * i + 8] = 200, 50, 20, 255
    path = media.write_pictures(tmp_path / "a.gif", frames, [100] * 3, disposal=2)
    pixels, _ = stacked(path)
    assert open_clip(path).has_alpha
    assert np.array_equal(pixels[..., 3], frames[..., 3])


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".ppm", ".webp", ".avif"])
def test_a_still_image_is_one_frame_and_says_so(tmp_path: Path, suffix: str) -> None:
    source = media.gradient(1)[0]
    Image.fromarray(source).save(tmp_path / f"a{suffix}")
    clip = open_clip(tmp_path / f"a{suffix}")
    pixels, durations = stacked(tmp_path / f"a{suffix}")
    assert close(pixels[0], source, 5)
    assert (durations, clip.frame_count) == ([Fraction(1, 10)], 1)
    assert list(clip.notes) == ["a still image: the GIF has one frame"]


def test_a_photograph_is_upright(tmp_path: Path) -> None:
    image = Image.fromarray(media.gradient(1)[0])
    exif = image.getexif()
    exif[0x0112] = 6  # turn clockwise to show
    image.save(tmp_path / "a.png", exif=exif)
    found = stacked(tmp_path / "a.png")[0][0]
    assert np.array_equal(found[..., :3], np.rot90(media.gradient(1)[0], -1))


def test_sixteen_bit_pictures_keep_their_levels(tmp_path: Path) -> None:
    deep = (np.arange(12 * 10, dtype=np.uint16) * 500).reshape(12, 10)
    Image.fromarray(deep).save(tmp_path / "a.png")
    assert np.array_equal(stacked(tmp_path / "a.png")[0][0, ..., 0], deep >> 8)


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    for i, frame in enumerate(media.gradient(12)):
        Image.fromarray(frame).save(tmp_path / f"f{i}.png")
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


@pytest.mark.parametrize("pattern", ["", "f*.png", "f?*.png"])
def test_folders_and_patterns_are_in_natural_order(numbered: Path, pattern: str) -> None:
    pixels, durations = stacked(str(numbered / pattern), fps=Fraction(25))
    assert np.array_equal(pixels[..., :3], media.gradient(12))
    assert durations == 12 * [Fraction(1, 25)]


def test_pictures_without_a_rate_take_a_tenth_each(numbered: Path) -> None:
    assert stacked(numbered)[1] == 12 * [Fraction(1, 10)]


def test_a_name_with_pattern_characters_is_a_file_first(tmp_path: Path) -> None:
    Image.fromarray(media.gradient(1)[0]).save(tmp_path / "a[1].png")
    assert open_clip(tmp_path / "a[1].png").frame_count == 1


def test_a_stream_is_spooled_and_its_copy_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    copies: list[Path] = []
    monkeypatch.setattr(spool, "copy", lambda s, copy=spool.copy: _noted(copy(s), copies))
    clip = open_clip(io.BytesIO((DATA / "made-vfr.avif").read_bytes()))
    assert copies[0].exists()
    for _ in range(2):
        assert sum(1 for _ in clip.frames()) == 24
    del clip
    gc.collect()
    assert not copies[0].exists()


def _noted(spooled: spool.Spooled, copies: list[Path]) -> spool.Spooled:
    copies.append(spooled.path)
    return spooled


def test_standard_input_leaves_nothing_behind(tmp_path: Path) -> None:
    program = (
        "from ssimgif.sources import open_clip\n"
        "clip = open_clip('-')\n"
        "print(clip.name, sum(1 for _ in clip.frames()))\n"
    )
    with (DATA / "made-vfr.avif").open("rb") as stdin:
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdin=stdin,
            capture_output=True,
            check=True,
            env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        )
    assert done.stdout.decode().split() == ["standard", "input", "24"]
    assert done.stderr == b""
    assert not list(tmp_path.iterdir())


def test_pyav_is_not_imported_before_a_video_is_read() -> None:
    program = "import sys, ssimgif.sources\nprint([m for m in ('av',) if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_read_like_a_stream(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cp", str(DATA / "made-vfr.avif"), str(tmp_path / "pipe")]):
        clip = open_clip(tmp_path / "pipe")
    assert (clip.name, sum(1 for _ in clip.frames())) == ("pipe", 24)


def test_a_wrong_frame_count_in_a_stream_header_is_ignored(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.ivf", media.gradient(), "libvpx-vp9", "yuv420p")
    data = bytearray(path.read_bytes())
    data[24:28] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert sum(1 for _ in open_clip(path).frames()) == 6
