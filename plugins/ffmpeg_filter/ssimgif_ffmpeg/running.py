"""A part of a layout as a graph of libavfilter's that frames run through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av.error
import av.filter
from av.video.frame import VideoFrame

from ssimgif_ffmpeg.errors import reported
from ssimgif_ffmpeg.layout import Layout, Pad, make_filter
from ssimgif_ffmpeg.syntax import FilterSpec
from ssimgif_ffmpeg.timeline import own_duration, time_of

# Where a conversion of colours is needed, an exact one.
_EXACT = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"


@dataclass(frozen=True, slots=True)
class Feed:
    """What comes in at an input.

    Attributes
    ----------
    pad : Pad
        The input.
    width, height : int
    format : str
        Pixel format.
    time_base : Fraction
        Seconds.
    rate : Fraction
        Frames a second.
    """

    pad: Pad
    width: int
    height: int
    format: str
    time_base: Fraction
    rate: Fraction


class FilterGraph:
    """Some nodes of a layout, made and connected by libavfilter.

    Parameters
    ----------
    layout : Layout
    nodes : iterable of int
        Those that are made; none is ``ssimgif``.
    feeds : sequence of Feed
    taps : sequence of Pad
        Outputs whose frames are wanted.
    format : str
        Pixel format of what comes out.

    Raises
    ------
    FilterError
        When filters can't be connected.
    """

    def __init__(
        self,
        layout: Layout,
        nodes: Iterable[int],
        feeds: Sequence[Feed],
        taps: Sequence[Pad],
        format: str,
    ) -> None:
        self._graph = av.filter.Graph()
        self._made: dict[int, Any] = {n: make_filter(self._graph, layout.nodes[n]) for n in nodes}
        inner = {
            target: source
            for target, source in layout.links.items()
            if target.node in self._made and source.node in self._made
        }
        for target, source in inner.items():
            self._link(self._made[source.node], source.index, target, layout)
        self._buffers = [self._buffer(feed, layout) for feed in feeds]
        self._sinks = [self._sink(tap, format) for tap in taps]
        self._close({*inner.values(), *taps})
        self._durations: dict[Fraction, Fraction] = {}
        with reported():
            self._graph.configure()

    def run(self, streams: Sequence[Iterator[VideoFrame]]) -> Iterator[tuple[int, VideoFrame]]:
        """Push all frames in the order of their times, and yield what comes out, tap by tap.

        Parameters
        ----------
        streams : sequence of iterators
            One a feed.

        Raises
        ------
        FilterError
        """
        heads = [next(stream, None) for stream in streams]
        for buffer, head in zip(self._buffers, heads, strict=True):
            if head is None:
                self._push(buffer, None)
        running = set(range(len(self._sinks)))
        while running:
            yield from self._drain(running)
            waiting = [i for i, head in enumerate(heads) if head is not None]
            if not waiting:
                return
            first = min(waiting, key=lambda i: time_of(heads[i]) or Fraction(0))  # type: ignore[arg-type]
            self._push(self._buffers[first], heads[first])
            heads[first] = next(streams[first], None)
            if heads[first] is None:
                self._push(self._buffers[first], None)

    def _drain(self, running: set[int]) -> Iterator[tuple[int, VideoFrame]]:
        """Yield what is ready, and forget the taps that have ended."""
        for number in sorted(running):
            while True:
                try:
                    with reported():
                        frame = self._sinks[number].pull()
                except av.error.BlockingIOError:
                    break
                except av.error.EOFError:
                    running.discard(number)
                    break
                yield number, self._lasting(frame)

    def _lasting(self, frame: VideoFrame) -> VideoFrame:
        """Give a frame without a duration that of the input frame at its time."""
        start = time_of(frame)
        if not frame.duration and start in self._durations and frame.time_base is not None:
            frame.duration = round(self._durations[start] / Fraction(frame.time_base))
        return frame

    def _push(self, buffer: Any, frame: VideoFrame | None) -> None:
        if frame is not None and (start := time_of(frame)) is not None:
            self._durations[start] = max(own_duration(frame), self._durations.get(start, start * 0))
        try:
            with reported():
                buffer.push(frame)
        except av.error.EOFError:
            pass  # the graph wants no more of this input

    def _buffer(self, feed: Feed, layout: Layout) -> Any:
        arguments = (
            f"video_size={feed.width}x{feed.height}:pix_fmt={feed.format}"
            f":time_base={feed.time_base}:frame_rate={feed.rate}:pixel_aspect=1/1"
        )
        buffer = make_filter(self._graph, FilterSpec("buffer", "input", arguments))
        self._link(buffer, 0, feed.pad, layout)
        return buffer

    def _link(self, source: Any, output: int, target: Pad, layout: Layout) -> None:
        with reported(layout.nodes[target.node].name):
            source.link_to(self._made[target.node], output, target.index)

    def _close(self, used: set[Pad]) -> None:
        """Let the frames of outputs that nobody wants here vanish."""
        for node, made in self._made.items():
            for index in range(len(made.outputs)):
                if Pad(node, index) not in used:
                    made.link_to(make_filter(self._graph, FilterSpec("nullsink")), index, 0)

    def _sink(self, tap: Pad, format: str) -> Any:
        chain = [FilterSpec("format", "output_format", f"pix_fmts={format}")]
        if format != "pal8":
            chain.insert(0, FilterSpec("scale", "output_scale", _EXACT))
        last, index = self._made[tap.node], tap.index
        for spec in [*chain, FilterSpec("buffersink", "output")]:
            made = make_filter(self._graph, spec)
            with reported(spec.instance):
                last.link_to(made, index, 0)
            last, index = made, 0
        return last
