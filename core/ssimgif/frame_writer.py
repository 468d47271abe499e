"""GIFs of frames that a program makes one by one."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from ssimgif.durations import seconds
from ssimgif.errors import OutputError, SettingsError
from ssimgif.host import check_destination
from ssimgif.pipeline import check_stream, write_gif
from ssimgif.progress import ProgressCallback
from ssimgif.report import Report
from ssimgif.settings import Settings
from ssimgif.sources import FrameSpool, Limits

DEFAULT_DURATION = Fraction(1, 10)
Seconds = Fraction | float


class Writer:
    """Takes frames one at a time, keeps them on disk, and writes the GIF at the end.

    Use it in a ``with`` statement: the GIF is written when the block ends, whole or not at all.
    Where the block ends in an error, no file appears and an existing one stays as it was.

    Parameters
    ----------
    dst : path or binary stream
    fps : number or str, optional
        Frames a second, such as 25 or ``"30000/1001"``.
    duration : float or Fraction, optional
        Seconds that each frame stays, instead of ``fps``. Without either it is 0.1.
    progress : callable, optional
        Called with a `Progress` while the GIF is made; returning False stops the work.
    **settings
        Those of `Settings`, as `Settings.parse` takes them.

    Raises
    ------
    SettingsError
        On a setting that there isn't, or one out of its range.
    OutputError
        When ``dst`` can't be written.
    """

    def __init__(
        self,
        dst: str | os.PathLike[str] | BinaryIO,
        *,
        fps: Any = None,
        duration: Seconds | None = None,
        progress: ProgressCallback | None = None,
        **settings: Any,
    ) -> None:
        self._report: Report | None = None
        self._spool: FrameSpool | None = None
        self._dst = dst
        self._progress = progress
        self._duration = _duration(fps, duration)
        self._settings = Settings.parse(settings)
        check_stream(dst, "write")
        self._name = _name(dst)
        if isinstance(dst, str | os.PathLike):
            check_destination("", dst)
        limits = Limits(self._settings.max_frames, self._settings.max_pixels)
        self._spool = FrameSpool(self._name, limits)

    def add(self, frame: Any, duration: Seconds | None = None) -> None:
        """Add a frame.

        Parameters
        ----------
        frame : array-like or PIL image
            ``[h, w]`` gray, ``[h, w, 3]`` sRGB or ``[h, w, 4]`` with straight alpha; u8, bool, or
            floats of 0 to 1. Channels may come first. It is copied.
        duration : float or Fraction, optional
            Seconds that it stays, instead of what the writer was told.

        Raises
        ------
        FrameError
            When it is no such picture, or one of another size than the first.
        SettingsError
            When the duration is not more than 0.
        SourceError
            When it is over a limit of the settings.
        OutputError
            When there is no space for it, or the writer is closed.
        """
        if self._spool is None:
            raise OutputError(f"{self._name} is closed: no more frames can be added")
        stays = self._duration if duration is None else seconds(duration)
        self._spool.append(frame, stays)

    def close(self) -> None:
        """Make and write the GIF; once it was closed, nothing happens.

        Raises
        ------
        SourceError, OutputError, TargetError, Cancelled
            As `convert` does; nothing is written then.
        """
        if self._spool is None:
            return
        try:
            clip = self._spool.clip()
            self._report = write_gif(clip, self._dst, self._settings, self._progress)
        finally:
            self.discard()

    def discard(self) -> None:
        """Forget all frames, and write nothing."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    @property
    def report(self) -> Report:
        """What was made; there once the GIF is written.

        Raises
        ------
        OutputError
            Before that.
        """
        if self._report is None:
            raise OutputError(f"{self._name} is not written yet: the report comes with it")
        return self._report

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


def _name(dst: str | os.PathLike[str] | BinaryIO) -> str:
    """Return what messages call the GIF."""
    named = dst if isinstance(dst, str | os.PathLike) else getattr(dst, "name", None)
    return Path(named).name if isinstance(named, str | os.PathLike) else "the GIF"


def _duration(fps: Any, duration: Seconds | None) -> Fraction:
    """Return how long a frame stays, seconds."""
    if fps is not None and duration is not None:
        raise SettingsError("fps and duration both set the time of a frame; give one of them")
    if duration is not None:
        return seconds(duration)
    rate = Settings.parse({"fps": fps}).fps
    return DEFAULT_DURATION if rate is None else 1 / Fraction(rate)
