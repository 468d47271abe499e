"""A filter graph as nodes and links, with every pad known, before anything runs.

How many pads a filter has is known only once it is made, so each is made once in a graph that is
then thrown away; wrong options are found by that, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import av.filter

from ssimgif import SettingsError
from ssimgif_ffmpeg.errors import FilterError, reported
from ssimgif_ffmpeg.safety import STAGE, checked
from ssimgif_ffmpeg.syntax import FilterSpec, parse_graph


@dataclass(frozen=True, slots=True)
class Pad:
    """One of a node's inputs or outputs, counted from 0."""

    node: int
    index: int = 0


@dataclass(slots=True)
class Open:
    """A pad that is linked to no other filter.

    Attributes
    ----------
    pad : Pad
    label : str or None
    """

    pad: Pad
    label: str | None = None


@dataclass(slots=True)
class Layout:
    """Filters and how they are connected.

    Attributes
    ----------
    nodes : list of FilterSpec
    links : dict of Pad to Pad
        From an input to the output that feeds it.
    inputs, outputs : list of Open
        In the order in which they are written.
    """

    nodes: list[FilterSpec] = field(default_factory=list)
    links: dict[Pad, Pad] = field(default_factory=dict)
    inputs: list[Open] = field(default_factory=list)
    outputs: list[Open] = field(default_factory=list)

    def feeders(self, node: int) -> list[int]:
        """Return the nodes whose outputs a node reads."""
        return [source.node for target, source in self.links.items() if target.node == node]

    def ancestors(self, node: int) -> set[int]:
        """Return a node and all that its frames come through."""
        return {node}.union(*(self.ancestors(one) for one in self.feeders(node)))

    def behind_stage(self, node: int) -> bool:
        """Return whether a node gets frames that an ``ssimgif`` made."""
        feeders = self.feeders(node)
        return any(self.nodes[i].name == STAGE or self.behind_stage(i) for i in feeders)

    def stages(self) -> list[int]:
        """Return the nodes that are ``ssimgif``."""
        return [i for i, spec in enumerate(self.nodes) if spec.name == STAGE]

    def append(self, output: Open, spec: FilterSpec) -> None:
        """Put a filter of one input and one output behind an open output."""
        self.nodes.append(spec)
        new = len(self.nodes) - 1
        self.links[Pad(new)] = output.pad
        output.pad = Pad(new)

    def insert_before(self, node: int, spec: FilterSpec) -> None:
        """Put a filter of one input and one output before a node's first input."""
        self.nodes.append(spec)
        new = len(self.nodes) - 1
        feeder = self.links.pop(Pad(node), None)
        if feeder is not None:
            self.links[Pad(new)] = feeder
        else:
            next(one for one in self.inputs if one.pad == Pad(node)).pad = Pad(new)
        self.links[Pad(node)] = Pad(new)


def lay_out(text: str, allow_sources: bool = False) -> Layout:
    """Read a filter graph and connect its filters as libavfilter does.

    Parameters
    ----------
    text : str
        Chains in libavfilter's syntax; one filter may be ``ssimgif``.
    allow_sources : bool
        Whether filters that open files or make frames of their own are permitted.

    Raises
    ------
    SettingsError
        When the syntax is wrong or a filter is not permitted.
    FilterError
        When libavfilter does not know a filter or its options.
    """
    chains = parse_graph(text)
    if not allow_sources:
        chains = [[_permitted(spec) for spec in chain] for chain in chains]
    return _Builder(text).build(chains)


def _permitted(spec: FilterSpec) -> FilterSpec:
    if spec.name == STAGE:
        return spec
    _check_name(spec.name)
    return checked(spec)


class _Builder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.layout = Layout()
        self.graph = av.filter.Graph()

    def build(self, chains: Sequence[Sequence[FilterSpec]]) -> Layout:
        for chain in chains:
            before: list[Open] = []
            for spec in chain:
                before = self._add(spec, before)
            self.layout.outputs += before
        return self.layout

    def _add(self, spec: FilterSpec, before: list[Open]) -> list[Open]:
        """Add a filter behind the outputs ``before`` and return its own open ones."""
        inputs, outputs = self._pads(spec)
        self.layout.nodes.append(spec)
        node = len(self.layout.nodes) - 1
        wanted = [self._labelled_output(label) for label in spec.inputs]
        feeding = [*wanted, *before]
        if len(feeding) > inputs:
            raise SettingsError(
                f"the filter {spec.name!r} has {inputs} input{'s' * (inputs != 1)},"
                f" but {len(feeding)} are given in {self.text!r}"
            )
        for index in range(inputs):
            self._feed(Pad(node, index), feeding[index] if index < len(feeding) else Open(Pad(-1)))
        mine = [Open(Pad(node, index)) for index in range(outputs)]
        if len(spec.outputs) > outputs:
            raise SettingsError(
                f"the filter {spec.name!r} has {outputs} output{'s' * (outputs != 1)},"
                f" but {len(spec.outputs)} labels in {self.text!r}"
            )
        for label in spec.outputs:
            self._name_output(mine.pop(0), label)
        return mine

    def _feed(self, target: Pad, source: Open) -> None:
        if source.pad.node >= 0:
            self.layout.links[target] = source.pad
        else:
            self.layout.inputs.append(Open(target, source.label))

    def _labelled_output(self, label: str) -> Open:
        """Take the output with a label; where none is known yet, one that is still to come."""
        found = next((one for one in self.layout.outputs if one.label == label), None)
        if found is None:
            return Open(Pad(-1), label)
        self.layout.outputs.remove(found)
        return found

    def _name_output(self, output: Open, label: str) -> None:
        """Label an output, and link it where an earlier filter asked for that label."""
        waiting = next((one for one in self.layout.inputs if one.label == label), None)
        if waiting is not None:
            self.layout.inputs.remove(waiting)
            self.layout.links[waiting.pad] = output.pad
        else:
            output.label = label
            self.layout.outputs.append(output)

    def _pads(self, spec: FilterSpec) -> tuple[int, int]:
        if spec.name == STAGE:
            return 1, 1
        context = make_filter(self.graph, spec)
        return len(context.inputs), len(context.outputs)


def make_filter(graph: av.filter.Graph, spec: FilterSpec) -> Any:
    """Make a filter in a graph of libavfilter's.

    Raises
    ------
    FilterError
    """
    _check_name(spec.name)
    with reported(spec.name):
        return graph.add(spec.name, spec.arguments or None, name=spec.instance or spec.name)


def _check_name(name: str) -> None:
    if name not in av.filter.filters_available:
        near = get_close_matches(name, [*av.filter.filters_available, STAGE], 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise FilterError(f"this libavfilter has no filter named {name!r}{hint}")
