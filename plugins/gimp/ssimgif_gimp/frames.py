"""Frames in a raw file: what a host hands over, and what it gets back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ssimgif import Clip, Frame, SourceError

# Frames with shorter times would be slowed down by every browser.
LEAST_MILLISECONDS = 20


def read_clip(path: Path, header: Mapping[str, Any]) -> Clip:
    """Return the frames in a raw file as a clip that reads them when they are wanted.

    Parameters
    ----------
    path : Path
        RGBA pixels, 8-bit sRGB with straight alpha, frame after frame.
    header : mapping
        ``width`` and ``height`` in pixels, ``milliseconds`` as a list with one entry a frame,
        ``name`` for messages.

    Raises
    ------
    SourceError
        When there are no frames, or the file is not as large as the header says.
    """
    name = str(header["name"])
    width, height = int(header["width"]), int(header["height"])
    times = [Fraction(max(int(each), LEAST_MILLISECONDS), 1000) for each in header["milliseconds"]]
    shape = (len(times), height, width, 4)
    if not times:
        raise SourceError(f"{name}: there is no frame to export")
    if path.stat().st_size != np.prod(shape, dtype=np.int64):
        raise SourceError(f"{name}: the frames did not arrive whole; is the disk full?")
    pixels = np.memmap(path, np.uint8, "r", shape=shape)

    def frames() -> Iterator[Frame]:
        for frame, duration in zip(pixels, times, strict=True):
            yield Frame(np.array(frame), duration)

    has_alpha = any(bool((frame[..., 3] != 255).any()) for frame in pixels)
    return Clip(width, height, frames, 0, len(times), has_alpha, name)


def milliseconds(durations: list[Fraction]) -> list[int]:
    """Round times in seconds to whole milliseconds so that their sum stays right."""
    ends = np.cumsum([0, *durations])
    rounded = [round(end * 1000) for end in ends]
    return [after - before for before, after in pairwise(rounded)]
