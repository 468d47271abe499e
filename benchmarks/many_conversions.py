"""Memory of one process that converts many clips with the Python interface.

Usage: ``python benchmarks/many_conversions.py [--count 2000]``. Prints the resident size, in MB, as
it goes, and at last how much it grew in the second half.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
from pathlib import Path

import ssimgif
from batch_files import make_files

STEPS = 20


def main() -> None:
    """Convert small files over and over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    count = parser.parse_args().count
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        make_files(Path(folder) / "in", 50, seed=1, broken=0.1)
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        settings = ssimgif.Settings(effort=1)
        for number in range(count):
            with contextlib.suppress(ssimgif.SsimGifError):
                ssimgif.convert(files[number % len(files)], f"{folder}/out.gif", settings)
            if (number + 1) % max(1, count // STEPS) == 0:
                sizes.append(resident())
                print(f"{number + 1} conversions: {sizes[-1]:.1f} MB", flush=True)
    print(f"growth in the second half: {sizes[-1] - sizes[len(sizes) // 2 - 1]:.1f} MB")


def resident() -> float:
    """Return the memory that this process holds, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
