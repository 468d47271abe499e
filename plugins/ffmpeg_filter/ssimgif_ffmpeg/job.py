"""The command's work: open the inputs, run the graphs, encode, write the files."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from av.video.frame import VideoFrame

from ssimgif import (
    Cancelled,
    OutputError,
    SettingsError,
    check_destination,
    compile_kernels,
    gif_blocks,
    interruptible,
    progress_bar,
    staged,
)
from ssimgif_ffmpeg.console import Console, progress_stream
from ssimgif_ffmpeg.errors import FilterError
from ssimgif_ffmpeg.layout import Pad
from ssimgif_ffmpeg.muxing import Product, write
from ssimgif_ffmpeg.options import LEVELS, Command, Output
from ssimgif_ffmpeg.pictures import shown_frames
from ssimgif_ffmpeg.planning import GraphPlan, plan
from ssimgif_ffmpeg.running import Feed, FilterGraph
from ssimgif_ffmpeg.source import Source
from ssimgif_ffmpeg.stage import SsimGifStage
from ssimgif_ffmpeg.timeline import CENTISECOND, TICK

STDOUT = "-"
_STDOUT_NAMES = {"-", "pipe:", "pipe:1"}


def run(command: Command) -> None:
    """Do what the command line asks for.

    Raises
    ------
    SsimGifError
        With one sentence.
    """
    graphs = plan(command)
    _check_outputs(command)
    with (
        progress_stream(command.progress) as blocks,
        interruptible() as stopped,
    ):
        console = Console(command, blocks, stopped)
        with progress_bar(stopped, command.level < LEVELS["info"]) as progress:
            compile_kernels(progress)
        sources = _open(command, graphs)
        products: dict[int, Product] = {}
        for graph in graphs:
            products |= _Run(graph, sources, command, console).products()
        for source in sources:
            console.remark(source.remarks)
        for number, output in enumerate(command.outputs):
            size, length = _deliver(products[number], output)
            last = number == len(command.outputs) - 1
            console.finish(output.name, size, length, products[number].report, last)


def _open(command: Command, graphs: Sequence[GraphPlan]) -> list[Source]:
    settings = [one for graph in graphs for one in graph.settings.values()]
    frames = max(one.max_frames for one in settings)
    pixels = max(one.max_pixels for one in settings)
    return [Source(one, frames, pixels, command.allow_sources) for one in command.inputs]


def _check_outputs(command: Command) -> None:
    """Refuse what can't be written before the work begins.

    Raises
    ------
    OutputError, SettingsError
    """
    names = [one.name for one in command.outputs if one.format != "null"]
    if len(set(names)) < len(names):
        raise SettingsError("two outputs have the same name")
    if STDOUT in names and command.progress in _STDOUT_NAMES:
        raise SettingsError("-progress and an output can't both go to standard output")
    for name in names:
        if name == STDOUT:
            continue
        for source in command.inputs:
            check_destination("" if source.generated else source.name, name)
        check_destination("", name)
        if Path(name).is_file() and not command.overwrite:
            _confirm(name, command)


def _confirm(name: str, command: Command) -> None:
    asks = command.ask and command.overwrite is None and sys.stdin.isatty()
    if asks:
        print(f"File '{name}' already exists. Overwrite? [y/N] ", end="", file=sys.stderr)
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() in {"y", "yes"}:
            return
    raise OutputError(f"{name} exists already (-y overwrites it)")


class _Run:
    """One graph on its way from frames to products."""

    def __init__(
        self, graph: GraphPlan, sources: Sequence[Source], command: Command, console: Console
    ) -> None:
        self._graph = graph
        self._layout = graph.layout
        self._sources = [sources[number] for number in graph.inputs]
        self._outputs = command.outputs
        self._console = console

    def products(self) -> dict[int, Product]:
        """Return what each output file is made of."""
        stages = self._filled()
        made = {node: self._encoded(stage) for node, stage in stages.items()}
        behind = self._graph.behind()
        products = {}
        for number, one in self._graph.outputs.items():
            node = one.pad.node
            if node in made:
                products[number] = made[node]
            else:
                products[number] = self._filtered(one.pad, made, behind)
        return products

    def _filled(self) -> dict[int, SsimGifStage]:
        """Run the filters before the stages, and push their frames."""
        layout, console = self._layout, self._console
        streams = [source.stream() for source in self._sources]
        feeds = [
            Feed(one.pad, stream.width, stream.height, stream.format, TICK, stream.rate)
            for one, stream in zip(layout.inputs, streams, strict=True)
        ]
        behind = set(self._graph.behind())
        before = [
            node
            for node in range(len(layout.nodes))
            if node not in behind and node not in self._graph.settings
        ]
        loop = self._sources[0].loop if self._sources else 0
        name = self._sources[0].name if self._sources else "the filter graph"
        stages = {
            node: SsimGifStage(
                settings, output=self._kind(node), loop=loop, name=name, progress=console
            )
            for node, settings in self._graph.settings.items()
        }
        taps = [layout.links[Pad(node)] for node in stages]
        targets = list(stages.values())
        graph = FilterGraph(layout, before, feeds, taps, "rgba")
        for number, frame in graph.run([stream.frames for stream in streams]):
            targets[number].push(frame)
            if not console.reading():
                raise Cancelled("stopped on request")
        return stages

    def _kind(self, node: int) -> Literal["gif", "pal8"]:
        """Return what is wanted of a stage: ``pal8`` where filters or a file take its frames."""
        outputs = [
            self._outputs[i] for i, one in self._graph.outputs.items() if one.pad.node == node
        ]
        whole = outputs and all(one.codec == "gif" or one.pixels == "rgba" for one in outputs)
        return "gif" if whole else "pal8"

    def _encoded(self, stage: SsimGifStage) -> Product:
        stage.push(None)
        self._console.begin(stage.length)
        stage.pull()
        assert stage.gif is not None
        assert stage.report is not None
        return Product(stage.gif, stage.report)

    def _filtered(self, tap: Pad, made: dict[int, Product], behind: Sequence[int]) -> Product:
        """Return what filters behind stages make of ``pal8`` frames."""
        layout = self._layout
        nodes = layout.ancestors(tap.node).intersection(behind)
        fed = {
            target: source.node
            for target, source in layout.links.items()
            if target.node in nodes and source.node in made
        }
        first = made[next(iter(fed.values()))]

        def feed(pad: Pad, gif: bytes) -> Feed:
            blocks = gif_blocks(gif)
            seconds = Fraction(sum(part.delay for part in blocks.images), 100)
            rate = Fraction(len(blocks.images)) / (seconds or 1)
            return Feed(pad, blocks.width, blocks.height, "pal8", CENTISECOND, rate)

        def frames() -> Iterator[VideoFrame]:
            try:
                feeds = [feed(pad, made[node].gif) for pad, node in fed.items()]
                graph = FilterGraph(layout, sorted(nodes), feeds, [tap], "pal8")
                shown = [shown_frames(made[node].gif, paletted=True) for node in fed.values()]
                for _, frame in graph.run(shown):
                    yield frame
            except FilterError as error:
                raise FilterError(f"behind ssimgif frames are pal8: {error}") from None

        return replace(first, filtered=frames)


def _deliver(product: Product, output: Output) -> tuple[int, Fraction]:
    """Write a product to its file or to standard output; return its bytes and its seconds."""
    with ExitStack() as stack:
        if output.name == STDOUT or output.format == "null":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            path = Path(folder) / "out"
        else:
            path = stack.enter_context(staged(output.name))
        written = write(product, output, path)
        if output.name == STDOUT and output.format != "null":
            with path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.buffer.flush()
    return written
