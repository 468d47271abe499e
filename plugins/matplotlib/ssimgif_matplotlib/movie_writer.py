"""The movie writer that matplotlib calls, frame by frame."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.animation import AbstractMovieWriter, writers
from matplotlib.figure import Figure

import ssimgif

_log = logging.getLogger(__name__)


@writers.register("ssimgif")
class SsimGifWriter(AbstractMovieWriter):
    """Writes an animation as a GIF.

    Parameters
    ----------
    fps : float
        Frames a second; ``Animation.save`` gives its own where it makes the writer.
    metadata, codec, bitrate, extra_args
        As of other writers; a GIF has no use for them.
    **settings
        Those of `ssimgif.Settings`.
    """

    def __init__(
        self,
        fps: float = 5,
        metadata: dict[str, str] | None = None,
        codec: str | None = None,
        bitrate: int | None = None,
        extra_args: Sequence[str] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(fps, metadata, codec, bitrate)  # type: ignore[arg-type]  # any number
        if extra_args or codec is not None or bitrate is not None:
            _log.info("codec, bitrate and extra_args do nothing for a GIF")
        self._settings = settings
        self._writer: ssimgif.Writer | None = None

    @classmethod
    def isAvailable(cls) -> bool:
        """Tell matplotlib that nothing else has to be installed."""
        return True

    @property
    def report(self) -> ssimgif.Report:
        """What was made, once the animation is saved.

        Raises
        ------
        SettingsError
            Before anything was saved.
        """
        if self._writer is None:
            raise ssimgif.SettingsError("nothing was saved yet: the report comes with the GIF")
        return self._writer.report

    def setup(self, fig: Figure, outfile: str | Path, dpi: float | None = None) -> None:
        """Begin a GIF of a figure; see `AbstractMovieWriter.setup`."""
        super().setup(fig, outfile, dpi)
        self._writer = ssimgif.Writer(outfile, fps=self.fps, **self._settings)

    def grab_frame(self, **savefig_kwargs: Any) -> None:
        """Add the figure as it is; see `AbstractMovieWriter.grab_frame`."""
        assert self._writer is not None
        buffer = BytesIO()
        savefig_kwargs.pop("bbox_inches", None)
        self.fig.savefig(buffer, **{**savefig_kwargs, "format": "rgba", "dpi": self.dpi})
        width, height = self.frame_size
        pixels = np.frombuffer(buffer.getbuffer(), np.uint8)
        self._writer.add(pixels.reshape(height, width, 4))

    def finish(self) -> None:
        """Write the GIF."""
        if self._writer is not None:
            self._writer.close()

    @contextmanager
    def saving(
        self,
        fig: Figure,
        outfile: str | Path,
        dpi: float | None,
        *args: Any,
        **kwargs: Any,
    ) -> Iterator[SsimGifWriter]:
        """Save what is grabbed in the ``with`` block, unless it ends in an error."""
        with super().saving(fig, outfile, dpi, *args, **kwargs):
            try:
                yield self
            except BaseException:
                if self._writer is not None:
                    self._writer.discard()
                raise

    def _supports_transparency(self) -> bool:
        return True
