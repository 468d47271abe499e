"""GIF sources are shown as browsers show them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reference.files import GifImage, loop_block, sub_blocks, write_gif
from reference.media import by_ffmpeg
from ssimgif.errors import SourceError
from ssimgif.gif import lzw
from ssimgif.model import U8
from ssimgif.pipeline import convert
from ssimgif.settings import Settings
from ssimgif.sources import open_clip

NOTHING = [0, 0, 0, 0]


def flat(value: int, width: int = 4, height: int = 4) -> U8:
    return np.full((height, width), value, np.uint8)


def shown(path: Path) -> list[U8]:
    return [frame.pixels for frame in open_clip(path).frames()]


def gray(value: int) -> list[int]:
    return [3 * value % 256, (3 * value + 1) % 256, (3 * value + 2) % 256, 255]


def test_what_no_image_has_drawn_is_transparent(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", 4, 3, [GifImage(flat(7, 2, 1), 1, 1)])
    (pixels,) = shown(path)
    assert open_clip(path).has_alpha
    assert pixels[1, 1:3].tolist() == [gray(7), gray(7)]
    assert pixels[..., 3].sum() == 2 * 255


@pytest.mark.parametrize(
    ("disposal", "left"),
    [(0, gray(7)), (1, gray(7)), (2, NOTHING), (3, NOTHING), (4, NOTHING), (5, gray(7))],
)
def test_what_a_first_image_leaves_behind(tmp_path: Path, disposal: int, left: list[int]) -> None:
    images = [GifImage(flat(7), disposal=disposal), GifImage(flat(9, 1, 1))]
    path = write_gif(tmp_path / "a.gif", 4, 4, [*images])
    first, second = shown(path)
    assert (first == gray(7)).all()
    assert second[0, 0].tolist() == gray(9)
    assert (second.reshape(-1, 4)[1:] == left).all()


def test_disposal_clears_the_image_s_own_area(tmp_path: Path) -> None:
    images = [GifImage(flat(7)), GifImage(flat(9, 2, 2), 1, 1, 2), GifImage(flat(5, 1, 1))]
    third = shown(write_gif(tmp_path / "a.gif", 4, 4, [*images]))[2]
    assert third[0, 0].tolist() == gray(5)
    assert (third[1:3, 1:3] == NOTHING).all()
    assert third[3, 3].tolist() == gray(7)


def test_previous_restores_what_was_there_before(tmp_path: Path) -> None:
    images = [GifImage(flat(7)), GifImage(flat(9, 2, 2), 1, 1, 3), GifImage(flat(5, 1, 1))]
    third = shown(write_gif(tmp_path / "a.gif", 4, 4, [*images]))[2]
    assert (third.reshape(-1, 4)[1:] == gray(7)).all()


@pytest.mark.parametrize("seed", range(6))
def test_opaque_animations_are_as_ffmpeg_shows_them(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    blocks: list[GifImage | bytes] = [
        GifImage(random.integers(0, 256, (21, 30), np.uint8), interlaced=bool(seed % 2))
    ]
    for number in range(8):
        height, width = random.integers(1, 12, 2)
        table = random.bytes(768) if number % 2 else b""
        blocks.append(
            GifImage(
                random.integers(0, 256, (height, width), np.uint8),
                left=int(random.integers(0, 30 - width)),
                top=int(random.integers(0, 21 - height)),
                disposal=int(random.choice([0, 1, 3])),
                transparent=int(random.integers(256)),
                interlaced=bool(random.integers(2)),
                table=table,
            )
        )
    path = write_gif(tmp_path / "a.gif", 30, 21, blocks)
    assert np.array_equal(shown(path), by_ffmpeg(path))


@pytest.mark.parametrize("name", [b"NETSCAPE2.0", b"ANIMEXTS1.0"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_repeats_count_wherever_they_stand(tmp_path: Path, place: int, name: bytes) -> None:
    blocks: list[GifImage | bytes] = [GifImage(flat(1)), GifImage(flat(2))]
    blocks.insert(place, loop_block(40, name))
    assert open_clip(write_gif(tmp_path / "a.gif", 4, 4, blocks)).loop == 41


def test_the_last_of_several_repeats_counts(tmp_path: Path) -> None:
    images = [GifImage(flat(1)), GifImage(flat(2))]
    blocks = [loop_block(50), images[0], loop_block(30), images[1], loop_block(0)]
    assert open_clip(write_gif(tmp_path / "a.gif", 4, 4, blocks)).loop == 0
    assert open_clip(write_gif(tmp_path / "b.gif", 4, 4, [*images])).loop == 1


def test_an_image_beyond_the_screen_is_cut(tmp_path: Path) -> None:
    images = [GifImage(flat(7)), GifImage(flat(9, 4, 4), 2, 3), GifImage(flat(9), 9, 9)]
    _, second, third = shown(write_gif(tmp_path / "a.gif", 4, 4, [*images]))
    assert (second[3, 2:] == gray(9)).all()
    assert (second == gray(9)).all(axis=2).sum() == 2
    assert np.array_equal(second, third)


@pytest.mark.parametrize("side", [0, 1])
def test_a_screen_has_room_for_the_first_image(tmp_path: Path, side: int) -> None:
    images = [GifImage(flat(7, 5, 3)), GifImage(flat(9, 20, 20), 2, 2)]
    clip = open_clip(write_gif(tmp_path / "a.gif", side, side, [*images]))
    assert (clip.width, clip.height) == (5, 3)
    assert all(frame.pixels.shape == (3, 5, 4) for frame in clip.frames())


def test_an_image_without_pixels_shows_nothing(tmp_path: Path) -> None:
    empty = GifImage(flat(0, 0, 1), data=b"")
    first, second = shown(write_gif(tmp_path / "a.gif", 4, 4, [empty, GifImage(flat(7))]))
    assert not first.any()
    assert (second == gray(7)).all()


def test_colors_that_a_table_lacks_are_black_and_no_table_is_gray(tmp_path: Path) -> None:
    small = GifImage(flat(7), table=bytes([255] * 6))
    assert (shown(write_gif(tmp_path / "a.gif", 4, 4, [small]))[0] == [0, 0, 0, 255]).all()
    bare = write_gif(tmp_path / "b.gif", 4, 4, [GifImage(flat(7))], table=b"")
    assert (shown(bare)[0] == [7, 7, 7, 255]).all()


def test_a_missing_end_mark_is_no_damage(tmp_path: Path) -> None:
    images = [GifImage(flat(1)), GifImage(flat(2))]
    clip = open_clip(write_gif(tmp_path / "a.gif", 4, 4, [*images], end=b""))
    assert clip.frame_count == 2
    assert not list(clip.notes)


@pytest.mark.parametrize(
    ("third", "cause"),
    [
        (GifImage(flat(3), data=b"\xff\xff\xff"), "its data can't be decoded"),
        (b"\x77", "no block begins at byte"),
        (b"," + bytes(4), "it ends too early"),
        (GifImage(flat(3)).to_bytes()[:-4], "it ends too early"),
    ],
)
def test_frames_before_damage_are_kept(tmp_path: Path, third: GifImage | bytes, cause: str) -> None:
    images = [GifImage(flat(1)), GifImage(flat(2)), third]
    clip = open_clip(write_gif(tmp_path / "a.gif", 4, 4, images, end=b""))
    assert [frame.pixels[0, 0].tolist() for frame in clip.frames()] == [gray(1), gray(2)]
    (note,) = clip.notes.damage
    assert note.startswith(f"a.gif is damaged at frame 3: {cause}")


def test_strict_refuses_what_is_damaged(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", 4, 4, [GifImage(flat(1)), b"\x77"])
    with pytest.raises(SourceError, match=r"^a\.gif is damaged at frame 2: no block begins at"):
        convert(path, tmp_path / "out.gif", Settings(strict=True, no_cache=True))
    assert not (tmp_path / "out.gif").exists()


def test_too_few_pixels_leave_the_rest_transparent(tmp_path: Path) -> None:
    short = GifImage(flat(3), data=lzw.encode(np.full(6, 3, np.uint8), 8))
    path = write_gif(tmp_path / "a.gif", 4, 4, [short, GifImage(flat(2, 1, 1))])
    first, _ = shown(path)
    assert first[..., 3].ravel().tolist() == [255] * 6 + [0] * 10
    assert open_clip(path).notes.damage == ("a.gif is damaged: frame 1 lacks pixels",)


@pytest.mark.parametrize(
    ("blocks", "sentence"),
    [
        ([], "a.gif is damaged: it has no picture in it"),
        ([b"!\xfe" + sub_blocks(b"hello")], "a.gif is damaged: it has no picture in it"),
        ([b"!\xfe\x09abc"], "a.gif is damaged: it ends too early"),
        ([GifImage(flat(3), data=b"\xff\xff\xff")], "a.gif is damaged: its data can't be decoded"),
    ],
)
def test_a_file_without_a_sound_picture_is_refused(
    tmp_path: Path, blocks: list[GifImage | bytes], sentence: str
) -> None:
    with pytest.raises(SourceError) as caught:
        open_clip(write_gif(tmp_path / "a.gif", 4, 4, blocks, end=b""))
    assert str(caught.value) == sentence


def test_a_single_image_is_a_still_for_a_tenth(tmp_path: Path) -> None:
    Image.fromarray(flat(7)).save(tmp_path / "a.gif", duration=500)
    clip = open_clip(tmp_path / "a.gif")
    assert [frame.duration for frame in clip.frames()] == [Fraction(1, 10)]
    assert list(clip.notes) == ["a still image: the GIF has one frame"]
