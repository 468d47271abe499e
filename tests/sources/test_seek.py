"""A piece of a video is found without reading, or converting, what lies before it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import ssimgif
from reference import media
from ssimgif.errors import SourceError
from ssimgif.model import U8, Frame, Seekable
from ssimgif.sources import open_clip, pixels
from ssimgif.sources.edit import trim


def counting(frames: int = 60) -> U8:
    """Return frames whose brightness tells their number, u8[n, 32, 48, 3]."""
    levels = 20 + 3 * np.arange(frames, dtype=np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (frames, 32, 48, 3)).copy()


@pytest.fixture(scope="module", params=["a.mp4", "a.mkv", "a.ts", "a.avi", "a.webm", "a.h264"])
def video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / request.param
    codec = "libvpx-vp9" if path.suffix == ".webm" else "libx264"
    base = Fraction(1, 25) if path.suffix == ".avi" else Fraction(1, 1000)
    times = [i * (1 if base == Fraction(1, 25) else 40) for i in range(60)]
    return media.write_video(path, counting(), codec, "yuv420p", times, base, g="12", bf="2")


def content(frames: list[Frame]) -> list[tuple[Fraction, bytes]]:
    return [(frame.duration, frame.pixels.tobytes()) for frame in frames]


@pytest.mark.parametrize(
    ("start", "end"), [("0", "0.1"), ("1", "1.5"), ("0.99", "1.01"), ("2.2", None), ("1.31", "2")]
)
def test_a_piece_is_what_reading_from_the_start_gives(
    video: Path, start: str, end: str | None
) -> None:
    clip = open_clip(video)
    assert isinstance(clip.open_frames, Seekable)
    plain = replace(clip, open_frames=clip.frames)
    piece = Fraction(start), None if end is None else Fraction(end)
    found = content(list(trim(clip, *piece).frames()))
    assert found == content(list(trim(plain, *piece).frames()))
    assert found


def test_what_lies_before_is_not_converted(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = open_clip(video)
    converted = []
    monkeypatch.setattr(
        pixels, "to_srgb", lambda *a, to=pixels.to_srgb: converted.append(1) or to(*a)
    )
    assert isinstance(clip.open_frames, Seekable)
    begins, frames = clip.open_frames.at(Fraction(2))
    assert begins == Fraction(2)
    assert len(list(frames)) == len(converted) == 10


def test_nothing_is_left_behind_the_end(video: Path) -> None:
    with pytest.raises(SourceError, match=r"lasts 2\.4 s: nothing is left from 7 s"):
        trim(open_clip(video), Fraction(7))


def test_frames_that_are_kept_are_counted(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.mp4", counting(), "libx264", "yuv420p", g="12")
    settings = ssimgif.Settings(ssim=0.5, effort=1, max_frames=20)
    with pytest.raises(SourceError, match="more than 20 frames"):
        ssimgif.convert(path, tmp_path / "a.gif", settings)
    piece = replace(settings, start=Fraction(1), end=Fraction("1.6"))
    assert ssimgif.convert(path, tmp_path / "a.gif", piece).frames_source == 15
    with pytest.raises(SourceError, match="more than 20 frames"):
        ssimgif.convert(path, tmp_path / "a.gif", replace(settings, end=Fraction(1)))
