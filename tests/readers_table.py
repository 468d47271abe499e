"""Compare our readers with independent ones on whole folders, and print a table.

usage: python tests/readers_table.py FILE-OR-FOLDER...

ffmpeg and ffprobe judge videos, APNG and stills, libavif's avifdec AVIF, ImageMagick GIF (whose
background ffmpeg fills) and the pages of TIFF. Every frame is compared at 32x32 pixels, on white. A
file that only one side reads is told, too.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ssimgif.errors import SsimGifError
from ssimgif.sources import open_clip

SIDE = 8
# Differences that neither rounding nor the enlargement of chroma explains: seconds, and levels.
MOST_SECONDS = 0.002
MOST_LEVELS = 4.0
# Browsers show GIF delays of 0 and 1 centisecond for 10.
SHORTEST_DELAY, DEFAULT_DELAY = 2, 10
PAGE_SECONDS = 0.1
# How the files begin that ImageMagick reads.
_BITMAPS = {b"GIF8": "gif", b"II*\0": "tiff", b"MM\0*": "tiff"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a file.

    Attributes
    ----------
    width, height : int
        Of the shown picture, pixels.
    seconds : tuple of float
        How long the frames last, in the ways that the reader can tell.
    pictures : f64[n, 8, 8, 3]
        Each frame on white, reduced.
    """

    width: int
    height: int
    seconds: tuple[float, ...]
    pictures: NDArray[np.float64]


class UnreadableError(Exception):
    """A file that a reader refuses; ``str()`` says why."""


def ours(path: Path) -> Reading:
    """Read by ssimgif."""
    try:
        clip = open_clip(path)
        frames = list(clip.frames())
    except SsimGifError as error:
        raise UnreadableError(str(error)) from None
    seconds = (float(sum(frame.duration for frame in frames)),)
    pictures = [reduced(Image.fromarray(frame.pixels)) for frame in frames]
    return Reading(clip.width, clip.height, seconds, np.array(pictures))


def by_ffmpeg(path: Path) -> Reading:
    """Read by ffmpeg and ffprobe."""
    stream_keys = "pix_fmt,width,height,sample_aspect_ratio,color_primaries,color_space"
    stream_keys += ",duration,r_frame_rate"
    frame_keys = "best_effort_timestamp_time,duration_time,pkt_duration_time,interlaced_frame"
    told = json.loads(
        output("ffprobe", "-v", "error", "-select_streams", "v:0", "-of", "json")(
            "-show_entries", f"stream={stream_keys}:frame={frame_keys}", path
        )
    )
    if not told.get("frames"):
        raise UnreadableError("ffprobe finds no frame")
    stream = told["streams"][0]
    across, _, down = stream.get("sample_aspect_ratio", "1:1").partition(":")
    aspect = int(across) / int(down) if across not in {"0", "N/A"} else 1.0
    stream["interlaced"] = any(frame.get("interlaced_frame") == 1 for frame in told["frames"])
    pictures = np.array(list(_by_ffmpeg(path, stream)))
    size = round(stream["width"] * aspect), stream["height"]
    return Reading(*size, _seconds(told["frames"], stream), pictures)


