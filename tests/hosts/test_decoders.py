"""What we write looks the same, for the same time, in five decoders.

Pillow, FFmpeg, gifsicle, ImageMagick and Chromium.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageSequence

import ssimgif
from conftest import moving_box
from ssimgif.model import U8, Disposal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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


def real() -> U8:
    """Return a part of the clip that comes with the repository: u8[n, h, w, 3]."""
    options = {"fps": None, "max_frames": 1000, "max_pixels": 10**6}
    clip = ssimgif.open_clip(Path(__file__).parents[1] / "data" / "bunny.avif", options)
    frames = [frame.pixels[90:138, 120:184, :3] for frame in clip.frames()]
    return np.stack(frames[:12])


CLIPS: dict[str, tuple[Callable[[], U8], float | list[float]]] = {
    "real": (real, 0.08),
    "opaque": (moving_box, [0.1, 0.02, 0.5, 0.07, 0.3, 0.1]),
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


@pytest.fixture(scope="module", params=["opaque", "transparent"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a GIF without loss; ``source.gif`` beside it is what it was made of, by Pillow."""
    make, _ = CLIPS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    first, *others = (Image.fromarray(pixels) for pixels in make())
    times = {"duration": 70, "loop": 0, "disposal": 2}
    first.save(folder / "source.gif", save_all=True, append_images=others, **times)
    ssimgif.convert(folder / "source.gif", folder / "kept.gif", ssimgif.Settings(lossless=True))
    return folder / "kept.gif"


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


def test_imagemagick_shows_the_same(gif: Path, host: Callable[[str], str]) -> None:
    convert = host("convert")
    raw = output(convert, gif, "-coalesce", "-depth", "8", "rgba:-")
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, 4)
    delays = output(convert, gif, "-format", "%T ", "info:-").split()
    assert_same((list(pictures), [10 * int(delay) for delay in delays]), by_pillow(gif))


DECODE = """async data => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const decoder = new ImageDecoder({ data: bytes, type: "image/gif" });
  await decoder.tracks.ready;
  await decoder.completed;
  const frames = [];
  for (let i = 0; i < decoder.tracks.selectedTrack.frameCount; i++) {
    const { image } = await decoder.decode({ frameIndex: i });
    const pixels = new Uint8Array(image.allocationSize({ format: "RGBA" }));
    await image.copyTo(pixels, { format: "RGBA" });
    frames.push([btoa(String.fromCharCode(...pixels)), image.duration / 1000]);
    image.close();
  }
  return JSON.stringify(frames);
}"""


@cache
def secure_page(chromium: Browser) -> Page:
    """Open a page in which WebCodecs work, once."""
    page = chromium.new_page()
    page.goto("chrome://version")
    return page


def by_chromium(gif: Path, chromium: Browser) -> Film:
    data = base64.b64encode(gif.read_bytes()).decode()
    frames = json.loads(secure_page(chromium).evaluate(DECODE, data))
    pictures = [
        np.frombuffer(base64.b64decode(data), np.uint8).reshape(HEIGHT, WIDTH, 4)
        for data, _ in frames
    ]
    return pictures, [round(delay) for _, delay in frames]


def test_chromium_shows_the_same(gif: Path, chromium: Browser) -> None:
    assert_same(by_chromium(gif, chromium), by_pillow(gif))


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
    assert len(delays) == {"held": 3, "real": 12}.get(gif.stem, 6)
    assert gif.stem != "held" or sum(delays) == 500


def test_pillow_and_ffmpeg_show_what_is_kept_without_loss(
    kept: Path, host: Callable[[str], str]
) -> None:
    source = by_pillow(kept.with_name("source.gif"))
    assert_same(by_pillow(kept), source)
    assert_same(by_ffmpeg(kept, host("ffmpeg"), host("ffprobe")), source)


def test_chromium_shows_what_is_kept_without_loss(kept: Path, chromium: Browser) -> None:
    assert_same(by_chromium(kept, chromium), by_pillow(kept.with_name("source.gif")))
