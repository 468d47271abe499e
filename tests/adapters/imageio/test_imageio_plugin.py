"""imageio writes GIFs by ssimgif, at once and in loops, by its new and its old functions."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("imageio", reason="imageio is not installed")

import imageio.v2
import imageio.v3 as iio

import ssimgif_imageio
from conftest import moving_box
from ssimgif import FrameError, SettingsError

QUICK: dict[str, Any] = {"ssim": 0.9, "effort": 1}
FRAMES = moving_box(4)


def delays(path: Path) -> list[int]:
    return [iio.immeta(path, index=number)["duration"] for number in range(len(iio.imread(path)))]


@pytest.mark.parametrize("plugin", ["ssimgif", ssimgif_imageio.SsimGifPlugin])
def test_a_batch_is_written_and_read_back(tmp_path: Path, plugin: Any) -> None:
    path = tmp_path / "a.gif"
    iio.imwrite(path, FRAMES, plugin=plugin, duration=80, loop=0, **QUICK)
    shown = iio.imread(path, plugin="pillow", mode="RGB")
    assert shown.shape == FRAMES.shape
    assert np.abs(shown.astype(int) - FRAMES).mean() < 4
    assert delays(path) == [80] * 4


@pytest.mark.parametrize(
    ("frames", "count"),
    [
        (list(FRAMES), 4),
        (FRAMES[..., 0], 4),
        (FRAMES[0], 1),
        (FRAMES[0, ..., 0], 1),
        (FRAMES[..., :1], 4),
        (tuple(FRAMES[..., 0]), 4),
    ],
)
def test_frames_and_batches_are_told_apart_as_imageio_does(
    tmp_path: Path, frames: Any, count: int
) -> None:
    iio.imwrite(tmp_path / "a.gif", frames, plugin="ssimgif", **QUICK)
    with Image.open(tmp_path / "a.gif") as image:
        assert getattr(image, "n_frames", 1) == count
        assert image.size == (64, 48)


def test_narrow_gray_frames_are_a_batch_where_that_is_said(tmp_path: Path) -> None:
    gray = np.tile(np.array([0, 99, 255], np.uint8), (4, 16, 1)) // np.arange(1, 5)[:, None, None]
    frames = gray.astype(np.uint8)
    iio.imwrite(tmp_path / "a.gif", frames, plugin="ssimgif", is_batch=True, **QUICK)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.size == (3, 16)


def test_floats_are_0_to_1_as_in_imageio(tmp_path: Path) -> None:
    made = []
    for frames in (FRAMES, FRAMES / 255):
        iio.imwrite(tmp_path / "a.gif", frames, plugin="ssimgif", **QUICK)
        made.append((tmp_path / "a.gif").read_bytes())
    assert made[0] == made[1]
    with pytest.raises(FrameError, match="floats are 0 to 1"):
        iio.imwrite(tmp_path / "b.gif", FRAMES * 1.0, plugin="ssimgif", **QUICK)
    assert not (tmp_path / "b.gif").exists()


def test_a_loop_writes_frame_by_frame_and_has_the_report(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    with iio.imopen(path, "w", plugin="ssimgif", **QUICK) as file:
        with pytest.raises(SettingsError, match="nothing was written yet"):
            print(file.report)
        for frame, duration in zip(FRAMES, (50, 100, 150, 200), strict=True):
            file.write(frame, duration=duration)
        assert not path.exists()
    assert delays(path) == [50, 100, 150, 200]
    assert file.report.bytes == path.stat().st_size


def test_an_error_in_a_loop_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "old.gif"
    path.write_bytes(b"old")
    with (
        pytest.raises(ZeroDivisionError),
        iio.imopen(path, "w", plugin="ssimgif", **QUICK) as file,
    ):
        file.write(FRAMES[0])
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    with pytest.raises(FrameError, match=r"frame 2 of new\.gif is 9x9, but the first is 64x48"):
        iio.imwrite(tmp_path / "new.gif", [FRAMES[0], FRAMES[0, :9, :9]], plugin="ssimgif")
    assert list(tmp_path.iterdir()) == [path]


def test_bytes_and_streams_are_written_to() -> None:
    options: dict[str, Any] = {"plugin": "ssimgif", "extension": ".gif", **QUICK}
    data = iio.imwrite("<bytes>", FRAMES, **options)
    assert data is not None
    stream = io.BytesIO()
    iio.imwrite(stream, FRAMES, **options)
    assert stream.getvalue() == data
    assert iio.imread(data).shape[0] == 4


def test_writers_of_the_old_functions_do_the_same(tmp_path: Path) -> None:
    options: dict[str, Any] = {"format": "ssimgif", "fps": 20, "loop": 0}
    with imageio.v2.get_writer(tmp_path / "a.gif", mode="I", **options, **QUICK) as writer:
        for frame in FRAMES:
            writer.append_data(frame)
    imageio.v2.mimsave(tmp_path / "b.gif", list(FRAMES), **options, **QUICK)
    assert delays(tmp_path / "a.gif") == [50] * 4
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (FRAMES[0] * 1.0, "floats are 0 to 1, and uint8 0 to 255"),
        (FRAMES[0].astype(int), "is of int64; give uint8 of 0 to 255"),
        (FRAMES[0, :, 0, 0], r"has the shape \(48,\), which is not \(height, width\)"),
        (FRAMES[0, :20], r"is 64x20, but the first is 64x48"),
        ("a.png", "is no picture, but of type str"),
    ],
)
@pytest.mark.parametrize("before", [0, 1])
def test_a_frame_that_is_refused_by_an_old_writer_is_one_sentence_and_leaves_no_file(
    tmp_path: Path, before: int, frame: Any, sentence: str
) -> None:
    if not before and "the first" in sentence:
        return
    with (
        pytest.raises(FrameError, match=sentence) as caught,
        imageio.v2.get_writer(tmp_path / "a.gif", format="ssimgif", mode="I", **QUICK) as writer,
    ):
        for good in FRAMES[:before]:
            writer.append_data(good)
        writer.append_data(frame)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("first", ["rows", "channels"])
def test_channels_may_come_first_where_one_frame_is_meant(tmp_path: Path, first: str) -> None:
    frames = FRAMES if first == "rows" else FRAMES.transpose(0, 3, 1, 2)
    options: dict[str, Any] = {"format": "ssimgif", "is_batch": False, **QUICK}
    with imageio.v2.get_writer(tmp_path / "a.gif", mode="I", **options) as writer:
        for frame in frames:
            writer.append_data(frame)
    shown = iio.imread(tmp_path / "a.gif", plugin="pillow", mode="RGB")
    assert np.abs(shown.astype(int) - FRAMES).mean() < 4


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"duration": [10, 20]}, "there are 2 durations, but 4 frames"),
        ({"duration": 50, "effort": 0}, "effort must be between 1 and 9"),
        ({"subrectangles": True}, "there is no setting named 'subrectangles'"),
    ],
)
def test_wrong_options_are_one_sentence(
    tmp_path: Path, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        iio.imwrite(tmp_path / "a.gif", FRAMES, plugin="ssimgif", **options)
    assert list(tmp_path.iterdir()) == []


def test_it_reads_nothing_and_writes_no_other_format(tmp_path: Path) -> None:
    iio.imwrite(tmp_path / "a.gif", FRAMES[0], plugin="ssimgif", **QUICK)
    with pytest.raises(OSError, match="can not handle") as caught:
        iio.imread(tmp_path / "a.gif", plugin="ssimgif")
    assert "reads none" in str(caught.value.__cause__)
    with pytest.raises(OSError, match="can not handle"):
        iio.imwrite(tmp_path / "a.png", FRAMES[0], plugin="ssimgif")


def test_other_formats_are_written_by_imageio_as_before(tmp_path: Path) -> None:
    iio.imwrite(tmp_path / "a.png", FRAMES[0])
    np.testing.assert_array_equal(iio.imread(tmp_path / "a.png"), FRAMES[0])
    with iio.imopen(tmp_path / "a.gif", "w") as file:
        assert not isinstance(file, ssimgif_imageio.SsimGifPlugin)
