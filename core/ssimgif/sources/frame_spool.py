"""Frames that are pushed once and read many times, deflated in a temporary file."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from threading import Lock
from typing import Any, BinaryIO

import numpy as np

from ssimgif.errors import OutputError, SourceError
from ssimgif.model import Clip, Frame, Notes
from ssimgif.rgba import check_size, to_rgba
from ssimgif.sources.limits import Limits

# Figures and drawings shrink to a few per cent at the quickest level; more hardly helps.
_LEVEL = 1


class FrameSpool:
    """Collects the frames of one clip; no more than one of them is in memory.

    Parameters
    ----------
    name : str
        What messages call the clip.
    limits : Limits
    """

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._notes = Notes()
        self._file: BinaryIO | None = None
        self._lock = Lock()
        self._shape: tuple[int, ...] = ()
        self._has_alpha = False
        self._sizes: list[int] = []
        self._durations: list[Fraction] = []

    def append(self, picture: Any, duration: Fraction) -> None:
        """Append a frame.

        Parameters
        ----------
        picture : array-like or PIL image
            See `ssimgif.rgba.to_rgba`.
        duration : Fraction
            Seconds, more than 0.

        Raises
        ------
        FrameError
            When it is no picture, or one of another size than the first.
        SourceError
            When it is over a limit.
        OutputError
            When the temporary file can't be written.
        """
        number = len(self._durations) + 1
        self._limits.check_count(self._name, number)
        called = f"frame {number} of {self._name}"
        pixels = to_rgba(picture, called, partial(self._notes.add, damage=True))
        height, width = pixels.shape[:2]
        self._limits.check_size(self._name, width, height)
        self._shape = self._shape or pixels.shape
        check_size(pixels.shape, self._shape, called)
        self._has_alpha = self._has_alpha or bool((pixels[..., 3] != 255).any())
        self._sizes.append(self._write(zlib.compress(np.ascontiguousarray(pixels).data, _LEVEL)))
        self._durations.append(duration)

    def clip(self) -> Clip:
        """Return the frames as a clip, which lives until `close`; several threads may read it.

        Raises
        ------
        SourceError
            When there are none.
        """
        if not self._durations:
            raise SourceError(f"{self._name} has no frames: none was added")
        height, width = self._shape[:2]
        return Clip(
            width,
            height,
            self._frames,
            frame_count=len(self._durations),
            has_alpha=self._has_alpha,
            name=self._name,
            notes=self._notes,
        )

    def close(self) -> None:
        """Give the temporary file back to the system."""
        if self._file is not None:
            self._file.close()

    def _write(self, data: bytes) -> int:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115
            return self._file.write(data)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputError(
                f"frames can't be kept in {tempfile.gettempdir()}: {reason}"
            ) from error

    def _frames(self) -> Iterator[Frame]:
        assert self._file is not None
        start = 0
        for size, duration in zip(self._sizes, self._durations, strict=True):
            with self._lock:
                self._file.seek(start)
                data = self._file.read(size)
            start += size
            pixels = np.frombuffer(zlib.decompress(data), np.uint8)
            yield Frame(pixels.reshape(self._shape), duration)
