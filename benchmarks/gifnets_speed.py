"""CPU milliseconds of the networks' inference on one thread, for a picture of 480x270.

usage: python benchmarks/gifnets_speed.py [PICTURE]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import thread_time

import numpy as np
from PIL import Image

from ssimgif import Palette
from ssimgif_gifnets.banding_net import banding_net
from ssimgif_gifnets.strategies import dithered, palette_of

SIZE = (480, 270)
ROUNDS = 9


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median CPU time, once the kernels are compiled."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = thread_time()
        work()
        times.append(thread_time() - started)
    return 1000 * float(np.median(times))


def main(names: list[str]) -> None:
    """Print a table."""
    if names:
        with Image.open(Path(names[0])) as picture:
            pixels = np.array(picture.convert("RGB").resize(SIZE))
    else:
        y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
        smooth = np.stack([60 + x / 4, 40 + y / 2, 200 - x / 8], axis=2)
        noise = np.random.default_rng(1).normal(0, 6, smooth.shape)
        pixels = np.clip(smooth + noise, 0, 255).astype(np.uint8)
    print("| network | ms |\n| --- | --- |")
    for size in (16, 64, 256):
        taken = milliseconds(partial(palette_of, pixels, size))
        print(f"| PaletteNet, {size} colours | {taken:.1f} |")
    print(f"| BandingNet | {milliseconds(lambda: banding_net().score(pixels)):.1f} |")
    palette = Palette(palette_of(pixels, 64))
    strength = np.ones(pixels.shape[:2], np.float32)
    print(f"| DitherNet | {milliseconds(lambda: dithered(pixels, palette, strength)):.1f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
