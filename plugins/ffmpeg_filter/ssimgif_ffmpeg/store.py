"""Frames that come once and are read many times: in memory, then in a temporary file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from threading import Lock
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ssimgif import Clip, Frame, OutputError, Settings, SourceError
from ssimgif_ffmpeg.timeline import last_duration

MEMORY_BYTES = 192 << 20
STILL = Fraction(1, 10)

U8 = NDArray[np.uint8]


class FrameStore:
    """Collects the frames of one clip.

    A frame lasts until the next one begins; for the last one see `timeline.last_duration`.

    Parameters
    ----------
    name : str
        What messages call the clip.
    settings : Settings
        For its limits.
    memory_bytes : int
        What is kept in memory; the rest goes to a temporary file.
    """

    def __init__(self, name: str, settings: Settings, memory_bytes: int = MEMORY_BYTES) -> None:
        self.name = name
        self.has_alpha = False
        self._settings = settings
        self._memory_bytes = memory_bytes
        self._kept: list[U8] = []
        self._file: BinaryIO | None = None
        self._lock = Lock()
        self._shape: tuple[int, ...] | None = None
        self._starts: list[Fraction] = []
        self._own: list[Fraction] = []

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, pixels: U8, start: Fraction | None, duration: Fraction) -> None:
        """Append a frame.

        Parameters
        ----------
        pixels : u8[h, w, 4]
            sRGB with straight alpha.
        start : Fraction or None
            Seconds; None begins where the frame before ends by its own word. A frame that does
            not begin later than the one before takes its place.
        duration : Fraction
            Seconds that it says it lasts, 0 for unknown.

        Raises
        ------
        SourceError
            When the size changes, or a limit is passed.
        OutputError
            When the temporary file can't be written.
        """
        self._check(pixels)
        if start is None:
            start = self._starts[-1] + (self._own[-1] or STILL) if self._starts else Fraction(0)
        if self._starts and start <= self._starts[-1]:
            self._own[-1] = duration
            self._replace_last(pixels)
            return
        self._starts.append(start)
        self._own.append(duration)
        self.has_alpha = self.has_alpha or bool((pixels[..., 3] != 255).any())
        self._append(pixels)

    def durations(self) -> list[Fraction]:
        """Return how long each frame stays, seconds."""
        if not self._starts:
            return []
        gaps = [after - before for before, after in pairwise(self._starts)]
        return [*gaps, last_duration(gaps, self._own) or STILL]

    def clip(self, loop: int = 0) -> Clip:
        """Return the frames as a clip, which may be read by several threads.

        Raises
        ------
        SourceError
            When there are none.
        """
        if self._shape is None:
            raise SourceError(f"{self.name}: no frame is left to encode")
        height, width = self._shape[:2]
        durations = self.durations()

        def frames() -> Iterator[Frame]:
            for index, duration in enumerate(durations):
                yield Frame(self._read(index), duration)

        return Clip(width, height, frames, loop, len(durations), self.has_alpha, self.name)

    def _check(self, pixels: U8) -> None:
        if self._shape is None:
            self._shape = pixels.shape
        height, width = pixels.shape[:2]
        if pixels.shape != self._shape:
            first = f"{self._shape[1]}x{self._shape[0]}"
            raise SourceError(
                f"{self.name} changes its size from {first} to {width}x{height}"
                f" at frame {len(self) + 1}"
            )
        if width * height > self._settings.max_pixels:
            raise SourceError(
                f"{self.name} is {width}x{height}, over the limit of"
                f" {self._settings.max_pixels} pixels (max-pixels raises it)"
            )
        if len(self) >= self._settings.max_frames:
            raise SourceError(
                f"{self.name} has more than {self._settings.max_frames} frames"
                " (max-frames raises the limit)"
            )

    def _append(self, pixels: U8) -> None:
        if self._file is None and (len(self._kept) + 1) * pixels.nbytes <= self._memory_bytes:
            self._kept.append(pixels)
        else:
            self._write(len(self) - 1, pixels)

    def _replace_last(self, pixels: U8) -> None:
        self.has_alpha = self.has_alpha or bool((pixels[..., 3] != 255).any())
        if self._file is None:
            self._kept[-1] = pixels
        else:
            self._write(len(self) - 1, pixels)

    def _write(self, index: int, pixels: U8) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115
            self._file.seek((index - len(self._kept)) * pixels.nbytes)
            self._file.write(np.ascontiguousarray(pixels).data)
        except OSError as error:
            raise OutputError(
                f"frames can't be kept in {tempfile.gettempdir()}:"
                f" {(error.strerror or str(error)).lower()}"
            ) from error

    def _read(self, index: int) -> U8:
        if index < len(self._kept):
            return self._kept[index]
        assert self._shape is not None
        assert self._file is not None
        size = int(np.prod(self._shape))
        with self._lock:
            self._file.seek((index - len(self._kept)) * size)
            data = self._file.read(size)
        return np.frombuffer(data, np.uint8).reshape(self._shape)
