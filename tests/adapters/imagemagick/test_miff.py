"""MIFF is read as ImageMagick means it, image by image."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import moving_box
from ssimgif import Clip, SourceError
from ssimgif_imagemagick.clip import open_miff
from ssimgif_imagemagick.images import read_images
from ssimgif_imagemagick.stream import MiffError
from ssimgif_imagemagick.writer import write_clip

OPTIONS: Mapping[str, Any] = {"fps": None, "max_frames": 100, "max_pixels": 100_000}
HEIGHT, WIDTH = 6, 9


def miff(samples: np.ndarray, **fields: Any) -> bytes:
    """Return an image of samples [h, w, n]; ``fields`` are added to its header."""
    height, width = samples.shape[:2]
    header = {"id": "ImageMagick", "version": "1.0", "class": "DirectClass"}
    header |= {"columns": width, "rows": height, "depth": 8 * samples.dtype.itemsize}
    header |= {name.replace("_", "-"): value for name, value in fields.items() if name != "data"}
    text = "".join(f"{name}={value}\n" for name, value in header.items())
    return text.encode() + b"\f\n:\x1a" + fields.get("data", samples.tobytes())


def only(data: bytes) -> np.ndarray:
    (image,) = read_images(io.BytesIO(data))
    return image.pixels


def picture(channels: int = 3) -> np.ndarray:
    """Return noise, u8[h, w, channels]."""
    return np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, channels), np.uint8)


def opened(tmp_path: Path, data: bytes, **options: Any) -> Clip:
    path = tmp_path / "in.miff"
    path.write_bytes(data)
    clip = open_miff(path, OPTIONS | options)
    assert clip is not None
    return clip


def runs(samples: np.ndarray) -> bytes:
    """Pack samples [h, w, n] as pixels and how often each is repeated, row by row."""
    out = bytearray()
    for row in samples.reshape(len(samples), -1, samples.shape[2]):
        start = 0
        for i in range(1, len(row) + 1):
            if i == len(row) or not np.array_equal(row[i], row[start]) or i - start == 256:
                out += row[start].tobytes() + bytes([i - start - 1])
                start = i
    return bytes(out)


def chunks(samples: np.ndarray) -> bytes:
    """Pack rows by zlib, each chunk with its length, the end left out, as ImageMagick does."""
    pack, out = zlib.compressobj(), bytearray()
    for row in samples:
        piece = pack.compress(row.tobytes()) + pack.flush(zlib.Z_SYNC_FLUSH)
        out += len(piece).to_bytes(4, "big") + piece
    return bytes(out)


@pytest.mark.parametrize("packing", ["None", "RLE", "Zip", "LZW"])
@pytest.mark.parametrize("endian", ["MSB", "LSB"])
@pytest.mark.parametrize("depth", [8, 16, 32])
def test_integers_of_all_depths_orders_and_packings(packing: str, endian: str, depth: int) -> None:
    pixels = picture(4)
    pixels[2:] = pixels[2, 0]
    order = ">" if packing == "RLE" or endian == "MSB" else "<"
    wide = (pixels.astype(np.uint64) * {8: 1, 16: 257, 32: 0x01010101}[depth]).astype(
        f"{order}u{depth // 8}"
    )
    packed = {"RLE": runs(wide), "None": wide.tobytes()}.get(packing) or chunks(wide)
    data = miff(wide, alpha_trait="Blend", compression=packing, endian=endian, data=packed)
    assert np.array_equal(only(data), pixels)


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize("order", "<>")
def test_floats(kind: str, order: str) -> None:
    samples = (picture() / 255).astype(order + kind)
    endian = "LSB" if order == "<" else "MSB"
    data = miff(samples, endian=endian, **{"quantum:format": "floating-point"})
    assert np.array_equal(only(data)[..., :3], picture())


def test_integers_that_are_called_floats_after_their_source() -> None:
    samples = (picture() * np.uint32(0x01010101)).astype(">u4")
    data = miff(samples, **{"quantum:format": "floating-point"})
    assert np.array_equal(only(data)[..., :3], picture())


def test_version_6_writes_opacity_in_run_lengths() -> None:
    pixels = picture(4)
    inverted = pixels.copy()
    inverted[..., 3] = 255 - pixels[..., 3]
    data = miff(pixels, matte="True", compression="RLE", data=runs(inverted))
    assert np.array_equal(only(data), pixels)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_colour_map_with_alpha(depth: int) -> None:
    scale = 257 if depth == 16 else 1
    colors = np.random.default_rng(1).integers(0, 256, (5, 3))
    pixels = np.random.default_rng(2).integers(0, 5, (HEIGHT, WIDTH, 2))
    pixels[..., 1] *= 63
    stored = pixels.astype(f"<u{depth // 8}")
    stored[..., 1] *= scale
    table = (colors * scale).astype(f">u{depth // 8}").tobytes()
    more = {"class": "PseudoClass", "colors": 5, "endian": "LSB", "alpha_trait": "Blend"}
    found = only(miff(stored, data=table + stored.tobytes(), **more))
    assert np.array_equal(found[..., :3], colors[pixels[..., 0]])
    assert np.array_equal(found[..., 3], pixels[..., 1])


def test_an_index_outside_the_colour_map_is_damage() -> None:
    stored = np.full((1, 1, 1), 3, np.uint8)
    data = miff(stored, data=bytes(6) + b"\3", **{"class": "PseudoClass", "colors": 2})
    with pytest.raises(MiffError, match="not in its colour map"):
        only(data)


@pytest.mark.parametrize("channels", [1, 2])
def test_gray(channels: int) -> None:
    pixels = picture(channels)
    found = only(miff(pixels, colorspace="Gray", matte=str(channels == 2)))
    assert np.array_equal(found[..., :3], pixels[..., [0, 0, 0]])
    assert np.array_equal(found[..., 3], pixels[..., 1] if channels == 2 else found[..., 3] | 255)


@pytest.mark.parametrize(
    ("space", "stored", "shown"),
    [
        ("CMYK", (255, 0, 0, 0), (0, 255, 255)),
        ("CMYK", (0, 0, 0, 128), (127, 127, 127)),
        ("YCbCr", (76, 85, 255), (254, 0, 0)),
        ("Rec709YCbCr", (54, 99, 255), (254, 0, 1)),
        ("RGB", (255, 55, 0), (255, 128, 0)),
        ("LinearGray", (55,), (128, 128, 128)),
    ],
)
def test_other_colour_spaces(space: str, stored: tuple[int], shown: tuple[int]) -> None:
    found = only(miff(np.array([[stored]], np.uint8), colorspace=space))
    assert np.abs(found[0, 0, :3].astype(int) - shown).max() <= 1


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"colorspace": "Lab"}, "colour space is Lab.*-colorspace sRGB"),
        ({"compression": "BZip"}, "packed by bzip.*-compress"),
        ({"compression": "LZMA"}, "packed by lzma"),
        ({"depth": 128}, "depth is 128 bits"),
        ({"columns": 0}, "size is missing"),
        ({"columns": "wide"}, "columns is 'wide', not a number"),
        ({"page": "here"}, "page is 'here'"),
        ({"number-meta-channels": 1}, "meta channels"),
        ({"quantum:format": "signed"}, "signed"),
        ({"rows": HEIGHT + 1}, "ends too early"),
        ({"profile": "icc"}, "ends too early"),
        ({"class": "PseudoClass", "colors": 99_999_999}, "99999999 colours"),
    ],
)
def test_what_cant_be_read_says_why_and_names_the_file(
    tmp_path: Path, fields: dict[str, Any], cause: str
) -> None:
    with pytest.raises(SourceError, match=f"in.miff is a MIFF that can't be read: .*{cause}"):
        opened(tmp_path, miff(picture(), **fields))


def test_any_cut_is_damage(tmp_path: Path) -> None:
    data = miff(picture(), compression="Zip", data=chunks(picture()))
    for end in range(20, len(data), 7):
        with pytest.raises(SourceError, match="can't be read"):
            opened(tmp_path, data[:end])


@given(st.binary(max_size=200))
def test_nothing_else_is_ever_raised(noise: bytes) -> None:
    start = b"id=ImageMagick version=1.0 columns=3 rows=2 depth=8 "
    for data in (noise, start + noise, start + b"compression=RLE :\x1a" + noise):
        with suppress(MiffError):
            list(read_images(io.BytesIO(data)))


def test_properties_braces_comments_profiles_and_a_montage_are_passed_over() -> None:
    pixels = picture()
    extras = {"comment": "{two\nwords \\{x\\} : }", "ssimgif:ssim": "0.96", "montage": "1x1+0+0"}
    behind = b"tile.png\0" + (3).to_bytes(4, "big") + b"icc" + pixels.tobytes()
    data = miff(pixels, profile="icc", data=behind, **extras)
    (image,) = read_images(io.BytesIO(data))
    assert np.array_equal(image.pixels[..., :3], pixels)
    assert image.header.fields["comment"] == "two\nwords {x} : "
    assert image.header.fields["ssimgif:ssim"] == "0.96"


class Trickle:
    """A stream of which each read gives little, and which can't seek."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def read(self, size: int, /) -> bytes:
        piece = self.data[self.at : self.at + min(size, 5)]
        self.at += len(piece)
        return piece


