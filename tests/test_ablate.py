"""A tuning constant is moved where it is defined, before anything is derived from it.

What was measured is not measured again, and what takes too long is given up.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import constants

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
    found = {one.name: one for one in constants.constants_of("tuned", ast.parse(SOURCE))}
    finder = constants.Finder(found[name], found[name].moved(factor))
    finder.module = "tuned"
    spec = finder.find_spec("tuned", [str(folder)])
    assert spec is not None and spec.loader is not None
    space: dict[str, object] = {}
    exec(spec.loader.get_code("tuned"), space)  # type: ignore[attr-defined]
    return space


def test_numbers_and_groups_of_numbers_are_constants() -> None:
    found = {one.name: one.value for one in constants.constants_of("tuned", ast.parse(SOURCE))}
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
    found = {f"{one.module}:{one.name}" for one in constants.constants()}
    assert {"encoder.frame:PRICES", "encoder.preprocess:REST_SHARE"} <= found
    assert not any(name.startswith(("metrics.ssim", "kernels")) for name in found)


@pytest.fixture
def laboratory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a laboratory whose clips are encoded by what a test puts there."""
    pytest.importorskip("resource", reason="the system has no fork")
    import ablate

    def made(encode_all: Callable[..., object], encoder: str = "this one") -> ablate.Laboratory:
        monkeypatch.setattr(ablate, "encode_all", encode_all)
        results = ablate.Results(tmp_path / "results.jsonl", encoder)
        return ablate.Laboratory(ablate.Given((), 1), results, 2)

    return made


def failing(*_: object) -> None:
    raise ValueError("not to be encoded again")


def endless(*_: object) -> None:
    while True:
        pass


def test_a_run_goes_on_where_it_was_stopped(laboratory: Any) -> None:
    import ablate

    done, left = (ablate.Trial(None, factor, 5) for factor in (0.75, 1.25))
    found = ablate.Result((101,), (1.0,), 0)
    assert list(laboratory(lambda *_: found).outcomes([done], 5)) == [found]
    again = laboratory(failing)
    assert list(again.outcomes([done, left], 5)) == [found, "fails: not to be encoded again"]
    other = laboratory(failing, "another one")
    assert list(other.outcomes([done], 5)) == ["fails: not to be encoded again"]


def test_what_takes_many_times_as_long_is_given_up(laboratory: Any) -> None:
    import ablate

    trial = ablate.Trial(None, 1.0, 5)
    (told,) = laboratory(endless).outcomes([trial], 0.2)
    assert told == "takes more than 4 times as long"
    usual = ablate.Result((100,), (1.0,), 0)
    slower = ablate.Result((110,), (1.5,), 1)
    assert ablate.cells([told, slower], usual) == [told, "+10.00%, 1 missed", "- / +50%"]
