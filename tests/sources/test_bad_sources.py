"""Sources that can't be shown: one sentence with the name and the cause, nothing else."""

from __future__ import annotations

import io
import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import DATA
from reference import media
from ssimgif.errors import SourceError
from ssimgif.model import Clip
from ssimgif.sources import open_clip

BUNNY = (DATA / "bunny.avif").read_bytes()


def refusal(source: object, **limits: int) -> str:
    """Open and read a source; return the sentence it is refused with."""
    with pytest.raises(SourceError) as caught:
        for _ in open_clip(source, **limits).frames():  # type: ignore[arg-type]
            pass
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_missing(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path / "no.avif")
        == f"{tmp_path}/no.avif can't be read: No such file or directory"
    )


def test_patterns_and_folders_without_pictures(tmp_path: Path) -> None:
    assert refusal(str(tmp_path / "*.png")) == f"{tmp_path}/*.png has no pictures"
    (tmp_path / "notes.txt").write_text("hello")
    assert refusal(tmp_path) == f"{tmp_path} has no pictures"


@pytest.mark.parametrize("name", ["a.avif", "a.png", "a.gif", "a.mp4"])
def test_empty(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert refusal(tmp_path / name) == f"{name} is empty"
    assert refusal(io.BytesIO()) == "the stream is empty"


@pytest.mark.parametrize(
    "content",
    [
        b"hello world\n" * 100,
        b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        b"ffconcat version 1.0\nfile bunny.avif\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        bytes(range(256)) * 20,
    ],
    ids=["text", "playlist", "script", "postscript", "noise"],
)
@pytest.mark.parametrize("name", ["a.avif", "a.bin"])
def test_what_is_no_picture(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).startswith(f"{name} is no picture or video that can be read")


@pytest.mark.parametrize("name", ["a.wav", "a.m4a"])
def test_sound_only(tmp_path: Path, name: str) -> None:
    assert refusal(media.write_sound(tmp_path / name)) == f"{name} has sound only"


@pytest.mark.parametrize("length", [1, 11, 20, 200, 700, 3000])
def test_avif_without_a_frame(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.avif").write_bytes(BUNNY[:length])
    sentence = refusal(tmp_path / "a.avif")
    assert "bytes of its" in sentence or "no picture or video" in sentence


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_video_without_its_index(tmp_path: Path, share: float) -> None:
    path = media.write_video(tmp_path / "a.mp4", media.gradient(12), "libx264", "yuv420p")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert "missing" in refusal(path)


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_animations(tmp_path: Path, suffix: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (6, 30, 40, 3), np.uint8)
    path = media.write_pictures(tmp_path / f"a{suffix}", noise, [100] * 6)
    whole = list(open_clip(path).frames())
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    if suffix == ".webp" or share == 0.1:
        assert refusal(path).startswith(f"a{suffix} is ")
        return
    clip = open_clip(path)
    kept = list(clip.frames())
    assert abs(len(kept) - share * 6) <= 1
    for one, other in zip(kept, whole, strict=False):
        assert np.array_equal(one.pixels, other.pixels)
    (note,) = clip.notes.damage
    assert note == f"a{suffix} is damaged at frame {len(kept) + 1}: it ends too early"


def test_ffmpeg_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(BUNNY)
    data[5000:60_000] = bytes(55_000)
    (tmp_path / "a.avif").write_bytes(data)
    list(open_clip(tmp_path / "a.avif").frames())
    assert capfd.readouterr() == ("", "")


def test_too_many_pixels(tmp_path: Path) -> None:
    expected = "is 480x270, over the limit of 100000 pixels (--max-pixels raises it)"
    assert refusal(DATA / "bunny.avif", max_pixels=100_000) == f"bunny.avif {expected}"
    Image.new("RGB", (480, 270)).save(tmp_path / "a.png")
    assert refusal(tmp_path / "a.png", max_pixels=100_000) == f"a.png {expected}"


def test_an_absurd_header_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.bmp")
    data = bytearray((tmp_path / "a.bmp").read_bytes())
    data[18:26] = (60_000).to_bytes(4, "little") * 2
    (tmp_path / "a.bmp").write_bytes(data)
    assert refusal(tmp_path / "a.bmp").startswith("a.bmp is ")


def test_too_many_frames(tmp_path: Path) -> None:
    expected = "has more than 5 frames (--max-frames raises the limit)"
    assert refusal(DATA / "bunny.avif", max_frames=5) == f"bunny.avif {expected}"
    gif = media.write_pictures(tmp_path / "a.gif", media.gradient(6), [100] * 6)
    assert refusal(gif, max_frames=5) == f"a.gif {expected}"
    webm = media.write_video(tmp_path / "a.webm", media.gradient(6), "libvpx-vp9", "yuv420p")
    assert refusal(webm, max_frames=5) == f"a.webm {expected}"


def test_a_video_under_the_limits_is_accepted() -> None:
    assert isinstance(open_clip(DATA / "bunny.avif", max_frames=56, max_pixels=480 * 270), Clip)


def test_pictures_of_different_sizes(tmp_path: Path) -> None:
    Image.new("RGB", (8, 6)).save(tmp_path / "a.png")
    Image.new("RGB", (6, 8)).save(tmp_path / "b.png")
    assert refusal(tmp_path) == "b.png is 6x8, but a.png is 8x6"


@pytest.mark.parametrize("suffix", [".png", ".qoi"])
def test_a_picture_beyond_all_bounds(tmp_path: Path, suffix: str) -> None:
    size = struct.pack(">II", 100_000, 100_000)
    header = b"IHDR" + size + b"\x08\x02\0\0\0"
    png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + header + struct.pack(">I", zlib.crc32(header))
    png += b"\0\0\0\x28IDAT"
    heads = {".png": png, ".qoi": b"qoif" + size + b"\x03\0"}
    (tmp_path / f"huge{suffix}").write_bytes(heads[suffix] + bytes(40))
    found = refusal(tmp_path / f"huge{suffix}")
    assert found == f"huge{suffix} is larger than any picture that can be read"


def test_a_name_that_is_empty() -> None:
    assert refusal("") == "the name of the source is empty"


def test_a_stream_that_fails(tmp_path: Path) -> None:
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    folder = tempfile.gettempdir()
    assert refusal(Broken()) == f"the stream can't be read into {folder}: Input/output error"
