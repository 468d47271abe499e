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

from ssimgif import Report
from ssimgif_ffmpeg.blocks import split_gif, with_last_delay
from ssimgif_ffmpeg.options import Output
from ssimgif_ffmpeg.packets import gif_packets
from ssimgif_ffmpeg.pictures import shown_frames, timed
from ssimgif_ffmpeg.timeline import CENTISECOND, last_duration, own_duration, time_of


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


def write(product: Product, output: Output, path: Path) -> int:
    """Write a product to a file and return its size in bytes."""
    if output.format == "null":
        for _ in product.frames(True) if product.filtered else ():
            pass
        return 0
    if output.format == "gif" and product.filtered is None:
        path.write_bytes(product.gif)
    elif output.codec == "gif":
        gif = product.gif if product.filtered is None else _encoded(product, output)
        if output.format == "gif":
            path.write_bytes(gif)
        else:
            _mux_packets(gif, path)
    else:
        _mux_frames(product, output.pixels, path)
    return path.stat().st_size


def _encoded(product: Product, output: Output) -> bytes:
    """Let FFmpeg's encoder make a GIF of ``pal8`` frames, without loss."""
    file = io.BytesIO()
    plays = output.plays
    if plays is None:
        plays = split_gif(product.gif).plays
    repeats = {0: "0", 1: "-1"}.get(plays, str(plays - 1))
    starts: list[Fraction] = []
    own: list[Fraction] = []
    with av.open(file, "w", format="gif", options={"loop": repeats}) as container:
        frames = _remembered(product.frames(True), starts, own)
        _encode(container, "gif", "pal8", frames)
    gaps = [after - before for before, after in pairwise(starts)]
    delay = round(100 * (starts[-1] + (last_duration(gaps, own) or CENTISECOND))) - round(
        100 * starts[-1]
    )
    return with_last_delay(file.getvalue(), max(1, min(65_535, delay)))


def _remembered(
    frames: Iterable[VideoFrame], starts: list[Fraction], own: list[Fraction]
) -> Iterator[VideoFrame]:
    for frame in frames:
        starts.append(time_of(frame) or Fraction(0))
        own.append(own_duration(frame))
        yield frame


def _mux_frames(product: Product, pixels: str, path: Path) -> None:
    with av.open(str(path), "w", format="nut") as container:
        _encode(container, "rawvideo", pixels, product.frames(pixels == "pal8"))


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
    if stream is not None:
        container.mux(stream.encode(None))


def _mux_packets(gif: bytes, path: Path) -> None:
    blocks = split_gif(gif)
    with av.open(str(path), "w", format="nut") as container:
        stream: Any = container.add_mux_stream(
            "gif", rate=100, width=blocks.width, height=blocks.height, pix_fmt="pal8"
        )
        stream.time_base = CENTISECOND
        for packet in gif_packets(gif):
            packet.stream = stream
            container.mux(packet)