def test_images_come_one_at_a_time_from_a_stream() -> None:
    first, second = picture(), picture()[::-1].copy()
    one = miff(first, compression="RLE", data=runs(first))
    stream = Trickle(one + b"\n\0" + miff(second))
    images = read_images(stream)
    assert np.array_equal(next(images).pixels[..., :3], first)
    assert stream.at <= len(one) + 16
    assert np.array_equal(next(images).pixels[..., :3], second)
    assert next(images, None) is None


def test_sizes_are_checked_before_memory_is_taken(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"999999x999999, over the limit .*--max-pixels"):
        opened(tmp_path, miff(picture(), columns=999_999, rows=999_999))
    with pytest.raises(SourceError, match=r"more than 1 frames .*--max-frames"):
        opened(tmp_path, 2 * miff(picture()), max_frames=1)


def box(color: int, **fields: Any) -> bytes:
    """Return a 4x4 image of one gray."""
    return miff(np.full((4, 4, 1), color, np.uint8), colorspace="Gray", **fields)


def test_images_are_drawn_over_one_another_as_their_disposal_says(tmp_path: Path) -> None:
    data = (
        box(10, page="8x6+0+0", dispose="None")
        + box(20, page="8x6+2+1", dispose="Previous")
        + box(30, page="8x6+6+4", dispose="Background")
        + box(40, page="8x6-2-3")
    )
    clip = opened(tmp_path, data)
    assert (clip.width, clip.height, clip.frame_count, clip.has_alpha) == (8, 6, 4, True)
    expected = np.zeros((4, 6, 8), int)
    expected[:, :4, :4] = 10
    expected[1, 1:5, 2:6] = 20
    expected[2, 4:, 6:] = 30
    expected[3, :1, :2] = 40
    for frame, gray in zip(clip.frames(), expected, strict=True):
        assert np.array_equal(frame.pixels[..., 0], gray)
        assert np.array_equal(frame.pixels[..., 3], np.where(gray, 255, 0))


