"""Pixels that aren't square, and fields, become pictures of square pixels and whole frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from reference import bmff
from ssimgif.model import U8
from ssimgif.sources import open_clip


def write(path: Path, frames: U8, aspect: Fraction = Fraction(1), **options: str) -> Path:
    """Write H.264 at 25 frames a second; interlaced where the options say so."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def ramp(frames: int = 4, height: int = 48, width: int = 64) -> U8:
    """Return frames that get lighter from left to right, u8[n, h, w, 3]."""
    level = np.linspace(20, 235, width).astype(np.uint8)
    return np.broadcast_to(level[None, None, :, None], (frames, height, width, 3)).copy()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize(
    ("aspect", "width"), [("2", 128), ("64/45", 91), ("8/9", 57), ("1", 64), ("16/15", 68)]
)
def test_pixels_are_made_square(tmp_path: Path, suffix: str, aspect: str, width: int) -> None:
    clip = open_clip(write(tmp_path / f"a{suffix}", ramp(), Fraction(aspect)))
    assert (clip.width, clip.height) == (width, 48)
    for frame in clip.frames():
        assert frame.pixels.shape == (48, width, 4)
        grey = frame.pixels[24, :, 1].astype(int)
        assert np.abs(grey - np.linspace(20, 235, width)).max() < 10
    said = [note for note in clip.notes if f"scaled to {width}x48" in note]
    assert len(said) == (aspect != "1")


def test_a_crop_is_one_of_coded_pixels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", ramp(), Fraction(2))
    crop = bmff.box("clap", bmff.u32(32, 1, 48, 1, -16, 1, 0, 1))
    entry = ("moov", "trak", "mdia", "minf", "stbl", "stsd", "avc1")
    data = bmff.add(path.read_bytes(), entry, crop)
    path.write_bytes(data)
    clip = open_clip(path)
    assert (clip.width, clip.height) == (64, 48)
    # The left half of the ramp.
    grey = next(clip.frames()).pixels[24, :, 1].astype(int)
    assert np.abs(grey - np.linspace(20, 127, 64)).max() < 10


def test_a_turned_picture_is_made_higher(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", ramp(), Fraction(2))
    path.write_bytes(bmff.set_matrix(path.read_bytes(), 0, 1, -1, 0))
    clip = open_clip(path)
    assert (clip.width, clip.height) == (48, 128)
    grey = next(clip.frames()).pixels[:, 24, 1].astype(int)
    assert np.abs(grey - np.linspace(20, 235, 128)).max() < 10


def combed(frames: int = 8) -> U8:
    """Return a bar that moves 4 pixels a field, even rows first, u8[n, 64, 96, 3]."""
    clip = np.full((frames, 64, 96, 3), 40, np.uint8)
    for number, frame in enumerate(clip):
        for field in range(2):
            left = 4 + 4 * (2 * number + field)
            frame[field::2, left : left + 16] = 220
    return clip


def combing(pixels: U8) -> float:
    """Return how much rows differ from the mean of those above and below, in levels."""
    grey = pixels[..., 1].astype(np.float64)
    return float(np.abs(grey[1:-1] - (grey[:-2] + grey[2:]) / 2).mean())


def test_fields_are_joined(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", combed(), **{"x264-params": "interlaced=1:tff=1", "crf": "10"})
    clip = open_clip(path)
    frames = list(clip.frames())
    assert len(frames) == 8
    assert {frame.duration for frame in frames} == {Fraction(1, 25)}
    assert any(note.startswith("interlaced: ") for note in clip.notes)
    woven = np.mean([combing(frame) for frame in combed()])
    assert np.mean([combing(frame.pixels) for frame in frames]) < woven / 4
    # Each frame shows its own time.
    for number, frame in enumerate(frames[1:-1], 1):
        bar = np.flatnonzero(frame.pixels[32, :, 1] > 150)
        assert abs(bar.mean() - (4 + 8 * number + 7.5)) <= 5


def test_progressive_frames_stay_as_they_are(tmp_path: Path) -> None:
    clip = open_clip(write(tmp_path / "a.mp4", combed(), crf="10"))
    assert not list(clip.notes)
    frames = [combing(frame.pixels) for frame in clip.frames()]
    assert np.mean(frames) > np.mean([combing(frame) for frame in combed()]) / 2
