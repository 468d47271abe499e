"""Kernels that were compiled before are loaded without the compiler."""

from __future__ import annotations

from pathlib import Path

from conftest import run_python

KERNELS = """
import numpy as np
from ssimgif.kernels.jit import helper, kernel

@helper
def third(values):
    return values[3]

@kernel
def squares(count):
    values = np.zeros(count, np.int64)
    for place in range(count):
        values[place] = place * place
    if count > 9:
        raise ValueError("so many")
    return values

@kernel(error_model="numpy")
def share(count):
    return third(squares(count)) / (count - 4)
"""
COMPILER = "'numba.np.linalg' in sys.modules"


def run(folder: Path, program: str, kernels: str = KERNELS) -> list[str]:
    """Run a program that knows the kernels in a fresh interpreter; return its lines."""
    (folder / "some_kernels.py").write_text(kernels)
    start = f"import sys; sys.path.insert(0, {str(folder)!r}); from some_kernels import *\n"
    return run_python(start + program, more={"NUMBA_CACHE_DIR": str(folder)}).stdout.splitlines()


def test_a_second_process_loads_what_the_first_compiled(tmp_path: Path) -> None:
    program = f"print(share(6), share(4), squares(3).tolist(), {COMPILER})"
    first, second = (run(tmp_path, program) for _ in range(2))
    assert first == ["4.5 inf [0, 1, 4] True"]
    assert second == ["4.5 inf [0, 1, 4] False"]


def test_a_loaded_kernel_raises_its_errors(tmp_path: Path) -> None:
    program = f"try: squares(10)\nexcept ValueError as error: print(error, {COMPILER})"
    assert [run(tmp_path, program) for _ in range(2)] == [
        ["so many True"],
        ["so many False"],
    ]


def test_a_loaded_kernel_can_be_compiled_into_another(tmp_path: Path) -> None:
    run(tmp_path, "squares(3)")
    program = f"print(squares(2).tolist(), {COMPILER})\nprint(share(6), squares(2).tolist())"
    assert run(tmp_path, program) == ["[0, 1] False", "4.5 [0, 1]"]


def test_a_new_type_of_argument_is_compiled(tmp_path: Path) -> None:
    run(tmp_path, "third(np.arange(4))")
    program = f"print(third(np.arange(4)), third(np.arange(4) / 2), {COMPILER})"
    assert run(tmp_path, program) == ["3 1.5 True"]


def test_a_changed_kernel_is_compiled_anew(tmp_path: Path) -> None:
    run(tmp_path, "squares(3)")
    changed = KERNELS.replace("place * place", "place + 1")
    assert run(tmp_path, "print(squares(3).tolist())", changed) == ["[1, 2, 3]"]
