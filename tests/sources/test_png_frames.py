"""PNG and APNG sources, to the letter of the specification."""

from __future__ import annotations

import zlib
from fractions import Fraction
from pathlib import Path
from struct import pack

import numpy as np
import pytest

from reference.files import Png, PngFrame, chunk
from reference.media import by_ffmpeg
from ssimgif.errors import SourceError
from ssimgif.model import U8
from ssimgif.sources import open_clip

RED, BLUE, CLEAR = [255, 0, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]


def flat(color: list[int], width: int = 4, height: int = 4) -> U8:
    return np.full((height, width, len(color)), color, np.uint8)


def shown(path: Path) -> list[U8]:
    return [frame.pixels for frame in open_clip(path).frames()]


def test_previous_restores_after_compositing(tmp_path: Path) -> None:
    over = PngFrame(flat([0, 0, 255, 128], 2, 2), 1, 1, disposal=2, blend=1)
    frames = [PngFrame(flat(RED)), over, PngFrame(flat(BLUE, 1, 1))]
    third = shown(Png(4, 4, frames).write(tmp_path / "a.png"))[2]
    assert third[0, 0].tolist() == BLUE
    assert (third.reshape(-1, 4)[1:] == RED).all()


@pytest.mark.parametrize("disposal", [1, 2])
def test_a_first_frame_that_is_disposed_of_leaves_nothing(tmp_path: Path, disposal: int) -> None:
    frames = [PngFrame(flat(RED), disposal=disposal), PngFrame(flat(BLUE, 1, 1), blend=1)]
    second = shown(Png(4, 4, frames).write(tmp_path / "a.png"))[1]
    assert second[0, 0].tolist() == BLUE
    assert (second.reshape(-1, 4)[1:] == CLEAR).all()


@pytest.mark.parametrize("seed", range(3))
def test_partial_alpha_is_composited_exactly(tmp_path: Path, seed: int) -> None:
    below, above = np.random.default_rng(seed).integers(0, 256, (2, 20, 30, 4), np.uint8)
    above[:3, :, 3], above[3:6, :, 3] = 0, 255
    below[:, :4, 3], below[:, 4:8, 3] = 0, 255
    path = Png(30, 20, [PngFrame(below), PngFrame(above, blend=1)]).write(tmp_path / "a.png")
    first, second = shown(path)
    assert np.array_equal(first, below)
    front, back = above[..., 3:] / 255, below[..., 3:] / 255
    alpha = front + back * (1 - front)
    colors = front * above[..., :3] + back * (1 - front) * below[..., :3]
    colors /= np.maximum(alpha, 1e-9)
    assert np.abs(second[..., 3:] - 255 * alpha).max() <= 0.5 + 1e-9
    visible = alpha[..., 0] > 0
    assert np.abs(second[..., :3] - colors)[visible].max() <= 0.5 + 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_animations_are_as_ffmpeg_shows_them(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    frames = [PngFrame(random.integers(0, 256, (21, 30, 4), np.uint8))]
    for _ in range(8):
        height, width = random.integers(1, 12, 2)
        frames.append(
            PngFrame(
                random.integers(0, 256, (height, width, 4), np.uint8),
                left=int(random.integers(0, 30 - width)),
                top=int(random.integers(0, 21 - height)),
                disposal=int(random.integers(3)),
                blend=int(random.integers(2)),
            )
        )
    path = Png(30, 21, frames).write(tmp_path / "a.png")
    for found, expected in zip(shown(path), by_ffmpeg(path), strict=True):
        visible = expected[..., 3] > 0
        assert np.abs(found[..., 3].astype(int) - expected[..., 3]).max() <= 1
        # FFmpeg rounds twice.
        assert np.abs(found[visible].astype(int) - expected[visible]).max() <= 3


@pytest.mark.parametrize(
    ("depth", "color_type", "samples", "key", "hidden"),
    [
        (1, 0, [[0b10100000]], [1], [1, 0, 1, 0]),
        (2, 0, [[0b00011011]], [2], [0, 0, 1, 0]),
        (4, 0, [[0x12, 0x32]], [2], [0, 1, 0, 1]),
        (8, 0, [[5, 6, 7, 5]], [5], [1, 0, 0, 1]),
        (16, 0, [[1, 2, 1, 3, 1, 2, 0, 0]], [0x0102], [1, 0, 1, 0]),
        (8, 2, [[1, 2, 3, 1, 2, 4, 1, 2, 3, 9, 9, 9]], [1, 2, 3], [1, 0, 1, 0]),
        (
            16,
            2,
            [[1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 4, 1, 1, 2, 2, 3, 3, 9, 9, 9, 9, 9, 9]],
            [0x0101, 0x0202, 0x0303],
            [1, 0, 1, 0],
        ),
    ],
)
@pytest.mark.parametrize("animated", [False, True])
def test_one_colour_can_be_transparent_at_every_depth(
    tmp_path: Path,
    depth: int,
    color_type: int,
    samples: list[list[int]],
    key: list[int],
    hidden: list[int],
    animated: bool,
) -> None:
    frame = _Packed(np.array(samples, np.uint8), 4)
    more = chunk(b"tRNS", pack(f">{len(key)}H", *key))
    frames = [frame, frame] if animated else [frame]
    path = Png(4, 1, frames, color_type, depth, more, animated=animated).write(tmp_path / "a.png")
    for pixels in shown(path):
        assert (pixels[0, :, 3] == 0).tolist() == [bool(one) for one in hidden]
    assert open_clip(path).frame_count == len(frames)


class _Packed(PngFrame):
    """A frame whose samples are already packed into bytes."""

    def __init__(self, samples: U8, width: int) -> None:
        super().__init__(samples)
        self.width = width

    def control(self, number: int) -> bytes:
        data = super().control(number)
        return data[:4] + pack(">I", self.width) + data[8:]


def test_a_default_image_is_no_frame(tmp_path: Path) -> None:
    frames = [PngFrame(flat(RED)), PngFrame(flat(BLUE), delay=(1, 0))]
    path = Png(4, 4, frames, default=PngFrame(flat(CLEAR)), plays=3).write(tmp_path / "a.png")
    clip = open_clip(path)
    assert [f.pixels[0, 0].tolist() for f in clip.frames()] == [RED, BLUE]
    assert [f.duration for f in clip.frames()] == [Fraction(1, 10), Fraction(1, 10)]
    assert (clip.loop, clip.has_alpha) == (3, False)


@pytest.mark.parametrize(
    ("more", "note"),
    [
        (chunk(b"tIME", bytes(7), wrong=True), "the checksum of tIME is wrong"),
        (chunk(b"gAMA", bytes(4), wrong=True), "the checksum of gAMA is wrong"),
        (chunk(b"eXIf", b"LoremIpsum"), "its Exif data can't be read"),
        (chunk(b"iCCP", b"name\0\0" + b"rubbish"), "its colour profile can't be read"),
        (
            chunk(b"iCCP", b"name\0\0" + zlib.compress(b"rubbish")),
            "its colour profile can't be read",
        ),
    ],
)
def test_damage_beside_the_picture_is_noted(tmp_path: Path, more: bytes, note: str) -> None:
    path = Png(4, 4, [PngFrame(flat(RED))], more=more, animated=False).write(tmp_path / "a.png")
    assert (shown(path)[0] == RED).all()
    assert open_clip(path).notes.damage == (f"a.png is damaged: {note}",)


def test_chunks_that_do_not_matter_are_passed_over(tmp_path: Path) -> None:
    more = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80 << 20))) + chunk(b"sRGB", b"\0")
    path = Png(4, 4, [PngFrame(flat(RED))], more=more, animated=False).write(tmp_path / "a.png")
    assert (shown(path)[0] == RED).all()
    assert not open_clip(path).notes.damage


