"""The plug-in that imageio calls, for whole batches and for loops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import repeat
from types import TracebackType
from typing import Any, Self

import numpy as np
from imageio.core.request import URI_BYTES, URI_FILENAME, InitializationError, IOMode, Request
from imageio.core.v3_plugin_api import PluginV3

import ssimgif

Milliseconds = float | Sequence[float]


class SsimGifPlugin(PluginV3):
    """Writes GIFs, and reads nothing.

    Parameters
    ----------
    request : Request
        What imageio found out about the place to write to.
    **settings
        Those of `ssimgif.Settings`; those of the first `write` are added.
    """

    def __init__(self, request: Request, **settings: Any) -> None:
        super().__init__(request)
        self._writer: ssimgif.Writer | None = None
        self._settings = settings
        if request.mode.io_mode != IOMode.write:
            raise InitializationError("ssimgif writes GIFs, and reads none")
        if (request.extension or "").lower() != ".gif":
            raise InitializationError('ssimgif writes files named *.gif, or with extension=".gif"')

    def write(
        self,
        ndimage: Any,
        *,
        is_batch: bool | None = None,
        duration: Milliseconds | None = None,
        fps: Any = None,
        **settings: Any,
    ) -> bytes | None:
        """Add one frame or several; all are written when the file is closed.

        Parameters
        ----------
        ndimage : array-like or list of array-like
            A list, an array with four axes, and one with three whose last is no channels, are
            several frames.
        is_batch : bool, optional
            Whether it is several frames, where that can't be told.
        duration : float or sequence of float, optional
            Milliseconds that each frame stays, as of imageio's own GIFs.
        fps : number, optional
            Frames a second, in its place.
        **settings
            Those of `ssimgif.Settings`; ``loop`` is 0 for ever. Those of the first call count.

        Returns
        -------
        bytes or None
            The GIF, where it was to be written to ``"<bytes>"``.

        Raises
        ------
        SsimGifError
            Nothing is written then, and no more frames are taken.
        """
        if self._writer is None:
            self._writer = ssimgif.Writer(self._place(), fps=fps, **(self._settings | settings))
        several = _is_batch(ndimage) if is_batch is None else is_batch
        frames = ndimage if several else [ndimage]
        try:
            for frame, seconds in zip(frames, _seconds(duration, len(frames)), strict=False):
                self._writer.add(frame, seconds)
        except ssimgif.SsimGifError:
            # imageio's older writers close after an error, too.
            self._writer.discard()
            raise
        if self.request._uri_type != URI_BYTES:
            return None
        self._writer.close()
        file = self.request.get_file()
        file.seek(0)
        return file.read()

    @property
    def report(self) -> ssimgif.Report:
        """What was made, once the file is closed.

        Raises
        ------
        SettingsError
            Before anything was written.
        """
        if self._writer is None:
            raise ssimgif.SettingsError("nothing was written yet: the report comes with the GIF")
        return self._writer.report

    def close(self) -> None:
        """Write the GIF."""
        try:
            if self._writer is not None:
                self._writer.close()
        finally:
            super().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None and self._writer is not None:
            self._writer.discard()
        self.close()

    def _place(self) -> Any:
        """Return where to write: a path, so that an existing file stays until the GIF is whole."""
        if self.request._uri_type == URI_FILENAME:
            return self.request.filename
        return self.request.get_file()


def _is_batch(ndimage: Any) -> bool:
    """Tell several frames from one, as imageio's own GIFs do."""
    if isinstance(ndimage, list | tuple):
        return True
    shape = np.shape(ndimage)
    return len(shape) > 3 or (len(shape) == 3 and shape[2] > 4)


def _seconds(duration: Milliseconds | None, frames: int) -> Iterable[Fraction | None]:
    """Return how long each of some frames stays."""
    if duration is None or np.ndim(duration) == 0:
        each = None if duration is None else Fraction(float(duration)) / 1000  # type: ignore[arg-type]
        return repeat(each)
    times = [Fraction(float(time)) / 1000 for time in duration]  # type: ignore[union-attr]
    if len(times) != frames:
        raise ssimgif.SettingsError(f"there are {len(times)} durations, but {frames} frames")
    return times
