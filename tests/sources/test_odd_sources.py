"""Odd sources through the whole conversion: frames, times, plays, alpha, orientation, colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

import ssimgif
from conftest import DATA, moving_box
from reference import media
from ssimgif.model import U8
from ssimgif.sources import open_clip

HEIGHT, WIDTH = 40, 56


@dataclass(frozen=True)
class Gif:
    """What Pillow sees: pictures u8[h, w, 4], delays in ms, number of plays (0: for ever)."""

    pictures: list[U8]
    delays: list[int]
    plays: int

    def at(self, milliseconds: float) -> U8:
        """Return the picture on screen."""
        ends = list(accumulate(self.delays))
        return self.pictures[next(i for i, end in enumerate(ends) if milliseconds < end)]


def converted(source: Path, folder: Path, reachable: bool = True, **settings: Any) -> Gif:
    """Convert; ``reachable`` tells whether a GIF can meet the target."""
    choices = ssimgif.Settings(effort=1, jobs=1, **settings)
    report = ssimgif.convert(source, folder / "out.gif", choices)
    assert report.valid == reachable, report.shortfalls
    with Image.open(folder / "out.gif") as image:
        frames = [
            (np.asarray(frame.convert("RGBA")), int(frame.info.get("duration", 0)))
            for frame in ImageSequence.Iterator(image)
        ]
        repeats = image.info.get("loop")
    plays = 1 if repeats is None else repeats and repeats + 1
    return Gif([pixels for pixels, _ in frames], [delay for _, delay in frames], plays)


def first_frame(path: Path) -> U8:
    """FFmpeg's own picture of the first frame, neither turned nor tone-mapped: u8[h, w, 3]."""
    with av.open(str(path)) as container:
        stream = max(container.streams.video, key=lambda each: each.frames)
        return next(container.decode(stream)).to_ndarray(format="rgb24")


def difference(found: U8, expected: U8) -> float:
    """Mean difference of levels."""
    return float(np.abs(found[..., :3].astype(int) - expected[..., :3]).mean())


@pytest.mark.parametrize(
    ("file", "turned", "frames", "milliseconds"),
    [
        ("made-16x16.avif", np.asarray, 10, 400),
        ("made-odd-161x91.avif", np.asarray, 4, 160),
        ("made-444-fullrange.avif", np.asarray, 4, 160),
        ("made-bt601-limited.avif", np.asarray, 4, 160),
        ("made-gray.avif", np.asarray, 4, 160),
        ("made-irot1.avif", np.rot90, 2, 200),
        ("made-imir0.avif", np.flipud, 2, 200),
    ],
)
def test_avif_is_shown_as_its_boxes_say(
    tmp_path: Path, file: str, turned: Callable[[U8], U8], frames: int, milliseconds: int
) -> None:
    gif = converted(DATA / file, tmp_path, end=Fraction(milliseconds, 1000))
    expected = turned(first_frame(DATA / file))
    assert gif.pictures[0].shape[:2] == expected.shape[:2]
    assert difference(gif.pictures[0], expected) < 8
    assert len(gif.pictures) <= frames
    assert sum(gif.delays) == milliseconds
    assert gif.plays == 0
    if "gray" in file:
        assert all((p[..., 0] == p[..., 1]).all() for p in gif.pictures)


@pytest.mark.parametrize("file", ["made-pq10.avif", "made-hlg10.avif"])
def test_high_dynamic_range_keeps_light_and_shade(tmp_path: Path, file: str) -> None:
    gif = converted(DATA / file, tmp_path, width=120, end=Fraction(1, 10))
    luma = gif.pictures[0][..., :3] @ (0.299, 0.587, 0.114)
    assert np.percentile(luma, 2) < 30
    assert np.percentile(luma, 98) > 200


def test_variable_times_are_kept_to_a_centisecond(tmp_path: Path) -> None:
    source = DATA / "made-vfr.avif"
    gif = converted(source, tmp_path, width=96, quality=0.0)
    wanted = [float(1000 * t) for t in accumulate(f.duration for f in open_clip(source).frames())]
    found = list(accumulate(gif.delays))
    assert abs(found[-1] - wanted[-1]) <= 10
    assert all(min(abs(end - other) for other in wanted) <= 10 for end in found)
    assert len(found) >= 20


@pytest.mark.parametrize(
    ("suffix", "written", "plays"),
    [
        (".gif", None, 1),
        (".gif", 0, 0),
        (".gif", 2, 3),
        (".png", 0, 0),
        (".png", 2, 2),
        (".webp", 2, 2),
    ],
)
def test_plays_and_times_of_other_animations(
    tmp_path: Path, suffix: str, written: int | None, plays: int
) -> None:
    durations = [50, 20, 330, 100, 70, 1000]
    options = {} if written is None else {"loop": written}
    frames = moving_box(6, HEIGHT, WIDTH)
    source = media.write_pictures(tmp_path / f"in{suffix}", frames, durations, **options)
    gif = converted(source, tmp_path)
    assert (gif.delays, gif.plays) == (durations, plays)


