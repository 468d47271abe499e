"""How much quicker a clip is converted that was converted before, and to how many bytes.

usage: python benchmarks/cache_gain.py [--rounds N] CLIP ...

Each clip is converted with an empty cache, then again. All of it is done in this process, with its
kernels compiled; CPU seconds of all threads are medians of the rounds.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import tempfile
from pathlib import Path
from time import process_time

import ssimgif
from ssimgif import Report, Settings

WARMING = Path(__file__).parents[1] / "tests" / "data" / "made-gray.avif"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print("| clip | empty | again | gain | empty | again |")
    print("| --- | --- | --- | --- | --- | --- |")
    timed(WARMING, no_cache=True)
    for clip in given.clips:
        with tempfile.TemporaryDirectory() as name:
            print(row(clip, Path(name), given.rounds), flush=True)


def row(source: Path, folder: Path, rounds: int) -> str:
    """Measure one clip."""
    seconds: dict[str, list[float]] = {"empty": [], "again": []}
    sizes: dict[str, int] = {}
    for number in range(rounds):
        os.environ["XDG_CACHE_HOME"] = str(folder / str(number))
        for kind, times in seconds.items():
            took, report = timed(source)
            times.append(took)
            sizes[kind] = report.bytes
    empty, again = (statistics.median(times) for times in seconds.values())
    return (
        f"| {source.stem} | {empty:.1f} s | {again:.1f} s | {empty / again:.2f} |"
        f" {sizes['empty']:,} | {sizes['again']:,} |"
    )


def timed(source: Path, no_cache: bool = False) -> tuple[float, Report]:
    """Convert a clip; return the CPU seconds and the report."""
    started = process_time()
    report = ssimgif.convert(source, io.BytesIO(), Settings(no_cache=no_cache))
    return process_time() - started, report


if __name__ == "__main__":
    main()
