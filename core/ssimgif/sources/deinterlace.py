"""Interlaced frames to progressive ones, by libavfilter."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import av
import av.filter
from av.video.frame import VideoFrame

# One frame for each, those alone that are flagged.
_OPTIONS = "mode=send_frame:deint=interlaced"
T = TypeVar("T")


def progressive(
    frames: Iterable[tuple[T, VideoFrame]],
) -> Iterator[tuple[T, VideoFrame]]:
    """Deinterlace frames, each with whatever goes along with it.

    bwdif looks at the frame before and after; frames come out one behind.
    """
    waiting: deque[T] = deque()
    shape: tuple[int, int, str] | None = None
    graph = None
    for label, frame in frames:
        found = (frame.width, frame.height, frame.format.name)
        if graph is None or found != shape:
            if graph is not None:
                yield from _drained(graph, waiting, None)
            graph, shape = _graph(frame), found
        waiting.append(label)
        yield from _drained(graph, waiting, frame)
    if graph is not None:
        yield from _drained(graph, waiting, None)


def _graph(frame: VideoFrame) -> Any:
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    graph.link_nodes(source, graph.add("bwdif", _OPTIONS), graph.add("buffersink")).configure()
    return graph


def _drained(
    graph: Any, waiting: deque[T], frame: VideoFrame | None
) -> Iterator[tuple[T, VideoFrame]]:
    graph.push(frame)
    while waiting:
        try:
            made = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        yield waiting.popleft(), made
