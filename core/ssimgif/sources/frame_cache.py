"""Frames of short clips kept in memory, so that the stages decode them once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Lock

from ssimgif.model import Clip, Frame

DEFAULT_LIMIT = 192 << 20


def remember(clip: Clip, limit_bytes: int = DEFAULT_LIMIT) -> Clip:
    """Return a clip that keeps its frames from its first complete reading on.

    Frames are shared, so their pixels are read-only. A clip over the limit is read from its
    source each time. Several threads may iterate at once.

    Parameters
    ----------
    clip : Clip
    limit_bytes : int
        The most that the kept pixels may take.
    """
    return replace(clip, open_frames=_Memory(clip, limit_bytes).frames)


class _Memory:
    def __init__(self, clip: Clip, limit: int) -> None:
        self._clip = clip
        self._limit = limit
        self._lock = Lock()
        self._recording = False
        self._fits = True
        self._kept: list[Frame] | None = None

    def frames(self) -> Iterator[Frame]:
        with self._lock:
            kept = self._kept
            record = kept is None and self._fits and not self._recording
            self._recording = self._recording or record
        if kept is not None:
            yield from kept
        elif record:
            yield from self._record()
        else:
            yield from map(_read_only, self._clip.frames())

    def _record(self) -> Iterator[Frame]:
        frames: list[Frame] = []
        used = 0
        try:
            for frame in map(_read_only, self._clip.frames()):
                used += frame.pixels.nbytes
                if used <= self._limit:
                    frames.append(frame)
                elif self._fits:
                    self._fits = False
                    frames.clear()
                yield frame
            if self._fits:
                self._kept = frames
        finally:
            self._recording = False


def _read_only(frame: Frame) -> Frame:
    pixels = frame.pixels.view()
    pixels.setflags(write=False)
    return Frame(pixels, frame.duration)
