"""The tuning constants of the encoder, and modules in which one of them has another value."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

CORE = Path(__file__).parents[1] / "core" / "ssimgif"
ROOMS = ("encoder", "ratecontrol", "palette", "lookahead", "dither", "metrics")
DEFINITIONS = (
    "metrics.banding",
    "metrics.ciede2000",
    "metrics.local",
    "metrics.local_scale",
    "metrics.missed",
    "metrics.ssim",
    "metrics.ssimulacra2",
)

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


def _moved(value: Value, factor: float) -> Value:
    if isinstance(value, tuple | list):
        return type(value)(_moved(one, factor) for one in value)
    if isinstance(value, int):
        return value + (1 if factor > 1 else -1) * max(1, round(abs(value * (factor - 1))))
    return value * factor


def constants() -> Iterator[Constant]:
    """Yield the tuning constants of all rooms, in the order of their files."""
    for room in ROOMS:
        for path in sorted((CORE / room).glob("*.py")):
            module = f"{room}.{path.stem}"
            if module not in DEFINITIONS:
                yield from constants_of(module, ast.parse(path.read_text(encoding="utf-8")))


def constants_of(module: str, tree: ast.Module) -> Iterator[Constant]:
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


class Finder(MetaPathFinder):
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
