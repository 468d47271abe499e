"""Rooms know one another by their doors: what an ``__init__`` names in ``__all__``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from conftest import CORE

PACKAGE = CORE / "ssimgif"
# Kernels have no door: each is imported by its file, so that no other is loaded.
WITHOUT_DOOR = "kernels"
DOORS = {
    path.parent.name: path
    for path in sorted(PACKAGE.glob("*/__init__.py"))
    if path.parent.name != WITHOUT_DOOR
}


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each room's module and name that a file imports, or takes from a room's door."""
    rooms: dict[str, str] = {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = f"ssimgif.{node.module}" if node.level else str(node.module)
        for alias in node.names:
            if module == "ssimgif" and alias.name in DOORS:
                rooms[alias.asname or alias.name] = f"ssimgif.{alias.name}"
            elif module.split(".")[0] == "ssimgif" and module.split(".")[1:2] != []:
                yield module, alias.name
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name)) if name in rooms:
                yield rooms[name], node.attr


@cache
def entered(path: Path) -> list[tuple[str, str, str]]:
    """Return room, module and name of what a file takes from another room."""
    own = path.relative_to(PACKAGE).parts[0]
    found = [(module.split(".")[1], module, name) for module, name in imports(path)]
    return [each for each in found if each[0] in DOORS and each[0] != own]


def public_of(door: Path) -> list[str]:
    """Return a room's ``__all__``."""
    for node in ast.parse(door.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    return []


FILES = sorted(path for suffix in ("py", "pyi") for path in PACKAGE.rglob(f"*.{suffix}"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_another_room_is_entered_by_its_door(path: Path) -> None:
    for room, module, name in entered(path):
        assert module == f"ssimgif.{room}", f"{module} is behind the door of {room}"
        assert name in public_of(DOORS[room]), f"{name} is not at the door of {room}"


@pytest.mark.parametrize("room", DOORS)
def test_every_name_at_a_door_is_used_in_another_room_or_public(room: str) -> None:
    used = {name for path in FILES for into, _, name in entered(path) if into == room}
    assert set(public_of(DOORS[room])) <= used
