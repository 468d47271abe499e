"""Pillow saves by ssimgif, under a format of its own or in place of its GIF."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ssimgif_pillow
from conftest import moving_box, run_python
from ssimgif import FrameError, SettingsError, SourceError

QUICK: dict[str, Any] = {"ssim": 0.9, "effort": 1}
FRAMES = [Image.fromarray(frame) for frame in moving_box(4)]
# What ssimgif writes where it ends a GIF of one loop: no block of Netscape's.
NETSCAPE = b"NETSCAPE2.0"


@pytest.fixture
def in_place_of_gif() -> Iterator[None]:
    ssimgif_pillow.replace_gif()
    yield
    ssimgif_pillow.restore_gif()


def saved(image: Image.Image, kind: str = "SSIMGIF", **options: Any) -> io.BytesIO:
    stream = io.BytesIO()
    own = QUICK if kind == "SSIMGIF" else {}
    image.save(stream, kind, **own, **options)
    return stream


def shown(stream: io.BytesIO) -> list[np.ndarray[Any, Any]]:
    frames = []
    with Image.open(stream) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGBA")))
    return frames


def delays(stream: io.BytesIO) -> list[Any]:
    found = []
    with Image.open(stream) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(image.info.get("duration"))
    return found


def test_a_name_and_the_format_make_the_gif(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    options = {"append_images": FRAMES[1:], "duration": 80, "loop": 0}
    FRAMES[0].save(path, format="SSIMGIF", save_all=True, **options, **QUICK)
    stream = io.BytesIO(path.read_bytes())
    assert delays(stream) == [80] * 4
    for ours, given in zip(shown(stream), FRAMES, strict=True):
        assert np.abs(ours[..., :3].astype(int) - np.asarray(given)).mean() < 4


@pytest.mark.parametrize("loop", [None, 0, 1, 5])
@pytest.mark.parametrize("duration", [None, 120, [50, 100, 200, 300], (50, 100, 200, 300)])
def test_times_and_repeats_are_what_pillow_writes(loop: int | None, duration: Any) -> None:
    options: dict[str, Any] = {"save_all": True, "append_images": FRAMES[1:]}
    options |= {} if loop is None else {"loop": loop}
    options |= {} if duration is None else {"duration": duration}
    ours, theirs = saved(FRAMES[0], **options), saved(FRAMES[0], "GIF", **options)
    with Image.open(ours) as one, Image.open(theirs) as other:
        assert one.info.get("loop") == other.info.get("loop")
    assert (NETSCAPE in ours.getvalue()) == (loop is not None)
    # A frame without a time is one of 100 ms in every browser.
    assert delays(ours) == [each or 100 for each in delays(theirs)]


def test_frames_and_times_of_an_animation_come_along() -> None:
    source = saved(
        FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:3], duration=[70, 90, 30]
    )
    with Image.open(source) as image:
        stream = saved(image, save_all=True, append_images=[FRAMES[3]])
        theirs = saved(image, "GIF", save_all=True, append_images=[FRAMES[3]])
    assert delays(stream) == delays(theirs)
    assert delays(stream)[:3] == [70, 90, 30]
    np.testing.assert_allclose(shown(stream)[1], shown(source)[1], atol=40)


def test_without_save_all_there_is_one_frame() -> None:
    assert len(shown(saved(FRAMES[0]))) == 1
    with Image.open(saved(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:])) as image:
        image.seek(2)
        assert len(shown(saved(image))) == 1


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I;16"]
)
def test_frames_of_any_mode_are_taken(mode: str) -> None:
    gray = Image.fromarray(np.full((16, 20), 255, np.uint8))
    frame = Image.new("I;16", gray.size, 65535) if mode == "I;16" else gray.convert(mode)
    stream = saved(FRAMES[0].resize((20, 16)), save_all=True, append_images=[frame], duration=50)
    assert shown(stream)[1].min() >= 253


def test_a_transparent_colour_stays_so() -> None:
    sticker = Image.new("P", (20, 16), 1)
    sticker.putpalette([0, 0, 0, 255, 0, 0])
    sticker.paste(0, (0, 0, 10, 16))
    for stream in (saved(sticker, transparency=0), saved(sticker.convert("RGBA"), transparency=7)):
        assert shown(stream)[0][0, 19].tolist() == [255, 0, 0, 255]
    assert shown(saved(sticker, transparency=0))[0][0, 0, 3] == 0


def test_each_frame_is_shown_as_it_is_whatever_was_there_before() -> None:
    frames = [Image.new("RGBA", (32, 16)) for _ in range(3)]
    for number, frame in enumerate(frames):
        frame.paste((255, 0, 0, 255), (10 * number, 0, 10 * number + 10, 16))
    stream = saved(frames[0], save_all=True, append_images=frames[1:], duration=100)
    for made, given in zip(shown(stream), frames, strict=True):
        np.testing.assert_array_equal(made[..., 3], np.asarray(given)[..., 3])


def test_a_smaller_frame_is_drawn_over_the_one_before_as_by_pillow() -> None:
    first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (10, 5), "blue")
    options: dict[str, Any] = {"save_all": True, "append_images": [second], "duration": 100}
    ours, theirs = saved(first, **options), saved(first, "GIF", **options)
    np.testing.assert_array_equal(shown(ours), shown(theirs))


def test_what_sticks_out_of_the_first_frame_is_cut_off() -> None:
    first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (30, 4), "blue")
    made = shown(saved(first, save_all=True, append_images=[second], duration=100))[1]
    assert made.shape == (10, 20, 4)
    assert made[2, 19].tolist() == [0, 0, 255, 255]
    assert made[7, 19].tolist() == [255, 0, 0, 255]


def test_options_of_other_formats_are_left_alone() -> None:
    plain, much = (
        saved(FRAMES[0], **options).getvalue()
        for options in ({}, {"optimize": True, "disposal": 2, "comment": "x", "background": 3})
    )
    assert plain == much


def test_a_background_colour_is_laid_under_soft_alpha() -> None:
    soft = Image.new("RGBA", (20, 16), (255, 0, 0, 128))
    made = shown(saved(soft, background=(0, 0, 255)))[0][8, 8]
    assert abs(int(made[0]) - 128) < 6
    assert abs(int(made[2]) - 127) < 6


def test_an_error_leaves_no_new_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    with pytest.raises(SettingsError, match="effort must be between 1 and 9"):
        FRAMES[0].save(path, "SSIMGIF", effort=0)
    with pytest.raises(SettingsError, match="there are 2 durations, but more frames"):
        saved(FRAMES[0], save_all=True, append_images=FRAMES[1:], duration=[10, 20])
    with pytest.raises(SourceError, match=r"a\.gif is 64x48, over the limit"):
        FRAMES[0].save(path, "SSIMGIF", max_pixels=100)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FrameError, match="frame 2 of the GIF can't be used"):
        saved(FRAMES[0], save_all=True, append_images=[Broken("RGB", (64, 48))])


@pytest.mark.parametrize(
    ("appended", "sentence"),
    [
        (FRAMES[1], "append_images is of type Image; give a list of images"),
        (7, "append_images is of type int; give a list of images"),
        ([np.zeros((48, 64, 3), np.uint8)], "of type ndarray in it; .* Image.fromarray makes of"),
        (np.zeros((2, 48, 64, 3), np.uint8), "of type ndarray in it"),
        (["b.png"], "of type str in it"),
    ],
)
def test_what_is_appended_and_no_list_of_images_is_one_sentence(
    tmp_path: Path, appended: Any, sentence: str
) -> None:
    with pytest.raises(FrameError, match=sentence) as caught:
        FRAMES[0].save(tmp_path / "a.gif", "SSIMGIF", save_all=True, append_images=appended)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


class Broken(Image.Image):
    """A picture whose pixels can't be had."""

    def __init__(self, mode: str, size: tuple[int, int]) -> None:
        super().__init__()
        self._mode, self._size = mode, size

    def copy(self) -> Broken:
        return self

    def convert(self, *_: Any, **__: Any) -> Image.Image:
        raise OSError("broken data stream when reading image file")


