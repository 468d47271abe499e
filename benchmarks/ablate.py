"""What each tuning constant of the encoder is worth: moved by -25 % and +25 %, all else equal.

    benchmarks/ablate.py encoder.crop:PRICES        one constant
    benchmarks/ablate.py ratecontrol dither.policy  those of a room, or of a module
    benchmarks/ablate.py --write                    all of them, into docs/tuning.md

The clips are the small ones of tests/clips.py, or the files named by ``--clips``. Each value is
tried in a process of its own, in which the constant's module is compiled with the other value: so
whoever imports it, or derives something from it, sees that one. Constants of the kernels, which are
compiled in, and those by which a metric is defined are left out. It forks: not for Windows.
"""

from __future__ import annotations

import argparse
import ast
import json
import multiprocessing
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from itertools import islice
from math import exp, log
from pathlib import Path
from time import process_time
from types import CodeType, ModuleType
from typing import Any

ROOT = Path(__file__).parents[1]
CORE = ROOT / "core" / "ssimgif"
TABLE = ROOT / "docs" / "tuning.md"
ROOMS = ("encoder", "ratecontrol", "palette", "lookahead", "dither", "metrics")
DEFINITIONS = ("metrics.ssim", "metrics.ssimulacra2", "metrics.ciede2000")
FACTORS = (0.75, 1.25)
# CPU seconds after which a value is taken to keep the encoder from ever ending.
PATIENCE = 60

Value = Any  # a number, or a tuple, list or array of such


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, or a tuple or an array of numbers, that a module of a room holds."""

    module: str
    name: str
    value: Value

    def moved(self, factor: float) -> Value:
        """Return the value times a factor; a whole number moves by one at least."""
        return _moved(self.value, factor)


@dataclass(frozen=True, slots=True)
class Result:
    """What some clips came to: bytes and CPU seconds of each, and how many missed the target."""

    bytes: tuple[int, ...]
    seconds: tuple[float, ...]
    missed: int

    def against(self, other: Result) -> tuple[float, float, int]:
        """Return the changes of bytes and seconds, as shares in the geometric mean, and of misses.

        Equal bytes of every clip are a change of exactly nothing.
        """
        return (
            _change(self.bytes, other.bytes),
            sum(self.seconds) / sum(other.seconds) - 1,
            self.missed - other.missed,
        )


def _moved(value: Value, factor: float) -> Value:
    if isinstance(value, tuple | list):
        return type(value)(_moved(one, factor) for one in value)
    if isinstance(value, int):
        return value + (1 if factor > 1 else -1) * max(1, round(abs(value * (factor - 1))))
    return value * factor


def _change(now: Sequence[int], before: Sequence[int]) -> float:
    logs = [log(a / b) for a, b in zip(now, before, strict=True)]
    return exp(sum(logs) / len(logs)) - 1 if any(logs) else 0.0


def constants() -> Iterator[Constant]:
    """Yield the tuning constants of all rooms, in the order of their files."""
    for room in ROOMS:
        for path in sorted((CORE / room).glob("*.py")):
            module = f"{room}.{path.stem}"
            if module not in DEFINITIONS:
                yield from _constants(module, ast.parse(path.read_text(encoding="utf-8")))


def _constants(module: str, tree: ast.Module) -> Iterator[Constant]:
    for statement in tree.body:
        match statement:
            case ast.Assign([ast.Name(name)], node) | ast.AnnAssign(ast.Name(name), _, node):
                value = None if node is None else _value(node)
                if value is not None and not name.startswith("_"):
                    yield Constant(module, name, value)
            case ast.Assign([ast.Tuple(targets)], ast.Tuple(nodes)):
                for target, node in zip(targets, nodes, strict=True):
                    value = _value(node)
                    if value is not None:
                        yield Constant(module, ast.unparse(target), value)


def _value(node: ast.expr) -> Value:
    """Return what numbers, sums and products of numbers, tuples and arrays of them come to."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("np"), "array"), [ast.List() as node, *_]):
            pass
    if any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(node)):
        return None
    value = eval(compile(ast.Expression(node), "", "eval"), {})
    return value if _is_numeric(value) else None


