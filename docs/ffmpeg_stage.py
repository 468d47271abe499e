"""Scale a video in a PyAV filter graph, and mux the GIF that ssimgif makes of it.

python docs/ffmpeg_stage.py IN.mp4 OUT.gif
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import av
import av.filter

from ssimgif_ffmpeg import SsimGifStage


def pulled(source: Any) -> Iterator[Any]:
    """Yield what a graph or a stage has ready."""
    while True:
        try:
            yield source.pull()
        except (av.BlockingIOError, av.EOFError):
            return


def main(source: str, destination: str) -> None:
    """Convert a file."""
    stage = SsimGifStage("ssim=0.93:effort=3")
    with av.open(source) as container:
        video = container.streams.best("video")
        graph = av.filter.Graph()
        graph.link_nodes(
            graph.add_buffer(template=video),
            graph.add("scale", "48:-2:flags=lanczos"),
            graph.add("buffersink"),
        ).configure()
        for frame in container.decode(video):
            graph.push(frame)
            for scaled in pulled(graph):
                stage.push(scaled)
        graph.push(None)
        for scaled in pulled(graph):
            stage.push(scaled)
        stage.push(None)

    packets = list(pulled(stage))
    # The muxer writes the loop count, and can't know how long the last picture stays.
    options = {"loop": "0", "final_delay": str(packets[-1].duration)}
    with av.open(destination, "w", options=options) as output:
        stream = output.add_mux_stream(
            "gif", rate=100, width=stage.report.source.width, height=stage.report.source.height
        )
        for packet in packets:
            packet.stream = stream
            output.mux(packet)
    print(f"{destination}: S {stage.report.score:.4f}, {len(packets)} frames")


if __name__ == "__main__":
    main(*sys.argv[1:])