def _by_ffmpeg(path: Path, stream: dict[str, Any]) -> Iterator[NDArray[np.float64]]:
    """Yield each frame on white, reduced."""
    filters = "scale=flags=accurate_rnd+full_chroma_int,format=rgba"
    if re.fullmatch(r"yuva?4[12]\d?[01]p", stream.get("pix_fmt", "")):
        # Chroma is smoothed as it is enlarged, which this scaler does for planes alone.
        full = re.sub(r"4[12]\d?[01]p", "444p", stream["pix_fmt"])
        filters = f"scale=flags=accurate_rnd+bilinear,format={full},{filters}"
    if stream.get("color_primaries") in {"smpte432", "bt2020"}:
        # What the file does not state, ffmpeg takes for BT.601; video's transfer counts as sRGB's.
        given = f"iprimaries={stream['color_primaries']}:itrc=iec61966-2-1"
        given += f":ispace={stream.get('color_space', 'smpte170m')}"
        filters = f"colorspace=all=bt709:trc=iec61966-2-1:format=yuv444p:{given},{filters}"
    if stream["interlaced"]:
        filters = f"bwdif=mode=send_frame:deint=interlaced,{filters}"
    command = ["ffmpeg", "-v", "error", "-noautorotate", "-i", path, "-map", "0:v:0"]
    command += ["-vf", filters, "-vsync", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgba", "-"]
    shape = (stream["height"], stream["width"], 4)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        while len(data := running.stdout.read(math.prod(shape))) == math.prod(shape):
            yield reduced(Image.fromarray(np.frombuffer(data, np.uint8).reshape(shape)))


def _seconds(frames: list[dict[str, str]], stream: dict[str, str]) -> tuple[float, ...]:
    """Return the length by the frames' times, by their rate, and as the container states it."""
    times = [float(frame.get("best_effort_timestamp_time", "nan")) for frame in frames]
    last = frames[-1].get("duration_time") or frames[-1].get("pkt_duration_time") or "nan"
    rate = Fraction(stream["r_frame_rate"]) if stream["r_frame_rate"] != "0/0" else Fraction(0)
    found = [times[-1] - times[0] + float(last), float(stream.get("duration", "nan"))]
    found += [float(len(frames) / rate)] if rate else []
    return tuple(seconds for seconds in found if not math.isnan(seconds))


def by_avifdec(path: Path) -> Reading:
    """Read by libavif."""
    told = output("avifdec", "--info")(path).decode()
    size = re.search(r"Resolution\s*: (\d+)x(\d+)", told)
    assert size, told
    clock = re.search(r"timescales per second, [\d.]+ seconds \((\d+) timescales\), (\d+)", told)
    scale = re.search(r"(\d+) timescales per second", told)
    seconds = (int(clock[1]) / int(scale[1]),) if clock and scale else ()
    pictures = []
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "frame.png"
        for number in range(int(clock[2]) if clock else 1):
            output("avifdec", "--png-compress", "0", "--index", str(number))(path, picture)
            with Image.open(picture) as image:
                pictures.append(reduced(image))
    return Reading(int(size[1]), int(size[2]), seconds, np.array(pictures))


def _is_avif(path: Path) -> bool:
    head = _start(path)
    return head[4:8] == b"ftyp" and b"avi" in head[8:]


def by_imagemagick(path: Path) -> Reading:
    """Read by ImageMagick: GIF frames as they are shown, and the pages of a TIFF file."""
    kind = _BITMAPS[_start(path)[:4]]
    told = output("identify", "-quiet", "-format", "%w %h %W %H %T\n")(f"{kind}:{path}").decode()
    frames = [[int(number) for number in line.split()] for line in told.splitlines()]
    width, height = frames[0][2:4] if kind == "gif" else frames[0][:2]
    seconds, options = PAGE_SECONDS * len(frames), []
    if kind == "gif":
        delays = [frame[4] if frame[4] >= SHORTEST_DELAY else DEFAULT_DELAY for frame in frames]
        seconds, options = sum(delays) / 100, ["-alpha", "set", "-coalesce"]
    data = output("convert", "-quiet", f"{kind}:{path}")(*options, "-depth", "8", "rgba:-")
    if len(data) != 4 * height * width * len(frames):
        raise UnreadableError("ImageMagick's frames are not of one size")
    pixels = np.frombuffer(data, np.uint8).reshape(-1, height, width, 4)
    pictures = np.array([reduced(Image.fromarray(one)) for one in pixels])
    return Reading(width, height, (seconds,), pictures)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(32)


# The first judge that knows a file reads it; those of other formats go before the last line.
JUDGES: list[tuple[str, Callable[[Path], bool], Callable[[Path], Reading]]] = [
    ("avifdec", _is_avif, by_avifdec),
    ("magick", lambda path: _start(path)[:4] in _BITMAPS, by_imagemagick),
    ("ffmpeg", lambda path: True, by_ffmpeg),
]


def judge(path: Path) -> tuple[str, Reading]:
    """Return the independent reader of a file and what it makes of it."""
    name, _, read = next(one for one in JUDGES if one[1](path))
    return name, read(path)


def differences(found: Reading, expected: Reading) -> Iterator[str]:
    """Tell where two readings of a file differ."""
    if (found.width, found.height) != (expected.width, expected.height):
        yield f"size {found.width}x{found.height}, not {expected.width}x{expected.height}"
    if len(found.pictures) != len(expected.pictures):
        yield f"{len(found.pictures)} frames, not {len(expected.pictures)}"
    elif (levels := worst(found, expected)) > MOST_LEVELS:
        yield f"colours differ by {levels:.1f} levels"
    apart = [abs(found.seconds[0] - seconds) for seconds in expected.seconds]
    if len(found.pictures) > 1 and apart and min(apart) > MOST_SECONDS:
        yield f"{found.seconds[0]:.3f} s, not {expected.seconds[0]:.3f} s"


def worst(found: Reading, expected: Reading) -> float:
    """Return the mean difference of the frame that differs most, levels."""
    each = np.abs(found.pictures - expected.pictures).mean(axis=(1, 2, 3))
    return float(each.max())


def reduced(image: Image.Image) -> NDArray[np.float64]:
    """Return a picture at 8x8 on white, f64[8, 8, 3]."""
    small = image.convert("RGBA").resize((SIDE, SIDE), Image.Resampling.BOX)
    return on_white(np.asarray(small))


def on_white(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Composite straight alpha onto white."""
    alpha = pixels[..., 3:] / 255
    return np.asarray(pixels[..., :3] * alpha + 255 * (1 - alpha))


def output(*command: str | Path) -> Callable[..., bytes]:
    """Return a function that runs a program with more arguments and returns what it prints."""

    def run(*more: str | Path) -> bytes:
        done = subprocess.run([*command, *more], capture_output=True, check=False)
        if done.returncode:
            lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
            raise UnreadableError(lines[-1] if lines else f"exit code {done.returncode}")
        return done.stdout

    return run


def row(path: Path) -> tuple[str, str]:
    """Return the independent reader's name and the verdict on a file."""
    try:
        name, expected = judge(path)
    except UnreadableError as error:
        try:
            return "-", f"we alone: {len(ours(path).pictures)} frames ({error})"
        except UnreadableError:
            return "-", "refused by both"
    try:
        found = ours(path)
    except UnreadableError as error:
        return name, f"REFUSED: {error}"
    faults = "; ".join(differences(found, expected))
    return name, f"OTHERWISE: {faults}" if faults else f"same: {len(found.pictures)} frames"


def main(places: list[str]) -> int:
    """Print the table; return 1 where a reading differs."""
    files = [
        path
        for place in map(Path, places)
        for path in (sorted(place.rglob("*")) if place.is_dir() else [place])
        if path.is_file()
    ]
    wrong = 0
    for path in files:
        name, verdict = row(path)
        wrong += verdict.startswith(("OTHERWISE", "REFUSED"))
        print(f"{path!s:60} {name:8} {verdict}", flush=True)
    print(f"{len(files)} files, {wrong} read otherwise than by the independent reader")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
