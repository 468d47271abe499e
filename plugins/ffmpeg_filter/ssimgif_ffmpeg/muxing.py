"""Results as files: GIF as it was made, or packets and frames through PyAV's muxers."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame

from ssimgif import Report, SourceError, gif_blocks
from ssimgif_ffmpeg.options import Output
from ssimgif_ffmpeg.packets import gif_packets, with_last_delay
from ssimgif_ffmpeg.pictures import shown_frames, timed
from ssimgif_ffmpeg.timeline import CENTISECOND, last_duration, own_duration, time_of

LONGEST_DELAY = 65_535


@dataclass(slots=True)
class Product:
    """What a stage made, and maybe filters behind it changed.

    Attributes
    ----------
    gif : bytes
        As the stage made it.
    report : Report
    filtered : callable or None
        Returns the ``pal8`` frames that came out of filters behind the stage.
    """

    gif: bytes
    report: Report
    filtered: Callable[[], Iterator[VideoFrame]] | None = None

    def frames(self, paletted: bool) -> Iterator[VideoFrame]:
        """Yield what is shown, as ``pal8`` or ``rgba``."""
        if self.filtered is not None:
            for frame in self.filtered():
                yield frame if paletted else frame.reformat(format="rgba")
            return
        yield from shown_frames(self.gif, paletted)


def write(product: Product, output: Output, path: Path) -> tuple[int, Fraction]:
    """Write a product to a file and return its size in bytes and its length in seconds."""
    if output.codec != "gif":
        times = _mux_frames(product, output.pixels, path)
        return path.stat().st_size, times.length
    gif = product.gif if product.filtered is None else _encoded(product, output)
    if output.format == "gif":
        path.write_bytes(gif)
    elif output.format == "nut":
        _mux_packets(gif, path)
    size = path.stat().st_size if path.exists() else 0
    return size, Fraction(sum(part.delay for part in gif_blocks(gif).images), 100)


class _Times:
    """Starts and durations of frames that pass, seconds."""

    def __init__(self) -> None:
        self._starts: list[Fraction] = []
        self._own: list[Fraction] = []

    def noted(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        """Yield the frames, and remember when they are shown."""
        for frame in frames:
            self._starts.append(time_of(frame) or Fraction(0))
            self._own.append(own_duration(frame))
            yield frame

    @property
    def last(self) -> Fraction:
        """How long the last frame stays."""
        gaps = [after - before for before, after in pairwise(self._starts)]
        return last_duration(gaps, self._own)

    @property
    def length(self) -> Fraction:
        """From the first frame's start to the last one's end."""
        return self._starts[-1] - self._starts[0] + self.last


def _encoded(product: Product, output: Output) -> bytes:
    """Let FFmpeg's encoder make a GIF of ``pal8`` frames, without loss."""
    file = io.BytesIO()
    plays = output.plays
    if plays is None:
        plays = gif_blocks(product.gif).plays
    repeats = {0: "0", 1: "-1"}.get(plays, str(plays - 1))
    times = _Times()
    with av.open(file, "w", format="gif", options={"loop": repeats}) as container:
        _encode(container, "gif", "pal8", times.noted(product.frames(True)))
    return with_last_delay(file.getvalue(), max(1, min(LONGEST_DELAY, round(100 * times.last))))


def _mux_frames(product: Product, pixels: str, path: Path) -> _Times:
    times = _Times()
    with av.open(str(path), "w", format="nut") as container:
        _encode(container, "rawvideo", pixels, times.noted(product.frames(pixels == "pal8")))
    return times


def _encode(container: Any, codec: str, pixels: str, frames: Iterable[VideoFrame]) -> None:
    stream: Any = None
    for frame in frames:
        start, length = time_of(frame) or Fraction(0), own_duration(frame)
        if stream is None:
            stream = container.add_stream(codec, rate=100)
            stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pixels
            stream.codec_context.time_base = CENTISECOND
        timed(frame, round(start * 100), round(length * 100), CENTISECOND)
        container.mux(stream.encode(frame))
    if stream is None:
        raise SourceError("the filters behind ssimgif leave no frame")
    container.mux(stream.encode(None))


def _mux_packets(gif: bytes, path: Path) -> None:
    blocks = gif_blocks(gif)
    with av.open(str(path), "w", format="nut") as container:
        stream: Any = container.add_mux_stream(
            "gif", rate=100, width=blocks.width, height=blocks.height, pix_fmt="pal8"
        )
        stream.time_base = CENTISECOND
        for packet in gif_packets(gif):
            packet.stream = stream
            container.mux(packet)
