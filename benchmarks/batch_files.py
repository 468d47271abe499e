"""Many small files to try a batch with, some of them broken."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import ssimgif

DATA = Path(__file__).parents[1] / "tests" / "data"
SUFFIXES = (".avif", ".png", ".webp", ".gif")


@cache
def clips(size: int = 64) -> list[NDArray[np.uint8]]:
    """Return the frames of the clips that come with the repository, cut small: u8[n, h, w, 3]."""
    options = {"fps": None, "max_frames": 1000, "max_pixels": 10**7}
    found = []
    for name in ("bunny.avif", "made-444-fullrange.avif", "made-gray.avif"):
        clip = ssimgif.open_clip(DATA / name, options)
        found.append(np.stack([frame.pixels[::3, ::3, :3] for frame in clip.frames()]))
    return [frames for frames in found if min(frames.shape[1:3]) >= size // 2]


def make_files(folder: Path, count: int, seed: int, broken: float = 0.05) -> tuple[int, int]:
    """Write small animations, a share of them broken; return how many are sound and broken."""
    choose = random.Random(seed)
    sources = clips()
    bad = set(choose.sample(range(count), round(broken * count)))
    for number in range(count):
        path = folder / f"{number % 10}" / f"{number:05}{choose.choice(SUFFIXES)}"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, _cut(choose, sources))
        if number in bad:
            _break(choose, path)
    return count - len(bad), len(bad)


def _cut(choose: random.Random, sources: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    frames = choose.choice(sources)
    height, width = choose.randint(20, 32), choose.randint(24, 48)
    count = min(choose.randint(3, 6), len(frames))
    first = choose.randint(0, len(frames) - count)
    top = choose.randint(0, max(0, frames.shape[1] - height))
    left = choose.randint(0, max(0, frames.shape[2] - width))
    return frames[first : first + count, top : top + height, left : left + width]


def _write(path: Path, frames: NDArray[np.uint8]) -> None:
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(path, save_all=True, append_images=others, duration=100, loop=0)


def _break(choose: random.Random, path: Path) -> None:
    """Make a file that can't be read as a picture."""
    data = path.read_bytes()
    broken = (b"", data[: choose.randint(1, 24)], choose.randbytes(len(data)), b"no picture\n" * 9)
    path.write_bytes(choose.choice(broken))
