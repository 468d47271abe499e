"""ssimgif as a stage with the verbs of ``av.filter.Graph``: push frames, pull what became of them.

>>> stage = SsimGifStage("ssim=0.95:colors=128")
>>> for frame in container.decode(video=0):
...     stage.push(frame)
>>> stage.push(None)
>>> while True:
...     try:
...         packet = stage.pull()
...     except av.EOFError:
...         break
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import fields
from fractions import Fraction
from typing import Any, Literal

import av.error
from av.packet import Packet
from av.video.frame import VideoFrame

from ssimgif import ProgressCallback, Report, Settings, SettingsError, encode
from ssimgif_ffmpeg.packets import gif_packets
from ssimgif_ffmpeg.pictures import fits_palettes, shown_frames, to_rgba
from ssimgif_ffmpeg.store import FrameStore
from ssimgif_ffmpeg.syntax import parse_arguments
from ssimgif_ffmpeg.timeline import CENTISECOND, own_duration, time_of

Output = Literal["gif", "pal8", "rgba"]
OUTPUTS: tuple[Output, ...] = ("gif", "pal8", "rgba")

_END_OF_FILE = -541478725  # AVERROR_EOF


def read_settings(arguments: str) -> Settings:
    """Read the settings of ``ssimgif=...`` in a filter graph.

    Values without a name go to the settings in their order, as libavfilter does it.

    Raises
    ------
    SettingsError
    """
    values, pairs = parse_arguments(arguments)
    names = [one.name for one in fields(Settings)]
    if len(values) > len(names):
        raise SettingsError(f"the filter 'ssimgif': too many values in {arguments!r}")
    texts = dict(zip(names, values, strict=False))
    for name, value in pairs.items():
        key = name.replace("-", "_")
        if key in texts:
            raise SettingsError(f"the filter 'ssimgif': {name} is given twice")
        texts[key] = value
    try:
        return Settings.parse({**texts})
    except SettingsError as error:
        raise SettingsError(f"the filter 'ssimgif': {error}") from None


class SsimGifStage:
    """Turns frames into a GIF.

    How small a frame can be is known only when all were seen: `pull` has nothing before
    ``push(None)``, and its first call after that does the work.

    Parameters
    ----------
    settings : Settings or str, optional
        Or the text that stands behind ``ssimgif=`` in a filter graph.
    output : {"gif", "pal8", "rgba"}
        What `pull` returns: packets of the finished GIF, which FFmpeg's GIF muxer (PyAV's, or that
        of ``ffmpeg -c copy``) writes as they are, or frames as the GIF shows them. A ``pal8`` frame
        has no more than 256 colours; where pictures of the GIF show more, because frames of
        several palettes meet on screen, it is made again with one palette for all.
    loop : int
        Total number of plays, 0 for ever, unless the settings name it.
    name : str
        What messages call the frames.
    progress : callable, optional
        Called with a `ssimgif.Progress`; returning False stops the work.

    Attributes
    ----------
    gif : bytes or None
        The finished GIF, once it is made.
    report : Report or None
        What is known about it.
    time_base : Fraction
        Of packets and frames that are pulled, seconds.

    Raises
    ------
    SettingsError
        From the constructor.
    """

    time_base = CENTISECOND

    def __init__(
        self,
        settings: Settings | str | None = None,
        *,
        output: Output = "gif",
        loop: int = 0,
        name: str = "the stage's input",
        progress: ProgressCallback | None = None,
    ) -> None:
        if output not in OUTPUTS:
            raise SettingsError(f"output {output!r} is none of {', '.join(OUTPUTS)}")
        if isinstance(settings, str):
            settings = read_settings(settings)
        self.settings = settings or Settings()
        self.gif: bytes | None = None
        self.report: Report | None = None
        self._output = output
        self._loop = loop
        self._progress = progress
        self._store: FrameStore | None = FrameStore(name, self.settings)
        self._ended = False
        self._results: Iterator[Packet[Any] | VideoFrame] | None = None

    @property
    def length(self) -> Fraction:
        """Seconds of one play of what was pushed; 0 without frames, and once the GIF is made."""
        return sum(self._store.durations(), Fraction(0)) if self._store else Fraction(0)

    def push(self, frame: VideoFrame | None) -> None:
        """Take a frame, or None when there are no more.

        Parameters
        ----------
        frame : VideoFrame or None
            Of any pixel format. It is shown until the next one's ``pts``; the last one for its
            ``duration``.

        Raises
        ------
        av.EOFError
            After ``push(None)``.
        SourceError
            When frames differ in size, or are over a limit.
        """
        if self._ended or self._store is None:
            raise av.error.EOFError(-_END_OF_FILE, "no frame can follow the last one")
        if frame is None:
            self._ended = True
            return
        self._store.add(to_rgba(frame), time_of(frame), own_duration(frame))

    def pull(self) -> Packet[Any] | VideoFrame:
        """Return the next packet or frame.

        Raises
        ------
        av.BlockingIOError
            Before ``push(None)``.
        av.EOFError
            When there are no more.
        SsimGifError
            When the GIF can't be made.
        """
        if not self._ended:
            raise av.error.BlockingIOError(errno.EAGAIN, "the last frame was not pushed yet")
        if self._results is None:
            gif = self._encoded()
            self._results = (
                gif_packets(gif)
                if self._output == "gif"
                else shown_frames(gif, paletted=self._output == "pal8")
            )
        result = next(self._results, None)
        if result is None:
            raise av.error.EOFError(-_END_OF_FILE, "there are no more frames")
        return result

    def _encoded(self) -> bytes:
        assert self._store is not None
        clip = self._store.clip(self._loop)
        result = encode(clip, self.settings, self._progress)
        if self._output == "pal8" and not fits_palettes(result.data):
            result = encode(clip, self.settings, self._progress, one_palette=True)
        self.gif, self.report, self._store = result.data, result.report, None
        return result.data
