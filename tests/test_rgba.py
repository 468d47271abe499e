"""Arrays of many shapes and types become RGBA, or are refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pictures import picture
from ssimgif import Clip, FrameError
from ssimgif.model import U8
from ssimgif.rgba import to_rgba

RGB = picture(height=12, width=17)
RGBA = np.dstack([RGB, np.arange(12 * 17, dtype=np.uint8).reshape(12, 17)])
GRAY = RGB[..., 0]


def opaque(rgb: U8) -> U8:
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (RGB, opaque(RGB)),
        (RGBA, RGBA),
        (GRAY, opaque(np.dstack([GRAY] * 3))),
        (GRAY[..., None], opaque(np.dstack([GRAY] * 3))),
        (GRAY[None], opaque(np.dstack([GRAY] * 3))),
        (RGBA[..., [0, 3]], np.dstack([GRAY, GRAY, GRAY, RGBA[..., 3]])),
        (RGB.transpose(2, 0, 1), opaque(RGB)),
        (RGBA.transpose(2, 0, 1), RGBA),
        (RGB / 255, opaque(RGB)),
        ((RGBA / 255).astype(np.float32), RGBA),
        ((RGB / 255).astype(np.float16), opaque(RGB)),
        (GRAY > 99, opaque(np.dstack([np.where(GRAY > 99, 255, 0).astype(np.uint8)] * 3))),
        ((RGB / 255).tolist(), opaque(RGB)),
    ],
)
def test_what_is_clear_is_taken(given: Any, expected: U8) -> None:
    made = to_rgba(given)
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made, expected)


def test_rounding_a_little_beyond_one_is_no_error() -> None:
    assert to_rgba(np.full((2, 2), 1.0005)).max() == 255
    assert to_rgba(np.full((2, 2), -0.0005))[..., :3].max() == 0


def test_three_narrow_columns_are_channels() -> None:
    assert to_rgba(np.zeros((3, 9, 3), np.uint8)).shape == (3, 9, 4)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (np.zeros((5, 6, 7), np.uint8), r"frame 2 has the shape \(5, 6, 7\), which is not"),
        (np.zeros((2, 8, 9, 3), np.uint8), "give the frames one by one"),
        (np.zeros((0, 9, 3), np.uint8), r"has the shape \(0, 9, 3\)"),
        (np.zeros(9, np.uint8), r"frame 2 has the shape \(9,\), which is not"),
        (np.zeros((4, 4, 3), np.int64), "is of int64; give uint8 of 0 to 255, or floats of 0 to 1"),
        (np.zeros((4, 4, 3), np.uint16), "is of uint16"),
        (RGB * 1.0, f"from {RGB.min()} to {RGB.max()}; floats are 0 to 1"),
        (np.full((4, 4), np.nan), "not a number"),
        (np.full((4, 4), np.inf), "from inf to inf"),
        ([[1, 2], [3]], "can't be read as an array"),
        ("a.png", "is no picture, but of type str"),
        (None, "is no picture, but of type NoneType"),
    ],
)
def test_what_is_not_clear_is_one_sentence(given: Any, sentence: str) -> None:
    with pytest.raises(FrameError, match=sentence) as caught:
        to_rgba(given, "frame 2")
    assert "\n" not in str(caught.value)


def test_a_clip_of_an_array_takes_the_same_frames() -> None:
    stack = np.stack([RGBA / 255, RGBA[::-1] / 255]).transpose(0, 3, 1, 2)
    clip = Clip.from_frames(stack, 0.1)
    assert (clip.width, clip.height, clip.has_alpha) == (17, 12, True)
    np.testing.assert_array_equal([frame.pixels for frame in clip.frames()], [RGBA, RGBA[::-1]])


def test_a_clip_looks_at_each_frame_before_the_work_begins() -> None:
    stack = np.stack([RGBA / 255, np.full(RGBA.shape, 2.0)])
    with pytest.raises(FrameError, match="from 2 to 2"):
        Clip.from_frames(stack, 0.1)
    with pytest.raises(FrameError, match="must be an array"):
        Clip.from_frames(GRAY, 0.1)


def test_images_are_read_as_their_files_are() -> None:
    deep = Image.fromarray(np.full((4, 6), 0x8000, np.uint16))
    clip = Clip.from_frames([deep], 0.1)
    assert np.array_equal(next(clip.frames()).pixels[0, 0], [128, 128, 128, 255])
    assert list(clip.notes) == []


def test_a_broken_profile_of_an_image_is_noted() -> None:
    image = Image.new("RGB", (6, 4), "red")
    image.info["icc_profile"] = b"nonsense" * 40
    clip = Clip.from_frames([image], 0.1)
    assert np.array_equal(next(clip.frames()).pixels[0, 0], [255, 0, 0, 255])
    assert list(clip.notes) == [
        "frame 1 is damaged: its colour profile can't be read; its good frames are kept"
    ]


def test_an_image_whose_file_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(RGB).save(path)
    path.write_bytes(path.read_bytes()[:200])
    with Image.open(path) as image, pytest.raises(FrameError, match="frame 1 can't be used"):
        Clip.from_frames([image], 0.1)
