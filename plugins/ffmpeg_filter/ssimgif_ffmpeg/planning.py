"""Which filter graphs a command needs, what each reads, and which files its results become."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ssimgif import Settings, SettingsError
from ssimgif_ffmpeg.layout import Layout, Open, Pad, lay_out
from ssimgif_ffmpeg.options import Command, Output
from ssimgif_ffmpeg.safety import STAGE
from ssimgif_ffmpeg.stage import read_settings
from ssimgif_ffmpeg.syntax import FilterSpec

_STREAM = re.compile(r"(\d{1,4})(:v)?(:0)?")


@dataclass(slots=True)
class GraphPlan:
    """One filter graph.

    Attributes
    ----------
    layout : Layout
        Every way through it leads through one ``ssimgif``.
    inputs : list of int
        The command's input for each of the layout's.
    outputs : dict of int to Open
        From the number of an output file to the output that it is made of.
    settings : dict of int to Settings
        Of the nodes that are ``ssimgif``.
    """

    layout: Layout
    inputs: list[int]
    outputs: dict[int, Open] = field(default_factory=dict)
    settings: dict[int, Settings] = field(default_factory=dict)

    def behind(self) -> list[int]:
        """Return the nodes whose frames an ``ssimgif`` made."""
        return [n for n in range(len(self.layout.nodes)) if self.layout.behind_stage(n)]


def plan(command: Command) -> list[GraphPlan]:
    """Decide what is to be run.

    Raises
    ------
    SettingsError
        When something is connected to nothing, or to what it can't be.
    FilterError
        When libavfilter does not know a filter or its options.
    """
    if not command.outputs:
        raise SettingsError("no output is named, such as out.gif")
    graphs = [_complex_graph(text, command) for text in command.graphs]
    for number, output in enumerate(command.outputs):
        if not _claim(graphs, number, output):
            graphs.append(_simple_graph(number, output, command))
    for graph in graphs:
        _finish(graph, command)
    return graphs


def _complex_graph(text: str, command: Command) -> GraphPlan:
    layout = lay_out(text, command.allow_sources)
    free = iter(range(len(command.inputs)))
    inputs = []
    for one in layout.inputs:
        number = _input_number(one.label, command) if one.label else next(free, None)
        if number is None:
            name = layout.nodes[one.pad.node].name
            raise SettingsError(f"an input of the filter {name!r} is connected to nothing")
        inputs.append(number)
    return GraphPlan(layout, inputs)


def _simple_graph(number: int, output: Output, command: Command) -> GraphPlan:
    source = _input_number(output.stream or "0", command)
    layout = lay_out("null" if output.filters is None else output.filters, command.allow_sources)
    if len(layout.inputs) != 1 or len(layout.outputs) != 1:
        raise SettingsError(
            f"the filter graph {output.filters!r} has {len(layout.inputs)} inputs and"
            f" {len(layout.outputs)} outputs; -vf needs one of each, -filter_complex takes more"
        )
    return GraphPlan(layout, [source], {number: layout.outputs[0]})


def _input_number(text: str, command: Command) -> int:
    """Read ``0``, ``0:v`` or ``0:v:0``: the pictures of an input."""
    match = _STREAM.fullmatch(text)
    if not match:
        raise SettingsError(
            f"{text!r} is no label of the graph, and not the pictures of an input, such as 0:v"
        )
    if int(match[1]) >= len(command.inputs):
        raise SettingsError(f"{text!r} names an input, but there are {len(command.inputs)}")
    return int(match[1])


def _claim(graphs: list[GraphPlan], number: int, output: Output) -> bool:
    """Connect an output file to an output of a complex graph, and return whether there is one."""
    label = None
    if output.stream is not None:
        if not output.stream.startswith("["):
            return False
        label = output.stream.strip("[]")
    for graph in graphs:
        taken = [id(one) for one in graph.outputs.values()]
        for one in graph.layout.outputs:
            if one.label == label and id(one) not in taken:
                if output.filters is not None:
                    raise SettingsError(
                        f"{output.name} has a -vf as well as an output of -filter_complex"
                    )
                graph.outputs[number] = one
                return True
    if label is not None:
        raise SettingsError(f"-map {output.stream}: no free output of the graph has that label")
    return False


def _finish(graph: GraphPlan, command: Command) -> None:
    """Put in what the outputs' options ask for, and an ``ssimgif`` where there is none."""
    layout = graph.layout
    for one in layout.outputs:
        if not any(one is taken for taken in graph.outputs.values()):
            label = f" [{one.label}]" if one.label else ""
            name = layout.nodes[one.pad.node].name
            raise SettingsError(f"the output{label} of the filter {name!r} goes to no file")
    for number, one in graph.outputs.items():
        node = one.pad.node
        if layout.nodes[node].name == STAGE:
            for spec in _output_filters(command.outputs[number]):
                layout.insert_before(node, spec)
            continue
        for spec in _output_filters(command.outputs[number]):
            layout.append(one, spec)
        if not layout.behind_stage(one.pad.node):
            layout.append(one, FilterSpec(STAGE))
    for node in layout.stages():
        if any(one.pad == Pad(node) for one in layout.inputs):
            layout.insert_before(node, FilterSpec("null"))
    _check_order(layout)
    for node in layout.stages():
        graph.settings[node] = _settings(graph, node, command)


def _output_filters(output: Output) -> list[FilterSpec]:
    """Return the options of an output as filters, in the order in which they work."""
    cut = output.cut
    limits = {"start": cut.start, "duration": cut.length}
    trim = ":".join(f"{name}={float(one):.6f}" for name, one in limits.items() if one is not None)
    specs = []
    if trim:
        specs += [FilterSpec("trim", None, trim), FilterSpec("setpts", None, "PTS-STARTPTS")]
    if cut.rate is not None:
        specs.append(FilterSpec("fps", None, str(cut.rate)))
    if output.frames is not None:
        specs.append(FilterSpec("trim", None, f"end_frame={output.frames}"))
    if output.size is not None:
        specs.append(FilterSpec("scale", None, f"{output.size[0]}:{output.size[1]}"))
    return specs


def _check_order(layout: Layout) -> None:
    """Refuse graphs in which frames pass two stages, or meet others behind one."""
    for number, spec in enumerate(layout.nodes):
        if not layout.behind_stage(number):
            continue
        if spec.name == STAGE:
            raise SettingsError("frames can't pass two ssimgif filters, one behind the other")
        fed = [layout.links.get(pad) for pad in _inputs(layout, number)]
        for source in fed:
            if source is None or not (
                layout.nodes[source.node].name == STAGE or layout.behind_stage(source.node)
            ):
                raise SettingsError(
                    f"the filter {spec.name!r} stands behind ssimgif but takes other frames, too"
                )


def _inputs(layout: Layout, node: int) -> list[Pad]:
    opened = [one.pad for one in layout.inputs if one.pad.node == node]
    return opened + [pad for pad in layout.links if pad.node == node]


def _settings(graph: GraphPlan, node: int, command: Command) -> Settings:
    """Return the settings of a stage, with the options of the file that it becomes."""
    settings = read_settings(graph.layout.nodes[node].arguments)
    for number, one in graph.outputs.items():
        output = command.outputs[number]
        if one.pad.node == node:
            if output.plays is not None:
                settings = replace(settings, loop=output.plays)
            if output.threads is not None:
                settings = replace(settings, jobs=output.threads)
    return settings
