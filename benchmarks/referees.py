"""Three referees that have no code in common with ssimgif, of frames that Pillow decodes.

SSIM of luma by scikit-image (Wang 2004), SSIMULACRA2 and butteraugli (3-norm) by libjxl's programs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from skimage.metrics import structural_similarity

from ssimgif.model import U8

PROGRAMS = {"SSIMULACRA2": "ssimulacra2", "BUTTERAUGLI": "butteraugli_main"}
LUMA = np.array([0.299, 0.587, 0.114])


class Scores(NamedTuple):
    """Means over the frames that were looked at; of butteraugli, less is better."""

    ssim: float
    ssimulacra2: float
    butteraugli: float


def on_screen(gif: Path) -> Iterator[tuple[Fraction, U8]]:
    """Yield how many seconds each frame of a GIF is shown, and its pixels on white, u8[h, w, 3]."""
    with Image.open(gif) as image:
        for frame in ImageSequence.Iterator(image):
            white = Image.new("RGBA", image.size, "white")
            white.alpha_composite(frame.convert("RGBA"))
            yield Fraction(round(frame.info["duration"]), 1000), np.asarray(white.convert("RGB"))


def frames_at(gif: Path, moments: Sequence[Fraction]) -> list[U8]:
    """Return what a GIF shows at some seconds, its last frame after its end."""
    durations, frames = zip(*on_screen(gif), strict=True)
    ends = np.cumsum(durations)
    chosen = np.searchsorted(ends, np.array(moments), "right").clip(max=len(frames) - 1)
    return [frames[number] for number in chosen]


def programs() -> list[str]:
    """Return the paths of both programs, from the variables of these names or from PATH."""
    found = [shutil.which(os.environ.get(key, name)) for key, name in PROGRAMS.items()]
    if None in found:
        raise SystemExit(f"{' and '.join(PROGRAMS.values())} are needed: libjxl's tools bring them")
    return [str(path) for path in found]


def judge(pictures: Sequence[Path], frames: Sequence[U8]) -> Scores:
    """Compare frames with pictures of the same size."""
    return Scores(*np.mean([scores(*pair) for pair in zip(pictures, frames, strict=True)], axis=0))


def scores(picture: Path, frame: U8) -> Scores:
    """Compare a frame with a picture."""
    with Image.open(picture) as source:
        wanted = luma(np.asarray(source.convert("RGB")))
    similar = structural_similarity(
        wanted, luma(frame), gaussian_weights=True, use_sample_covariance=False, data_range=255
    )
    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder) / "shown.png"
        Image.fromarray(frame).save(shown, compress_level=1)
        looks, errors = (
            subprocess.run(
                [path, picture, shown], capture_output=True, text=True, check=True
            ).stdout
            for path in programs()
        )
    (norm,) = re.findall(r"3-norm: ([\d.]+)", errors)
    return Scores(float(similar), float(looks.split()[0]), float(norm))


def luma(rgb: U8) -> NDArray[np.float64]:
    """Return BT.601 luma, float64[h, w] of 0 to 255."""
    return np.asarray(rgb @ LUMA)
