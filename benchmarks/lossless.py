"""Bytes of GIFs kept without loss, beside gifsicle's, and whether Pillow shows the same.

usage: lossless.py [--gifsicle PROGRAM] FILE.gif...
"""

from __future__ import annotations

import argparse
import io
import math
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

import numpy as np

from ssimgif import Settings, convert
from ssimgif.gif import reader


def played(gif: Path | io.BytesIO) -> list[tuple[bytes, int]]:
    """Return what Pillow shows, as checksums, and for how long; equal pictures are one."""
    out: list[tuple[bytes, int]] = []
    for pixels, delay in reader.read(gif):
        look = sha256(np.where(pixels[..., 3:] != 0, pixels, 0).tobytes()).digest()
        if out and out[-1][0] == look:
            out[-1] = (look, out[-1][1] + delay)
        else:
            out.append((look, delay))
    return out


def optimised(program: str, gif: Path, folder: Path) -> int:
    """Return the bytes that gifsicle makes of a GIF."""
    out = folder / "gifsicle.gif"
    subprocess.run([program, "-O3", gif, "-o", out], check=True)
    return out.stat().st_size


def main() -> None:
    """Print a table and the geometric mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gifsicle", default="gifsicle")
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    ratios = []
    print("| GIF | source | gifsicle -O3 | --lossless | ratio | Pillow |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for path in options.files:
            theirs = optimised(options.gifsicle, path, Path(folder))
            gif = io.BytesIO()
            convert(path, gif, Settings(lossless=True))
            ours = len(gif.getvalue())
            ratios.append(ours / theirs)
            same = "same" if played(path) == played(gif) else "differs"
            sizes = f"{path.stat().st_size:,} | {theirs:,} | {ours:,}"
            print(f"| {path.stem} | {sizes} | {ratios[-1]:.3f} | {same} |", flush=True)
    print(f"\ngeometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.3f}")


if __name__ == "__main__":
    main()