def test_a_frame_with_a_wrong_checksum_ends_the_animation(tmp_path: Path) -> None:
    frames = [PngFrame(flat(RED)), PngFrame(flat(BLUE)), PngFrame(flat(RED))]
    path = Png(4, 4, frames).write(tmp_path / "a.png")
    data = bytearray(path.read_bytes())
    data[data.rindex(b"fdAT") + 10] ^= 1
    path.write_bytes(data)
    clip = open_clip(path)
    assert clip.frame_count == 2
    assert clip.notes.damage == ("a.png is damaged at frame 3: the checksum of fdAT is wrong",)


def test_fewer_frames_than_stated_are_noted(tmp_path: Path) -> None:
    path = Png(4, 4, [PngFrame(flat(RED)), PngFrame(flat(BLUE))]).write(tmp_path / "a.png")
    five = chunk(b"acTL", pack(">2I", 5, 0))
    path.write_bytes(path.read_bytes().replace(chunk(b"acTL", pack(">2I", 2, 0)), five))
    clip = open_clip(path)
    assert clip.frame_count == 2
    assert clip.notes.damage == ("a.png is damaged at frame 3: it has fewer frames than it says",)


def test_a_file_without_an_end_mark_shows_its_picture(tmp_path: Path) -> None:
    path = Png(4, 4, [PngFrame(flat(RED))], animated=False, end=b"").write(tmp_path / "a.png")
    assert (shown(path)[0] == RED).all()
    assert open_clip(path).notes.damage == ("a.png is damaged: it ends too early",)


def test_an_animation_without_a_sound_frame_is_its_default_image(tmp_path: Path) -> None:
    outside = [PngFrame(flat(RED, 9, 9)), PngFrame(flat(BLUE))]
    path = Png(4, 4, outside, default=PngFrame(flat(BLUE))).write(tmp_path / "a.png")
    clip = open_clip(path)
    assert [frame.pixels[0, 0].tolist() for frame in clip.frames()] == [BLUE]
    assert clip.notes.damage


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ((b"\r\n\x1a\n", b"\n\x1a\n"), "a.png is damaged: its signature is wrong"),
        ((b"IDAT", b"iDAT"), "a.png is damaged: it has no picture in it"),
        ((b"\x08\x06\0\0\0", b"\x08\x02\0\0\0"), "a.png is damaged: the checksum of IHDR is wrong"),
    ],
)
def test_damage_to_the_picture_is_refused(
    tmp_path: Path, change: tuple[bytes, bytes], sentence: str
) -> None:
    path = Png(4, 4, [PngFrame(flat(RED))], animated=False).write(tmp_path / "a.png")
    path.write_bytes(path.read_bytes().replace(*change))
    with pytest.raises(SourceError) as caught:
        open_clip(path)
    assert str(caught.value) == sentence


def test_sixteen_bits_with_alpha_keep_their_upper_bytes(tmp_path: Path) -> None:
    deep = np.random.default_rng(1).integers(0, 1 << 16, (4, 4, 4)).astype(">u2")
    path = Png(4, 4, [PngFrame(deep)] * 2, depth=16).write(tmp_path / "a.png")
    assert all(np.array_equal(pixels, deep >> 8) for pixels in shown(path))
