"""What we write looks the same, for the same time, in FFmpeg and gifsicle as in Pillow."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

import ssimgif
from conftest import moving_box
from ssimgif.model import U8, Disposal

pytestmark = pytest.mark.host

HEIGHT, WIDTH = 48, 64
Film = tuple[list[U8], list[int]]


def moving_hole() -> U8:
    """Return a disc with a hole, moving over nothing: u8[n, h, w, 4]."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    frames = np.zeros((6, HEIGHT, WIDTH, 4), np.uint8)
    frames[..., 0], frames[..., 1], frames[..., 2] = 4 * x, 5 * y, 90
    for i, frame in enumerate(frames):
        distance = np.hypot(y - 24, x - 14 - 7 * i)
        frame[..., 3] = np.where((distance < 13) & (distance > 5), 255, 0)
    return frames


def two_scenes() -> U8:
    """Return three frames of fine reds, then three of fine blues: u8[n, h, w, 3]."""
    red = moving_box(3)
    red[..., 1:] //= 8
    blue = moving_box(3)[:, ::-1, ::-1, ::-1].copy()
    blue[..., :2] //= 8
    return np.concatenate([red, blue])


CLIPS: dict[str, tuple[Callable[[], U8], float]] = {
    "opaque": (moving_box, 0.1),
    "transparent": (moving_hole, 0.07),
    "held": (lambda: np.repeat(moving_box(3), 4, axis=0), 1 / 24),
    "two tables": (two_scenes, 0.05),
}


@pytest.fixture(scope="module", params=CLIPS)
def gif(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    make, duration = CLIPS[request.param]
    clip = ssimgif.Clip.from_frames(make(), duration)
    path = tmp_path_factory.mktemp("gifs") / f"{request.param.split()[0]}.gif"
    path.write_bytes(ssimgif.encode(clip, ssimgif.Settings(effort=1, colors=64)).data)
    return path


def by_pillow(path: Path) -> Film:
    """Return pictures u8[h, w, 4] and delays in milliseconds."""
    with Image.open(path) as image:
        frames = [
            (np.asarray(frame.convert("RGBA")), int(frame.info["duration"]))
            for frame in ImageSequence.Iterator(image)
        ]
    return [pixels for pixels, _ in frames], [delay for _, delay in frames]


def by_ffmpeg(path: Path, ffmpeg: str, ffprobe: str) -> Film:
    command = [ffmpeg, "-v", "error", "-i", path, "-fps_mode", "passthrough"]
    raw = output(*command, "-f", "rawvideo", "-pix_fmt", "rgba", "-")
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, 4)
    durations = output(
        ffprobe, "-v", "error", "-show_entries", "packet=duration", "-of", "csv=p=0", path
    )
    return list(pictures), [10 * int(line.strip(b",")) for line in durations.split()]


def output(*command: str | Path) -> bytes:
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def assert_same(found: Film, expected: Film) -> None:
    assert found[1] == expected[1]
    for ours, theirs in zip(expected[0], found[0], strict=True):
        assert np.array_equal(theirs[..., 3], ours[..., 3])
        assert np.array_equal(theirs[ours[..., 3] > 0], ours[ours[..., 3] > 0])


def test_ffmpeg_shows_the_same(gif: Path, host: Callable[[str], str]) -> None:
    assert_same(by_ffmpeg(gif, host("ffmpeg"), host("ffprobe")), by_pillow(gif))


def test_gifsicle_shows_the_same(gif: Path, host: Callable[[str], str]) -> None:
    flat = gif.with_suffix(".flat")
    output(host("gifsicle"), "--unoptimize", gif, "-o", flat)
    assert_same(by_pillow(flat), by_pillow(gif))


def test_gifsicle_finds_no_fault(gif: Path, host: Callable[[str], str]) -> None:
    done = subprocess.run(
        [host("gifsicle"), "--info", gif], capture_output=True, check=True, timeout=60
    )
    assert done.stderr == b""
    assert gif.stem != "two" or b"local color table" in done.stdout


def test_the_clips_have_what_they_are_meant_to_test(gif: Path) -> None:
    with Image.open(gif) as image:
        methods = {getattr(frame, "disposal_method", 0) for frame in ImageSequence.Iterator(image)}
    _, delays = by_pillow(gif)
    assert (Disposal.BACKGROUND in methods) == (gif.stem == "transparent")
    assert (len(delays), sum(delays)) == (3, 500) if gif.stem == "held" else len(delays) == 6