def _is_numeric(value: Value) -> bool:
    if isinstance(value, tuple | list):
        return bool(value) and all(map(_is_numeric, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


class _Replacing(ast.NodeTransformer):
    """Puts another value in the place of a constant's."""

    def __init__(self, constant: Constant, value: Value) -> None:
        self.constant = constant
        self.value = ast.parse(repr(value), mode="eval").body

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        match node:
            case ast.Assign([ast.Name(self.constant.name)], _):
                node.value = self._in_place_of(node.value)
            case ast.Assign([ast.Tuple(targets)], ast.Tuple(nodes)):
                for place, target in enumerate(targets):
                    if ast.unparse(target) == self.constant.name:
                        nodes[place] = self._in_place_of(nodes[place])
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        if node.value is not None and ast.unparse(node.target) == self.constant.name:
            node.value = self._in_place_of(node.value)
        return node

    def _in_place_of(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Call):
            node.args[0] = self.value
            return node
        return self.value


class _Loader(SourceFileLoader):
    """Compiles a module with another value of a constant."""

    def __init__(self, name: str, path: str, replacing: _Replacing) -> None:
        super().__init__(name, path)
        self._replacing = replacing

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(self.get_data(self.path), self.path)
        tree.body = [
            self._replacing.visit(one) if isinstance(one, ast.Assign | ast.AnnAssign) else one
            for one in tree.body
        ]
        return compile(ast.fix_missing_locations(tree), self.path, "exec")


class _Finder(MetaPathFinder):
    """Finds the module of a constant, and leaves the others to others."""

    def __init__(self, constant: Constant, value: Value) -> None:
        self.module = f"ssimgif.{constant.module}"
        self.replacing = _Replacing(constant, value)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self.module:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec is not None and spec.origin is not None
        spec.loader = _Loader(name, spec.origin, self.replacing)
        return spec


@dataclass(frozen=True, slots=True)
class Given:
    """Clips: the first frames of files, or without files the small clips of the tests."""

    files: tuple[str, ...]
    frames: int

    def __str__(self) -> str:
        names = ", ".join(Path(file).name for file in self.files)
        return f"the first {self.frames} frames of {names}" if names else "`tests/clips.py`"


def encode_all(given: Given, effort: int) -> Result:
    """Encode the clips in this process."""
    import ssimgif
    from clips import CLIPS

    def opened(file: str) -> ssimgif.Clip:
        clip = ssimgif.open_clip(file, {})
        found = list(islice(clip.frames(), given.frames))
        return replace(clip, open_frames=lambda: iter(found), frame_count=len(found))

    clips = [opened(file) for file in given.files] or [make() for make in CLIPS.values()]
    settings = ssimgif.Settings(effort=effort, jobs=1, no_cache=True)
    sizes, seconds, missed = [], [], 0
    for clip in clips:
        start = process_time()
        report = ssimgif.encode(clip, settings).report
        sizes.append(report.bytes)
        seconds.append(process_time() - start)
        missed += not report.valid
    return Result(tuple(sizes), tuple(seconds), missed)


def encode_with(given: Given, effort: int, constant: Constant | None, factor: float) -> Result:
    """Encode the clips with a constant moved by a factor, in a process that is of no further use.

    The kernels stay as they were loaded; all other modules are imported again.
    """
    if constant is not None:
        for name in list(sys.modules):
            if name == "clips" or (name.startswith("ssimgif") and ".kernels" not in name):
                del sys.modules[name]
        sys.meta_path.insert(0, _Finder(constant, constant.moved(factor)))
        import_module(f"ssimgif.{constant.module}")
    signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    return encode_all(given, effort)


def _give_up(*_: object) -> None:
    raise TimeoutError("does not end")


class Trials:
    """Encodes the clips, each time in a process that has loaded the kernels before."""

    def __init__(self, given: Given) -> None:
        self.given = given
        encode_all(given, 1)
        self._processes = multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1)

    def run(self, effort: int, constant: Constant | None = None, factor: float = 1.0) -> Result:
        """Return what the clips come to with a constant moved by a factor."""
        words = (self.given, effort, constant, factor)
        return self._processes.apply(encode_with, words)

    def outcome(self, effort: int, constant: Constant, factor: float) -> Result | str:
        """Return the same, or in words why there is none."""
        try:
            return self.run(effort, constant, factor)
        except Exception as error:
            return str(error)


HEADER = """# Tuning

Each constant of the encoder, and what comes of it when it is a quarter smaller or larger, all else
equal: the change of bytes in the geometric mean over the clips, and of CPU seconds. A whole number
moves by one at least. *n missed*: so many more clips than usual missed their target (fewer, with a
minus), so that their bytes count for little. *Same*: every clip has the same bytes, which says no
more than that these clips at this effort don't depend on it. A change of seconds under 10 % is
mostly noise.

Measured by `benchmarks/ablate.py --write` on {clips} at the efforts {efforts}. A constant that
changes nothing at an effort is tried at the next.

| constant | value | where | effort | bytes at -25 % | bytes at +25 % | seconds |
|---|---|---|---|---|---|---|
"""


def row(constant: Constant, effort: int, cells: Sequence[str]) -> str:
    """Return a row of the table."""
    value = json.dumps(constant.value).translate(str.maketrans("[]", "()"))
    where = (f"`{constant.name}`", value, f"`{constant.module}`", str(effort))
    return f"| {' | '.join((*where, *cells))} |"


def cells(outcomes: Sequence[Result | str], usual: Result) -> list[str]:
    """Return the cells of changes of bytes, or of why there is no result, and that of seconds."""
    sizes, seconds = [], []
    for outcome in outcomes:
        if isinstance(outcome, str):
            sizes.append(f"fails: {outcome}")
            seconds.append("-")
            continue
        by, slower, missed = outcome.against(usual)
        more = f", {missed} missed" if missed else ""
        sizes.append(("same" if by == 0.0 else f"{by:+.2%}") + more)
        seconds.append(f"{slower:+.0%}")
    return [*sizes, " / ".join(seconds)]


def rows(found: Sequence[Constant], trials: Trials, efforts: Sequence[int]) -> Iterator[str]:
    """Yield a row a constant, at the first effort that it matters at, or at the last."""
    usual = cache(trials.run)
    for constant in found:
        for effort in efforts:
            outcomes = [trials.outcome(effort, constant, factor) for factor in FACTORS]
            told = cells(outcomes, usual(effort))
            if effort == efforts[-1] or told[:2] != ["same", "same"]:
                yield row(constant, effort, told)
                break


def chosen(words: Sequence[str]) -> list[Constant]:
    """Return the constants of rooms, modules, or ``module:NAME``; all without words."""
    found = [
        one
        for one in constants()
        if not words
        or {one.module.split(".")[0], one.module, f"{one.module}:{one.name}"} & set(words)
    ]
    if not found:
        raise SystemExit(f"ablate: no constant is named {' or '.join(words)}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("constants", nargs="*", help="rooms, modules, or module:NAME")
    parser.add_argument("--clips", nargs="+", default=[], metavar="FILE", help="other clips")
    parser.add_argument("--frames", type=int, default=20, help="frames of each file (20)")
    parser.add_argument("--efforts", nargs="+", type=int, default=[1, 5], help="efforts (1 5)")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.relative_to(ROOT)}")
    words = parser.parse_args()
    sys.path.append(str(ROOT / "tests"))
    given = Given(tuple(words.clips), words.frames)
    table = HEADER.format(clips=given, efforts=" and ".join(map(str, words.efforts)))
    for line in rows(chosen(words.constants), Trials(given), words.efforts):
        print(line, flush=True)
        table += line + "\n"
        if words.write:
            TABLE.write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
