"""A tuning constant is moved where it is defined, before anything is derived from it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ablate

SOURCE = """
import numpy as np
LIMIT: float = 2.0
FEW, MANY = 4, 1 << 6
RANGE = (1.0, (2, -3.0))
TABLE = np.array([1.0, 3.0], np.float32)
NAMES = ("one", "two")
TWICE = 2 * LIMIT
_BINS = 7
def scaled(x=LIMIT):
    LIMIT = 1.0
    return x * FEW
"""


def moved(name: str, factor: float, folder: Path) -> dict[str, object]:
    """Return what a module holds whose constant is moved."""
    (folder / "tuned.py").write_text(SOURCE)
    found = {one.name: one for one in ablate._constants("tuned", ast.parse(SOURCE))}
    finder = ablate._Finder(found[name], found[name].moved(factor))
    finder.module = "tuned"
    spec = finder.find_spec("tuned", [str(folder)])
    assert spec is not None and spec.loader is not None
    space: dict[str, object] = {}
    exec(spec.loader.get_code("tuned"), space)  # type: ignore[attr-defined]
    return space


def test_numbers_and_groups_of_numbers_are_constants() -> None:
    found = {one.name: one.value for one in ablate._constants("tuned", ast.parse(SOURCE))}
    expected = {"LIMIT": 2.0, "FEW": 4, "MANY": 64, "RANGE": (1.0, (2, -3.0)), "TABLE": [1.0, 3.0]}
    assert found == expected


def test_what_is_derived_follows(tmp_path: Path) -> None:
    space = moved("LIMIT", 1.25, tmp_path)
    assert (space["LIMIT"], space["TWICE"], space["FEW"]) == (2.5, 5.0, 4)
    assert space["scaled"]() == 10.0  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("FEW", 3), ("MANY", 48), ("RANGE", (0.75, (1, -2.25)))],
)
def test_whole_numbers_move_by_one_at_least(name: str, expected: object, tmp_path: Path) -> None:
    assert moved(name, 0.75, tmp_path)[name] == expected


def test_arrays_stay_arrays(tmp_path: Path) -> None:
    table = moved("TABLE", 1.25, tmp_path)["TABLE"]
    assert table.tolist() == [1.25, 3.75]  # type: ignore[attr-defined]
    assert str(table.dtype) == "float32"  # type: ignore[attr-defined]


def test_the_encoders_constants_are_found_and_those_of_a_metric_are_not() -> None:
    found = {f"{one.module}:{one.name}" for one in ablate.constants()}
    assert {"encoder.frame:PRICES", "encoder.preprocess:REST_SHARE"} <= found
    assert not any(name.startswith(("metrics.ssim", "kernels")) for name in found)
