"""How much quicker a clip is converted that was converted before, or a copy of it.

usage: python benchmarks/cache_gain.py [--rounds N] [--crf N] CLIP ...

Each clip is converted with an empty cache, then again, and then a copy of it that FFmpeg's
libsvtav1 coded anew at another quality; the copy is also converted without the cache. All of it is
done in this process, with its kernels compiled, and seconds are medians of the rounds.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import tempfile
from fractions import Fraction
from pathlib import Path
from time import monotonic

import av
import numpy as np

import ssimgif
from ssimgif import Clip, Report, Settings

os.environ.setdefault("SVT_LOG", "1")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--crf", type=int, default=40)
    given = parser.parse_args()
    print("| clip | empty | again | gain | copy, empty | copy | gain | copy's bytes |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        timed(Path(__file__).parents[1] / "tests" / "data" / "made-gray.avif", no_cache=True)
        for clip in given.clips:
            print(row(clip, Path(name), given.rounds, given.crf), flush=True)


def row(source: Path, folder: Path, rounds: int, crf: int) -> str:
    """Measure one clip."""
    copy = folder / f"{source.stem}-copy.avif"
    write_copy(ssimgif.open_clip(source), copy, crf)
    seconds: dict[str, list[float]] = {kind: [] for kind in ("empty", "again", "cold", "copy")}
    sizes: dict[str, int] = {}
    for number in range(rounds):
        os.environ["XDG_CACHE_HOME"] = str(folder / f"{source.stem}-{number}")
        for kind, path, no_cache in (
            ("empty", source, False),
            ("again", source, False),
            ("copy", copy, False),
            ("cold", copy, True),
        ):
            took, report = timed(path, no_cache)
            seconds[kind].append(took)
            sizes[kind] = report.bytes
    empty, again, cold, near = (statistics.median(times) for times in seconds.values())
    return (
        f"| {source.stem} | {empty:.2f} s | {again:.2f} s | {empty / again:.2f} |"
        f" {cold:.2f} s | {near:.2f} s | {cold / near:.2f} |"
        f" {100 * (sizes['copy'] / sizes['cold'] - 1):+.1f} % |"
    )


def timed(source: Path, no_cache: bool) -> tuple[float, Report]:
    """Convert a clip; return the seconds and the report."""
    started = monotonic()
    report = ssimgif.convert(source, io.BytesIO(), Settings(no_cache=no_cache))
    return monotonic() - started, report


def write_copy(clip: Clip, path: Path, crf: int) -> None:
    """Code a clip anew, as an animated AVIF."""
    base = Fraction(1, 1000)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libsvtav1", rate=25, options={"crf": str(crf)})
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "yuv420p"
        stream.codec_context.time_base = base
        begin = Fraction(0)
        for one in clip.frames():
            pixels = np.ascontiguousarray(one.pixels[..., :3])
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = round(begin / base), base
            container.mux(stream.encode(frame))
            begin += one.duration
        container.mux(stream.encode(None))


if __name__ == "__main__":
    main()
