"""Frames that are pushed one at a time become a GIF, whole or not at all."""

from __future__ import annotations

import io
import tracemalloc
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from conftest import moving_box, noise
from ssimgif import (
    Cancelled,
    Clip,
    FrameError,
    OutputError,
    Settings,
    SettingsError,
    SourceError,
    SsimGifError,
    TargetError,
    Writer,
    encode,
)

QUICK: dict[str, Any] = {"ssim": 0.9, "effort": 1}
FRAMES = moving_box(4)


def delays(path: Path) -> list[int]:
    with Image.open(path) as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(int(image.info["duration"]))
    return found


def test_pushed_frames_make_the_gif_of_the_whole_clip(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    with Writer(path, fps=12.5, loop=3, **QUICK) as writer:
        for frame in FRAMES:
            writer.add(frame)
    clip = Clip.from_frames(FRAMES, Fraction(2, 25), loop=3)
    whole = encode(clip, Settings(loop=3, **QUICK))
    assert path.read_bytes() == whole.data
    assert writer.report.bytes == len(whole.data)
    assert writer.report.source.name == "a.gif"
    assert delays(path) == [80] * 4


def test_each_frame_may_have_its_own_time(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    with Writer(path, duration=0.2, **QUICK) as writer:
        for frame, duration in zip(FRAMES, (0.5, None, Fraction(3, 10), 1), strict=True):
            writer.add(frame, duration)
    assert delays(path) == [500, 200, 300, 1000]


def test_a_stream_gets_the_gif_at_the_end() -> None:
    stream = io.BytesIO()
    writer = Writer(stream, **QUICK)
    writer.add(Image.fromarray(FRAMES[0]))
    assert stream.tell() == 0
    writer.close()
    writer.close()
    assert len(stream.getvalue()) == writer.report.bytes


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_in_the_block_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), Writer(tmp_path / "new.gif", **QUICK) as writer:
        writer.add(FRAMES[0])
        raise error
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError, match=r"new\.gif is not written yet"):
        print(writer.report)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (np.zeros((9, 9, 3), np.uint8), r"frame 2 of old\.gif is 9x9, but the first is 64x48"),
        (np.zeros((48, 64, 3)) + 7, "floats are 0 to 1"),
        (Image.new("RGB", (64, 47)), "is 64x47, but the first is 64x48"),
        (7, "is no picture, but of type int"),
    ],
)
def test_a_wrong_frame_leaves_an_existing_file_as_it_was(
    tmp_path: Path, frame: Any, sentence: str
) -> None:
    path = tmp_path / "old.gif"
    path.write_bytes(b"something else")
    with pytest.raises(FrameError, match=sentence), Writer(path, **QUICK) as writer:
        writer.add(FRAMES[0])
        writer.add(frame)
    assert path.read_bytes() == b"something else"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_cut_short_is_a_wrong_frame(tmp_path: Path) -> None:
    whole = io.BytesIO()
    Image.fromarray(noise(1)[0]).save(whole, "PNG")
    image = Image.open(io.BytesIO(whole.getvalue()[:2000]))
    with pytest.raises(FrameError, match="frame 1 of the GIF can't be used"):
        Writer(io.BytesIO()).add(image)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "La", "P", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"]
)
def test_images_of_any_mode_are_frames(mode: str) -> None:
    stream = io.BytesIO()
    black = Image.new("RGBA" if mode == "La" else "RGB", (20, 16))
    with Writer(stream, **QUICK) as writer:
        writer.add(black.convert("LA").convert(mode) if mode == "La" else black.convert(mode))
    with Image.open(stream) as shown:
        brightest = max(high for _, high in shown.convert("RGB").getextrema())
        transparent = shown.convert("RGBA").getextrema()[3][0] == 0
    assert brightest <= (mode == "LAB")  # whose steps of lightness are not those of sRGB
    assert transparent == (mode == "La")


def test_frames_stay_on_disk() -> None:
    frame = noise(1, 240, 320)[0]
    Writer(io.BytesIO()).add(frame)
    tracemalloc.start()
    writer = Writer(io.BytesIO())
    for _ in range(60):
        writer.add(frame)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    writer.discard()
    assert peak < 6 * 240 * 320 * 4


def test_what_a_frame_was_counts_not_what_it_became() -> None:
    made = []
    for spoiled in (False, True):
        stream, frames = io.BytesIO(), FRAMES.copy()
        with Writer(stream, **QUICK) as writer:
            for frame in frames:
                writer.add(frame)
                frame[:] = 0 if spoiled else frame
        made.append(stream.getvalue())
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"fps": 10, "duration": 0.1}, "give one of them"),
        ({"fps": 0}, "fps must be between"),
        ({"fps": "fast"}, "fps 'fast' is not a number"),
        ({"duration": 0}, "duration must be more than 0 seconds, not 0"),
        ({"duration": float("nan")}, "duration nan is not a number of seconds"),
        ({"duration": "long"}, "duration 'long' is not a number of seconds"),
        ({"qualty": 80}, "there is no setting named 'qualty'"),
        ({"effort": 10}, "effort must be between 1 and 9"),
    ],
)
def test_settings_are_checked_before_the_first_frame(
    tmp_path: Path, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Writer(tmp_path / "a.gif", **wrong)


def test_places_that_cannot_be_written_are_known_before_the_first_frame(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a directory"):
        Writer(tmp_path)
    with pytest.raises(OutputError, match="there is no directory"):
        Writer(tmp_path / "none" / "a.gif")


def test_no_frames_are_no_gif(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.gif has no frames"), Writer(tmp_path / "a.gif"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_limits_are_those_of_the_settings() -> None:
    with pytest.raises(SourceError, match="more than 1 frames"):
        writer = Writer(io.BytesIO(), max_frames=1)
        writer.add(FRAMES[0])
        writer.add(FRAMES[1])
    with pytest.raises(SourceError, match="over the limit of 100 pixels"):
        Writer(io.BytesIO(), max_pixels=100).add(FRAMES[0])


def test_a_closed_writer_says_so(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.gif", **QUICK) as writer:
        writer.add(FRAMES[0])
    with pytest.raises(OutputError, match=r"a\.gif is closed"):
        writer.add(FRAMES[0])


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"ssim": 0.99, "colors": 2, "strict": True}, TargetError),
        ({"progress": lambda step: False}, Cancelled),
    ],
)
def test_work_that_fails_or_is_stopped_writes_nothing(
    tmp_path: Path, options: dict[str, Any], error: type[SsimGifError]
) -> None:
    with pytest.raises(error), Writer(tmp_path / "a.gif", effort=1, **options) as writer:
        for frame in noise(2):
            writer.add(frame)
    assert list(tmp_path.iterdir()) == []