def test_without_a_canvas_the_largest_image_sets_the_size(tmp_path: Path) -> None:
    clip = opened(tmp_path, box(10) + box(20, page="+3+1"))
    assert (clip.width, clip.height) == (7, 5)


def test_translucent_images_are_blended(tmp_path: Path) -> None:
    upper = np.array([[[255, 0, 0, 128]]], np.uint8)
    lower = np.array([[[0, 0, 255, 255]]], np.uint8)
    clip = opened(tmp_path, miff(lower, matte="True") + miff(upper, matte="True"))
    *_, last = clip.frames()
    assert last.pixels.tolist() == [[[128, 0, 127, 255]]]


def test_times_plays_and_ticks(tmp_path: Path) -> None:
    data = (
        box(1, iterations=3, delay=1, **{"ticks-per-second": 24})
        + box(2, delay=7)
        + box(3, delay=0)
        + box(4, delay=1)
    )
    durations = [Fraction(1, 24), Fraction(7, 100), Fraction(1, 10), Fraction(1, 10)]
    clip = opened(tmp_path, data)
    assert clip.loop == 3
    assert [frame.duration for frame in clip.frames()] == durations
    timed = opened(tmp_path, data, fps=Fraction(5))
    assert [frame.duration for frame in timed.frames()][2:] == [Fraction(1, 5)] * 2


def test_only_miff_is_taken_and_nothing_else_is_read(tmp_path: Path) -> None:
    other = tmp_path / "other.gif"
    other.write_bytes(b"GIF89a")
    assert open_miff(other, OPTIONS) is None
    assert open_miff(tmp_path / "absent", OPTIONS) is None
    assert open_miff(tmp_path, OPTIONS) is None
    stream = io.BytesIO(b"GIF89a")
    assert open_miff(stream, OPTIONS) is None
    assert stream.tell() == 0
    assert open_miff(object(), OPTIONS) is None


def test_a_stream_is_kept_for_as_long_as_its_clip_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    clip = open_miff(io.BufferedReader(io.BytesIO(box(9))), OPTIONS)
    assert clip is not None
    assert [len(list(clip.frames())) for _ in range(2)] == [1, 1]
    assert len(list(tmp_path.iterdir())) == 1
    del clip
    assert not list(tmp_path.iterdir())
    with pytest.raises(SourceError):
        open_miff(io.BytesIO(box(9)[:-1]), OPTIONS)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("alpha", [False, True])
def test_what_is_written_is_read_back(tmp_path: Path, alpha: bool) -> None:
    frames = np.full((3, 48, 64, 4), 255, np.uint8)
    frames[..., :3] = moving_box(3)
    if alpha:
        frames[1, 20:, :9] = 0
    times = [Fraction(1, 24), Fraction(1001, 30_000), Fraction(2)]
    clip = Clip.from_frames(frames, times, loop=2)
    stream = io.BytesIO()
    write_clip(clip, stream)
    found = opened(tmp_path, stream.getvalue())
    assert (found.loop, found.has_alpha) == (2, alpha)
    for ours, back in zip(clip.frames(), found.frames(), strict=True):
        assert back.duration == ours.duration
        assert np.array_equal(back.pixels, ours.pixels)
