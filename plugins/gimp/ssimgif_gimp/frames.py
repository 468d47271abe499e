"""Frames in a raw file: what a host hands over, and what it gets back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ssimgif import Clip, Frame, SettingsError, SourceError

Value = TypeVar("Value")

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
    SettingsError
        When the header makes no sense.
    SourceError
        When there are no frames, or the file is not as large as the header says.
    """
    name = field(header, "name", str)
    width, height = field(header, "width", int), field(header, "height", int)
    milliseconds = field(header, "milliseconds", lambda each: list(map(int, each)))
    times = [Fraction(max(each, LEAST_MILLISECONDS), 1000) for each in milliseconds]
    shape = (len(times), height, width, 4)
    if not times or width < 1 or height < 1:
        raise SourceError(f"{name}: there is no frame to export")
    if path.stat().st_size != prod(shape):
        raise SourceError(f"{name}: the frames did not arrive whole; is the disk full?")
    pixels = np.memmap(path, np.uint8, "r", shape=shape)

    def frames() -> Iterator[Frame]:
        for frame, duration in zip(pixels, times, strict=True):
            yield Frame(np.array(frame), duration)

    has_alpha = any(bool((frame[..., 3] != 255).any()) for frame in pixels)
    return Clip(width, height, frames, 0, len(times), has_alpha, name)


def field(request: Mapping[str, Any], name: str, kind: Callable[[Any], Value]) -> Value:
    """Return a field of what a plug-in sent.

    Raises
    ------
    SettingsError
        When it is missing or can't be read.
    """
    try:
        return kind(request[name])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise SettingsError(
            f"the plug-in's request has no {name} that makes sense; run ssimgif gimp install again"
        ) from None


def milliseconds(durations: list[Fraction]) -> list[int]:
    """Round times in seconds to whole milliseconds so that their sum stays right."""
    ends = np.cumsum([0, *durations])
    rounded = [round(end * 1000) for end in ends]
    return [after - before for before, after in pairwise(rounded)]
