"""How near the local page's predictions come to the sizes of the finished GIFs.

usage: python benchmarks/predict.py CLIP ...
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import ssimgif
from ssimgif_web.preview import Previewer


def main(names: list[str]) -> None:
    """Print a table."""
    print("| clip | bytes | at once | before long ones |\n| --- | --- | --- | --- |")
    settings = ssimgif.Settings(no_cache=True)
    for path in map(Path, names):
        previewer = Previewer()
        sizes = [
            previewer.preview(path, path.name, settings, fine, lambda _: None).predicted_bytes
            for fine in (False, True)
        ]
        real = ssimgif.convert(path, io.BytesIO(), settings).bytes
        cells = ["unknown" if n is None else f"{100 * (n / real - 1):+.0f} %" for n in sizes]
        print(f"| {path.stem} | {real:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
