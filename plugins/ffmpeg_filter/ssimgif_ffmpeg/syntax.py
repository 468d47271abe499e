"""libavfilter's graph syntax: chains, labels, arguments, quotes and escapes.

The rules are those of ``avfilter_graph_parse2`` and ``av_get_token``: a graph is chains separated
by ``;``, a chain is filters separated by ``,``; ``'...'`` and ``\\`` take the meaning from what
follows, once for the graph and once more for a filter's arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ssimgif import SettingsError

_SPACE = " \n\t\r"
_NAME = re.compile(rf"[{_SPACE}]*([A-Za-z0-9_./-]*)[{_SPACE}]*=")
_SPECIAL = re.compile(rf"[{_SPACE}:'\\]")


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """One filter as it is written in a graph.

    Attributes
    ----------
    name : str
    instance : str or None
        What stands behind ``@`` in ``name@instance``.
    arguments : str
        Without the graph's quotes, still with those of the arguments.
    inputs, outputs : tuple of str
        Labels in brackets before and after it.
    """

    name: str
    instance: str | None = None
    arguments: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class _Reader:
    """A text and a position in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def peek(self) -> str:
        """Return the next character, empty at the end."""
        return self.text[self.position : self.position + 1]

    def skip_space(self) -> None:
        while self.peek() and self.peek() in _SPACE:
            self.position += 1

    def take(self, character: str) -> bool:
        """Move over a character and the space around it, if it comes next."""
        self.skip_space()
        found = self.peek() == character
        if found:
            self.position += 1
            self.skip_space()
        return found

    def token(self, terminators: str) -> str:
        """Read up to an unquoted terminator, and return it without quotes and outer space."""
        self.skip_space()
        out: list[str] = []
        keep = 0
        while (c := self.peek()) and c not in terminators:
            self.position += 1
            if c == "\\" and self.peek():
                out.append(self.peek())
                self.position += 1
                keep = len(out)
            elif c == "'":
                end = self.text.find("'", self.position)
                if end < 0:
                    raise SettingsError(f"a quote is not closed in the filter graph {self.text!r}")
                out.extend(self.text[self.position : end])
                self.position = end + 1
                keep = len(out)
            else:
                out.append(c)
        while len(out) > keep and out[-1] in _SPACE:
            out.pop()
        return "".join(out)


def parse_graph(text: str) -> list[list[FilterSpec]]:
    """Read a filter graph as chains of filters.

    Raises
    ------
    SettingsError
        With one sentence on what is wrong, and where.
    """
    if not text.strip():
        raise SettingsError("the filter graph is empty")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise SettingsError("the filter graph is not UTF-8 text")
    if "\0" in text:
        raise SettingsError("the filter graph has a null character")
    reader = _Reader(text)
    chains: list[list[FilterSpec]] = [[]]
    while True:
        chains[-1].append(_filter(reader))
        if reader.take(","):
            continue
        if not reader.take(";"):
            break
        if not reader.peek():
            break
        chains.append([])
    if reader.peek():
        raise _fault(reader, f"{reader.peek()!r} is not expected")
    return chains


def _filter(reader: _Reader) -> FilterSpec:
    inputs = _labels(reader)
    if reader.peek() in {"", ",", ";"}:
        raise _fault(reader, "a filter is missing")
    name, _, instance = reader.token("=,;[").partition("@")
    if not name:
        raise _fault(reader, "a filter has no name")
    arguments = reader.token("[],;") if reader.take("=") else ""
    return FilterSpec(name, instance or None, arguments, inputs, _labels(reader))


def _labels(reader: _Reader) -> tuple[str, ...]:
    labels = []
    while reader.take("["):
        label = reader.token("]")
        if not label:
            raise _fault(reader, "a label is empty")
        if not reader.take("]"):
            raise _fault(reader, f"the label {label!r} has no closing bracket")
        labels.append(label)
    return tuple(labels)


def _fault(reader: _Reader, what: str) -> SettingsError:
    place = f"before {reader.text[reader.position :]!r}" if reader.peek() else "at its end"
    return SettingsError(f"{what} in the filter graph {reader.text!r}, {place}")


def parse_arguments(text: str) -> tuple[list[str], dict[str, str]]:
    """Read a filter's arguments: first values without a name, then ``name=value`` pairs.

    The rules are those of ``av_opt_get_key_value``: blanks around a name, before ``=`` and around a
    value do not count, unless they are quoted or escaped. Of a name that is given twice the last
    value counts.

    Raises
    ------
    SettingsError
        When a value without a name follows one with a name.
    """
    values: list[str] = []
    pairs: dict[str, str] = {}
    reader = _Reader(text)
    while reader.peek():
        name = _name(reader)
        value = reader.token(":")
        reader.position += 1
        if name is not None:
            pairs[name] = value
        elif pairs:
            raise SettingsError(f"{value!r} has no name but follows a named value in {text!r}")
        else:
            values.append(value)
    return values, pairs


def write_arguments(pairs: Iterable[tuple[str, str]]) -> str:
    """Return ``name=value`` pairs as the text that `parse_arguments` and libavfilter read so."""
    return ":".join(f"{name}={_SPECIAL.sub(_escaped, value)}" for name, value in pairs)


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


def _name(reader: _Reader) -> str | None:
    """Read ``name=``, if that comes next."""
    match = _NAME.match(reader.text, reader.position)
    if match is None:
        return None
    reader.position = match.end()
    return match[1]
