"""What is wrong with a source is told in words that are true, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from conftest import Command
from reference.media import gradient, write_video
from ssimgif import SourceError, open_clip

OPTIONS = {"fps": None, "max_frames": 100, "max_pixels": 50_000_000}
SCREEN = b"GIF89a" + bytes([16, 0, 16, 0, 0, 0, 0])


def gif_without_pictures(path: Path) -> None:
    path.write_bytes(SCREEN + b";")


def png_with_damaged_data(path: Path) -> None:
    Image.new("RGB", (16, 16)).save(path)
    data = bytearray(path.read_bytes())
    data[data.index(b"IDAT") + 8] ^= 1
    path.write_bytes(data)


def tiff_with_damaged_data(path: Path) -> None:
    Image.new("RGB", (64, 64), "red").save(path, compression="tiff_lzw")
    data = bytearray(path.read_bytes())
    data[20:30] = b"\xff" * 10
    path.write_bytes(data)


def gif_too_large(path: Path) -> None:
    size = b"\x68\x42\x68\x42"  # 17000 by 17000
    frame = b"," + bytes(4) + size + b"\x80" + bytes(6) + b"\2\2\x4c\1\0;"
    path.write_bytes(b"GIF89a" + size + bytes(3) + frame)


def video_too_large(path: Path) -> None:
    write_video(path, gradient(2, 300, 300), "ffv1", "bgr0")
    data = path.read_bytes()
    for name in (b"\xb0\x82", b"\xba\x82"):  # PixelWidth and PixelHeight
        assert data.count(name + b"\x01\x2c") == 1
        data = data.replace(name + b"\x01\x2c", name + b"\x42\x68")
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        (gif_without_pictures, "a.gif", "a.gif is damaged: it has no picture in it"),
        (png_with_damaged_data, "a.png", "a.png is damaged: the checksum of IDAT is wrong"),
        (tiff_with_damaged_data, "a.tif", "a.tif is damaged: its data can't be decoded"),
        (video_too_large, "a.mkv", "a.mkv tells no size, or a larger one than can be read"),
        (gif_too_large, "a.gif", "a.gif is 17000x17000, over the limit of 50000000 pixels"),
    ],
)
def test_a_cause_is_told_in_plain_words(
    ssimgif: Command, tmp_path: Path, make: Callable[[Path], None], name: str, words: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(SourceError, match=words):
        open_clip(tmp_path / name, OPTIONS)
    if name == "a.tif":  # libtiff prints, too
        done = ssimgif(name, "out.gif", cwd=tmp_path)
        assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith(b"ssimgif: ")


def test_who_names_a_url_is_told_what_reads_it() -> None:
    words = (
        "https://host/a.mp4 can't be read: it is no file on this machine; ssimgif batch reads URLs"
    )
    with pytest.raises(SourceError, match=words):
        open_clip("https://host/a.mp4", OPTIONS)
