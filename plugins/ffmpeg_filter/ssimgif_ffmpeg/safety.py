"""Which filters and options a graph from outside may use: those that look at nothing but frames.

``filters.txt`` lists what is allowed, so that a filter or an option of a later FFmpeg is refused
until somebody has looked at it. What was checked is what runs: the arguments are written anew, each
value under its option's name, and libavfilter never sees the text that came from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from ssimgif import SettingsError
from ssimgif_ffmpeg.syntax import FilterSpec, parse_arguments, write_arguments

STAGE = "ssimgif"
_EVERY = "+every"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is allowed of a filter.

    Attributes
    ----------
    order : tuple of str
        The options that values without a name go to, refused ones too.
    names : frozenset of str
        Every name under which an allowed option can be given.
    """

    order: tuple[str, ...]
    names: frozenset[str]


@cache
def allowed_filters() -> dict[str, Allowed]:
    """Return what ``filters.txt`` allows, by the filter's name."""
    groups: dict[str, list[str]] = {}
    filters: dict[str, Allowed] = {}
    for name, words in _entries():
        if name.startswith("+"):
            groups[name] = words
            continue
        joined = [word for word in words if word.startswith("+")]
        own = [word.split("/") for word in words if word not in joined]
        names = {one for aliases in own for one in aliases if not aliases[0].startswith("-")}
        names.update(*(groups[group] for group in (_EVERY, *joined)))
        order = tuple(aliases[0].removeprefix("-") for aliases in own)
        filters[name] = Allowed(order, frozenset(names))
    return filters


def _entries() -> Iterator[tuple[str, list[str]]]:
    """Yield names and the words behind them; indented lines go on with the one before."""
    text = files(__package__).joinpath("filters.txt").read_text(encoding="ascii")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    for entry in "\n".join(lines).replace("\n ", " ").splitlines():
        name, _, words = entry.partition(":")
        yield name, words.split()


def checked(spec: FilterSpec) -> FilterSpec:
    """Return a filter with every value under its option's name, if it can open nothing.

    Raises
    ------
    SettingsError
        When the filter, or one of its options, is not among those that are allowed.
    """
    allowed = allowed_filters().get(spec.name)
    if allowed is None:
        raise SettingsError(
            f"the filter {spec.name!r} is not among those known to open no files, devices or"
            " connections (--allow-sources permits it)"
        )
    values, pairs = parse_arguments(spec.arguments)
    if len(values) > len(allowed.order):
        raise SettingsError(
            f"the filter {spec.name!r} has no option for the value {values[len(allowed.order)]!r}"
        )
    named = [*zip(allowed.order, values, strict=False), *pairs.items()]
    for name, _ in named:
        if name in allowed.names:
            continue
        if name in allowed.order:
            raise SettingsError(
                f"the filter {spec.name!r} would open a file for its option {name!r}"
                " (--allow-sources permits it)"
            )
        raise SettingsError(
            f"the filter {spec.name!r}: No such option: {name} (--allow-sources permits those that"
            " may open files, too)"
        )
    return replace(spec, arguments=write_arguments(named))
