"""Seconds and peak memory of the command: ``make bench``, or ``run.py [CLIP...] [options]``.

Each clip is converted in a process of its own, with kernels that were compiled before. The clips
``terminal`` and ``1080p`` are made on the fly; any other word is a file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from time import perf_counter

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ssimgif.report import Report

ROOT = Path(__file__).parents[1]
BUNNY = ROOT / "tests" / "data" / "bunny.avif"
KILOBYTES = 1 if sys.platform == "darwin" else 1024

WORDS = ("build", "test", "pass", "warn", "error", "link", "object", "archive", "0x7f3a", "-O2")

Picture = NDArray[np.uint8]


def terminal(frames: int = 90) -> Iterator[Picture]:
    """Yield text scrolling through a terminal, u8[400, 640, 3]."""
    choose = np.random.default_rng(1)
    font = ImageFont.load_default(14)
    lines: list[str] = []
    for _ in range(frames):
        lines.append(" ".join(choose.choice(WORDS, choose.integers(3, 10))))
        picture = Image.new("RGB", (640, 400), (24, 24, 30))
        draw = ImageDraw.Draw(picture)
        for row, line in enumerate(lines[-22:]):
            color = (230, 90, 90) if "error" in line else (200, 210, 200)
            draw.text((8, 6 + 18 * row), f"$ {line}", fill=color, font=font)
        yield np.asarray(picture)


def full_hd(frames: int = 300) -> Iterator[Picture]:
    """Yield a camera gliding over a landscape of earth and leaves, u8[1080, 1920, 3]."""
    choose = np.random.default_rng(2)

    def smooth_noise(cell: int) -> NDArray[np.float32]:
        coarse = Image.fromarray(choose.random((1500 // cell, 2600 // cell), np.float32))
        return np.asarray(coarse.resize((2600, 1500), Image.Resampling.BICUBIC))

    light = sum(smooth_noise(cell) * np.sqrt(cell) for cell in (4, 16, 64, 250)) / 30.0
    kind = smooth_noise(250)[..., None]
    earth, leaves = np.array([200, 160, 120]), np.array([90, 150, 70])
    scene = light[..., None] * (kind * earth + (1 - kind) * leaves) * 1.4
    scene = scene.clip(0, 255).astype(np.uint8)
    for i in range(frames):
        yield np.ascontiguousarray(scene[i : i + 1080, 2 * i : 2 * i + 1920])


def write_video(path: Path, frames: Iterator[Picture], rate: int) -> None:
    """Write frames as H.264, fast and nearly without loss."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate))
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "12"}
        for picture in frames:
            if not stream.codec_context.is_open:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


MADE = {"terminal": (terminal, 15), "1080p": (full_hd, 25)}
# So many pixels would take too long at the default effort.
OWN_OPTIONS = {"1080p": ["--effort", "1"]}


def measure(
    name: str, folder: Path, options: list[str], frames: int | None = None
) -> dict[str, float | str]:
    """Convert one clip and return what it took; ``frames`` shortens the clips that are made."""
    source = Path(name)
    if name in MADE:
        pictures, rate = MADE[name]
        source = folder / f"{name}.mp4"
        write_video(source, islice(pictures(), frames), rate)
    options = [*OWN_OPTIONS.get(name, []), *options]
    out = folder / f"{source.stem}.gif"
    report_path = out.with_suffix(".json")
    line = [sys.executable, "-m", "ssimgif", str(source), str(out), "--quiet", *options]
    started = perf_counter()
    process = subprocess.Popen([*line, "--report", str(report_path)])
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - started
    if status:
        raise SystemExit(f"{name}: the command failed")
    report = Report.from_json(report_path.read_text(encoding="utf-8"))
    return {
        "clip": source.stem,
        "size": f"{report.source.width}x{report.source.height}",
        "frames": report.frames_source,
        "options": " ".join(options),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_megabytes": round(usage.ru_maxrss * KILOBYTES / 1e6),
        "bytes": report.bytes,
        "score": round(report.score, 4),
        "delta_e": round(report.delta_e_mean, 2),
    }


def table(rows: list[dict[str, float | str]]) -> str:
    """Return rows as Markdown."""
    names = list(rows[0])
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(str(row[name]) for name in names)} |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    """Measure the named clips and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", default=[str(BUNNY), *MADE], metavar="CLIP")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--options", default="", help="options of ssimgif, in one word")
    parser.add_argument("--frames", type=int, help="fewer frames of the clips that are made")
    arguments = parser.parse_args()
    subprocess.run([sys.executable, "-m", "ssimgif", "doctor", "--warm"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            measure(name, Path(folder), arguments.options.split(), arguments.frames)
            for name in arguments.clips
        ]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}\n\n{table(rows)}")
    if arguments.json:
        result = {"machine": machine, "options": arguments.options, "clips": rows}
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
