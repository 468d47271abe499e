"""ffmpeg's command line: options before a file are that file's, wherever they mean anything here.

Only what this command can honour is known; any other option is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ssimgif import Settings, SettingsError

PIPES = {"-", "pipe:", "pipe:0", "pipe:1"}
RATES = {"ntsc": Fraction(30000, 1001), "pal": Fraction(25), "film": Fraction(24)}
LEVELS = {
    "quiet": -8,
    "panic": 0,
    "fatal": 8,
    "error": 16,
    "warning": 24,
    "info": 32,
    "verbose": 40,
    "debug": 48,
    "trace": 56,
}
FORMATS = ("gif", "nut", "null")
CODECS = {"gif": ("gif",), "nut": ("rawvideo", "gif"), "null": ("gif",)}
PIXELS = {"gif": ("pal8",), "rawvideo": ("pal8", "rgba")}

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)(us|ms|s)?")
_UNITS = {"us": Fraction(1, 1_000_000), "ms": Fraction(1, 1000)}
_URL = re.compile(r"[a-z][a-z0-9+.]+:")


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a stream, and its rate.

    Attributes
    ----------
    start, length : Fraction or None
        Seconds; what is before and after is dropped.
    rate : Fraction or None
        Frames a second: of an input, instead of its own times; of an output, by dropping and
        repeating frames.
    """

    start: Fraction | None = None
    length: Fraction | None = None
    rate: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """``-i``: a file, or with ``generated`` a filter graph without inputs."""

    name: str
    cut: Cut = Cut()
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write.

    Attributes
    ----------
    name : str
        ``-`` is standard output.
    filters : str or None
    stream : str or None
        What ``-map`` names: an input such as ``0:v``, or a label in brackets.
    cut : Cut
    frames : int or None
        Write no more than these.
    size : tuple of int or None
        Width and height to scale to.
    plays : int or None
        Total number, 0 for ever.
    format, codec, pixels : str
    threads : int or None
    """

    name: str
    filters: str | None = None
    stream: str | None = None
    cut: Cut = Cut()
    frames: int | None = None
    size: tuple[int, int] | None = None
    plays: int | None = None
    format: str = "gif"
    codec: str = "gif"
    pixels: str = "pal8"
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """The whole command line.

    Attributes
    ----------
    overwrite : bool or None
        None asks, on a terminal.
    level : int
        libav's log level.
    stats : bool or None
        Whether to show progress; None as the level says.
    progress : str or None
        Where ``key=value`` lines go.
    period : float
        Seconds between two of them.
    """

    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    graphs: tuple[str, ...] = ()
    overwrite: bool | None = None
    ask: bool = True
    banner: bool = True
    level: int = LEVELS["info"]
    stats: bool | None = None
    progress: str | None = None
    period: float = 0.5
    allow_sources: bool = False
    help: bool = False


def parse_time(option: str, text: str) -> Fraction:
    """Read a duration as ffmpeg does: ``1.5``, ``1:30``, ``0:01:30.25``, ``200ms``.

    Raises
    ------
    SettingsError
    """
    match = _TIME.fullmatch(text.strip())
    if not match or len(text) > 40 or (match[4] and match[2]):
        raise SettingsError(f"{option} {text!r} is not a time such as 1.5, 0:01:30 or 200ms")
    hours, minutes, seconds, unit = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return whole + Fraction(seconds.rstrip(".") or 0) * _UNITS.get(unit, Fraction(1))


def parse_rate(option: str, text: str) -> Fraction:
    """Read a frame rate: ``25``, ``30000/1001``, ``ntsc``.

    Raises
    ------
    SettingsError
    """
    if text in RATES:
        return RATES[text]
    try:
        rate = Settings.parse({"fps": text}).fps
    except SettingsError as error:
        raise SettingsError(f"{option}: {error}") from None
    assert rate is not None
    return rate


def parse_size(option: str, text: str) -> tuple[int, int]:
    """Read ``320x240``.

    Raises
    ------
    SettingsError
    """
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    if not match:
        raise SettingsError(f"{option} {text!r} is not a size such as 320x240")
    return int(match[1]), int(match[2])


def parse_level(option: str, text: str) -> int:
    """Read a log level, by name or number; ffmpeg's flags before a ``+`` are left out.

    Raises
    ------
    SettingsError
    """
    name = text.rpartition("+")[2]
    if name in LEVELS:
        return LEVELS[name]
    if re.fullmatch(r"-?\d{1,3}", name):
        return int(name)
    raise SettingsError(f"{option} {text!r} is none of {', '.join(LEVELS)}")


def _whole(low: int) -> Callable[[str, str], int]:
    def parse(option: str, text: str) -> int:
        if not re.fullmatch(r"-?\d{1,9}", text) or int(text) < low:
            raise SettingsError(f"{option} must be a whole number from {low} on, not {text!r}")
        return int(text)

    return parse


def _period(option: str, text: str) -> float:
    return float(max(parse_time(option, text), Fraction(1, 100)))


def _text(option: str, text: str) -> str:
    return text


def _one_of(*names: str) -> Callable[[str, str], str]:
    def parse(option: str, text: str) -> str:
        if text not in names:
            raise SettingsError(f"{option} {text!r} is none of {', '.join(names)}")
        return text

    return parse


def _variable_rate(option: str, text: str) -> str:
    if text not in {"auto", "-1", "passthrough", "0", "vfr", "2"}:
        raise SettingsError(f"{option} {text!r} can't be had: frames keep their times; -r sets one")
    return text


# Options of the whole command: those without a value, and those with one.
_SWITCHES: dict[str, dict[str, Any]] = {
    "y": {"overwrite": True},
    "n": {"overwrite": False},
    "hide_banner": {"banner": False},
    "nostdin": {"ask": False},
    "stdin": {"ask": True},
    "stats": {"stats": True},
    "nostats": {"stats": False},
    "allow-sources": {"allow_sources": True},
    "h": {"help": True},
    "help": {"help": True},
}
_GLOBAL: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "loglevel": ("level", parse_level),
    "v": ("level", parse_level),
    "progress": ("progress", _text),
    "stats_period": ("period", _period),
}
_GRAPHS = {"filter_complex", "lavfi"}
# Options of a file.
_FILE: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "ss": ("ss", parse_time),
    "t": ("t", parse_time),
    "to": ("to", parse_time),
    "r": ("r", parse_rate),
    "framerate": ("r", parse_rate),
    "f": ("f", _text),
    "format": ("f", _text),
    "vf": ("vf", _text),
    "filter": ("vf", _text),
    "map": ("map", _text),
    "loop": ("loop", _whole(-1)),
    "frames": ("frames", _whole(1)),
    "vframes": ("frames", _whole(1)),
    "s": ("s", parse_size),
    "c": ("c", _text),
    "codec": ("c", _text),
    "vcodec": ("c", _text),
    "pix_fmt": ("pix_fmt", _text),
    "threads": ("threads", _whole(0)),
    "fps_mode": ("fps_mode", _variable_rate),
    "vsync": ("fps_mode", _variable_rate),
    "an": ("", _text),
    "sn": ("", _text),
    "dn": ("", _text),
}
_OF_INPUT = {"ss", "t", "to", "r", "f", "threads"}
_OF_OUTPUT = {one for one, _ in _FILE.values()} - {""}


@dataclass(slots=True)
class _State:
    command: Command = field(default_factory=Command)
    pending: dict[str, Any] = field(default_factory=dict)


def parse_command(arguments: Sequence[str]) -> Command:
    """Read the command line.

    Raises
    ------
    SettingsError
        With one sentence that names the option.
    """
    state = _State()
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in PIPES or not word.startswith("-"):
            _add_output(state, word)
        else:
            _option(state, word, rest)
    if state.pending and not state.command.help:
        left = ", ".join(f"-{name}" for name in state.pending)
        raise SettingsError(f"{left} stands behind the last file; options go before their file")
    return state.command


def _option(state: _State, word: str, rest: list[str]) -> None:
    name = word[2:] if word.startswith("--") else word[1:]
    name, _, stream = name.partition(":")
    if stream not in {"", "v", "v:0", "0"}:
        raise SettingsError(f"{word} is about a stream that a GIF has not")
    if name in _SWITCHES:
        state.command = replace(state.command, **_SWITCHES[name])
    elif name == "i":
        _add_input(state, _value(word, rest))
    elif name in _GRAPHS:
        graphs = (*state.command.graphs, _value(word, rest))
        state.command = replace(state.command, graphs=graphs)
    elif name in _GLOBAL:
        key, parse = _GLOBAL[name]
        state.command = replace(state.command, **{key: parse(word, _value(word, rest))})
    elif name in _FILE:
        key, parse = _FILE[name]
        if key:
            if key == "map" and "map" in state.pending:
                raise SettingsError("a file has one stream of pictures; give it one -map")
            state.pending[key] = parse(word, _value(word, rest))
    else:
        raise SettingsError(f"there is no option {word}; see ssimgif ffmpeg -h")


def _value(option: str, rest: list[str]) -> str:
    if not rest:
        raise SettingsError(f"{option} needs a value")
    return rest.pop(0)


def _add_input(state: _State, name: str) -> None:
    given, state.pending = state.pending, {}
    if misplaced := given.keys() - _OF_INPUT:
        raise SettingsError(f"-{min(misplaced)} is for outputs, but stands before -i {name}")
    if given.get("f") == "rawvideo":
        raise SettingsError("rawvideo states no size and no times: pipe matroska or nut instead")
    new = Input(_file(name), _cut(given), generated=given.get("f") == "lavfi")
    if new.generated:
        new = replace(new, name=name)
    state.command = replace(state.command, inputs=(*state.command.inputs, new))


def _add_output(state: _State, name: str) -> None:
    given, state.pending = state.pending, {}
    form = _one_of(*FORMATS)("-f", given["f"]) if "f" in given else _format_of(name)
    codec = given.get("c", CODECS[form][0])
    codec = _one_of(*CODECS[form])(
        f"-c of -f {form}", CODECS[form][-1] if codec == "copy" else codec
    )
    pixels = _one_of(*PIXELS[codec])(f"-pix_fmt of {codec}", given.get("pix_fmt", "pal8"))
    loop = given.get("loop")
    plays = None if loop is None else {-1: 1, 0: 0}.get(loop, loop + 1)
    new = Output(
        _file(name),
        filters=given.get("vf"),
        stream=given.get("map"),
        cut=_cut(given),
        frames=given.get("frames"),
        size=given.get("s"),
        plays=plays,
        format=form,
        codec=codec,
        pixels=pixels,
        threads=given.get("threads") or None,
    )
    state.command = replace(state.command, outputs=(*state.command.outputs, new))


def _format_of(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix == ".nut":
        return "nut"
    if suffix == ".gif" or name in PIPES or (Path(name).exists() and not Path(name).is_file()):
        return "gif"
    raise SettingsError(f"{name} ends in neither .gif nor .nut; -f gif writes a GIF there")


def _file(name: str) -> str:
    """Return the name of a file, ``-`` for a pipe."""
    if name in PIPES:
        return "-"
    if name.startswith("file:"):
        return name.removeprefix("file:")
    if _URL.match(name):
        raise SettingsError(f"{name} can't be opened: only files and pipes can")
    return name


def _cut(given: dict[str, Any]) -> Cut:
    start, length = given.get("ss"), given.get("t")
    if length is None and "to" in given:
        length = given["to"] - (start or 0)
    if length is not None and length <= 0:
        raise SettingsError("-to must be later than -ss, and -t more than 0")
    return Cut(start, length, given.get("r"))
