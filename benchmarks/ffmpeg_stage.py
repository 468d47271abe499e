"""What the ffmpeg stage costs over the plain command, on the same frames.

    python benchmarks/ffmpeg_stage.py [CLIP] [--rounds N] [--settings NAME=VALUE:...]

Both are run in turn, each in a process of its own with kernels that were compiled before, and the
GIFs must be equal. CPU seconds (of the process and its threads) are less disturbed by other work
than seconds; the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

BUNNY = Path(__file__).parents[1] / "tests" / "data" / "bunny.avif"


def measured(command: list[str]) -> tuple[float, float]:
    """Run a command and return its seconds and its CPU seconds."""
    before, begun = os.times(), perf_counter()
    subprocess.run(command, check=True)
    after = os.times()
    cpu = after.children_user + after.children_system
    return perf_counter() - begun, cpu - before.children_user - before.children_system


def main() -> None:
    """Print a line a round, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", nargs="?", type=Path, default=BUNNY)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--settings", default="ssim=0.95:effort=3")
    arguments = parser.parse_args()
    ssimgif = [sys.executable, "-m", "ssimgif"]
    pairs = [pair.split("=", 1) for pair in arguments.settings.split(":")]
    options = [word for name, value in pairs for word in (f"--{name.replace('_', '-')}", value)]
    with tempfile.TemporaryDirectory() as folder:
        plain, stage = Path(folder) / "plain.gif", Path(folder) / "stage.gif"
        commands = {
            "plain": [*ssimgif, str(arguments.clip), str(plain), "--quiet", *options],
            "stage": [
                *ssimgif,
                "ffmpeg",
                "-v",
                "error",
                "-y",
                "-i",
                str(arguments.clip),
                "-vf",
                f"ssimgif={arguments.settings}",
                str(stage),
            ],
        }
        measured(commands["plain"])  # compiles the kernels
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(arguments.rounds):
            order = list(commands) if number % 2 == 0 else list(commands)[::-1]
            for name in order:
                found[name].append(measured(commands[name]))
            row = "  ".join(
                f"{n} {found[n][-1][0]:.2f} s {found[n][-1][1]:.2f} CPU s" for n in found
            )
            print(row, flush=True)
        same = plain.read_bytes() == stage.read_bytes()
    for index, what in enumerate(("seconds", "CPU seconds")):
        ratio = median(one[index] for one in found["stage"]) / median(
            one[index] for one in found["plain"]
        )
        print(f"{what}: stage / plain = {ratio:.3f}")
    print("the GIFs are equal" if same else "the GIFs differ")


if __name__ == "__main__":
    main()