@pytest.mark.parametrize("plays", [0, 1, 4])
def test_plays_may_be_set(tmp_path: Path, plays: int) -> None:
    frames = moving_box(2, HEIGHT, WIDTH)
    source = media.write_pictures(tmp_path / "in.png", frames, [100, 100], loop=3)
    assert converted(source, tmp_path, loop=plays).plays == plays


def test_frames_that_come_too_fast_are_left_out_without_drift(tmp_path: Path) -> None:
    frames, starts = moving_box(10, HEIGHT, WIDTH), [8 * i for i in range(10)]
    source = media.write_video(tmp_path / "in.mkv", frames, "ffv1", "bgr0", starts)
    gif = converted(source, tmp_path, reachable=False)
    assert min(gif.delays) >= 20
    length = float(1000 * sum(frame.duration for frame in open_clip(source).frames()))
    assert abs(sum(gif.delays) - length) <= 10


def disc(frames: int = 4) -> U8:
    """Return a red disc with soft edges that moves over transparent green: u8[n, h, w, 4]."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    out = np.zeros((frames, HEIGHT, WIDTH, 4), np.uint8)
    out[..., :3] = 0, 255, 0
    for i, frame in enumerate(out):
        alpha = (12.5 - np.hypot(y - 20, x - 16 - 7 * i)).clip(0, 1)
        frame[alpha > 0, :3] = 210, 30, 40
        frame[..., 3] = np.rint(255 * alpha)
    return out


@pytest.mark.parametrize("suffix", [".png", ".webp", ".avif"])
def test_alpha_is_kept_without_a_halo(tmp_path: Path, suffix: str) -> None:
    options = {".webp": {"lossless": True}, ".avif": {"quality": 95, "subsampling": "4:4:4"}}
    source = media.write_pictures(
        tmp_path / f"in{suffix}", disc(), [100] * 4, **options.get(suffix, {})
    )
    gif = converted(source, tmp_path)
    assert len(gif.pictures) == 4
    for shown, meant in zip(gif.pictures, disc(), strict=True):
        opaque = shown[..., 3] == 255
        assert (opaque != (meant[..., 3] >= 128)).mean() < 0.01
        assert shown[opaque, 1].max() < 110, "no green shines through"
        assert shown[opaque, 0].min() > 150


def test_alpha_is_flattened_onto_a_background(tmp_path: Path) -> None:
    source = media.write_pictures(tmp_path / "in.png", disc(), [100] * 4)
    gif = converted(source, tmp_path, background=(20, 60, 200))
    for shown, meant in zip(gif.pictures, disc(), strict=True):
        assert (shown[..., 3] == 255).all()
        share = meant[..., 3:] / 255
        expected = meant[..., :3] * share + np.array((20, 60, 200)) * (1 - share)
        assert difference(shown, expected.astype(np.uint8)) < 4


def test_a_transparent_clip_may_pause(tmp_path: Path) -> None:
    frames = np.repeat(disc(), 3, axis=0)
    source = media.write_pictures(tmp_path / "in.webp", frames, [50] * 12, lossless=True)
    gif = converted(source, tmp_path, fps=Fraction(20))
    for number, meant in enumerate(frames):
        shown = gif.at(50 * number + 25)
        assert ((shown[..., 3] == 255) != (meant[..., 3] >= 128)).mean() < 0.01


def test_frames_left_out_do_not_hide_a_change(tmp_path: Path) -> None:
    source = media.write_pictures(tmp_path / "in.png", moving_box(6, HEIGHT, WIDTH), [60] * 6)
    gif = converted(source, tmp_path, fps=Fraction(1000))
    for number, meant in enumerate(moving_box(6, HEIGHT, WIDTH)):
        assert difference(gif.at(60 * number + 30), meant) < 12


def test_scenes_with_transparency_may_share_a_palette(tmp_path: Path) -> None:
    frames = np.concatenate([disc(2), disc(2)[:, ::-1, ::-1]])
    frames[2:, ..., :3] = frames[2:, ..., 2::-1]
    frames[2:, :20] = 240, 240, 240, 255
    source = media.write_pictures(tmp_path / "in.png", frames, [100] * 4)
    gif = converted(source, tmp_path)
    for shown, meant in zip(gif.pictures, frames, strict=True):
        assert ((shown[..., 3] == 255) != (meant[..., 3] >= 128)).mean() < 0.01


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".avif", ".gif"])
def test_a_still_image_is_a_still_gif(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(moving_box(1, HEIGHT, WIDTH)[0]).save(tmp_path / f"in{suffix}")
    gif = converted(tmp_path / f"in{suffix}", tmp_path)
    assert (len(gif.pictures), gif.plays) == (1, 1)
    assert difference(gif.pictures[0], moving_box(1, HEIGHT, WIDTH)[0]) < 12


def test_a_nearly_transparent_clip_is_a_gif_all_the_same(tmp_path: Path) -> None:
    frames = disc(3)
    frames[..., 3] //= 8
    source = media.write_pictures(tmp_path / "in.png", frames, [100] * 3)
    gif = converted(source, tmp_path)
    assert not any(picture[..., 3].any() for picture in gif.pictures)
    assert sum(gif.delays) == 300