@pytest.mark.usefixtures("in_place_of_gif")
def test_in_place_of_gif_the_name_alone_is_enough(tmp_path: Path) -> None:
    ssimgif_pillow.replace_gif()
    options: dict[str, Any] = {"append_images": FRAMES[1:], "duration": 80, "loop": 0}
    FRAMES[0].save(tmp_path / "a.gif", save_all=True, **options, **QUICK)
    wanted = saved(FRAMES[0], save_all=True, **options)
    assert (tmp_path / "a.gif").read_bytes() == wanted.getvalue()


def test_pillows_own_gif_comes_back() -> None:
    before = saved(FRAMES[0], "GIF").getvalue()
    ssimgif_pillow.replace_gif()
    ssimgif_pillow.restore_gif()
    ssimgif_pillow.restore_gif()
    assert saved(FRAMES[0], "GIF").getvalue() == before


def test_the_import_alone_changes_no_gif_and_loads_no_kernels() -> None:
    probe = (
        "import sys, PIL.Image as I; I.preinit(); own = I.SAVE['GIF']; import ssimgif_pillow;"
        "I.init(); print(I.SAVE['GIF'] is own, 'SSIMGIF' in I.SAVE_ALL, 'numba' in sys.modules)"
    )
    assert run_python(probe).stdout.split() == ["True", "True", "False"]
