"""Kernels that were compiled before are loaded without the compiler."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

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


SMALL_KERNELS = """
from ssimgif.kernels.jit import helper, kernel

@helper
def third(values):
    return values[2]

@kernel
def twice(values):
    return 2 * third(values)
"""
# Numbas to come, whose insides are others.
OTHER_NUMBAS = {
    "a module has moved": """
import numba.core.runtime as runtime
del runtime._nrt_python
sys.modules["numba.core.runtime._nrt_python"] = None
""",
    "an option has gone": """
from numba.core.cpu import CPUTargetOptions
del CPUTargetOptions.__bases__[0]._nrt
""",
    "a cache is kept elsewhere": """
from numba.core.dispatcher import Dispatcher
Dispatcher._cache = property(lambda self: self.kept, lambda self, new: vars(self).update(kept=new))
""",
    "a cache is made otherwise": """
from numba.core import caching
class Other(caching.IndexDataCacheFile):
    def __init__(self, *, cache_path, filename_base, source_stamp):
        super().__init__(cache_path, filename_base, source_stamp)
caching.IndexDataCacheFile = Other
""",
    "compiled forms have one more part": """
from numba.core.compiler import CompileResult
reduce, rebuild = CompileResult._reduce, CompileResult._rebuild
CompileResult._reduce = lambda self: (*reduce(self), "more")
CompileResult._rebuild = classmethod(lambda cls, target, *parts: rebuild(target, *parts[:-1]))
""",
}


def run(folder: Path, program: str, kernels: str = KERNELS, before: str = "") -> list[str]:
    """Run a program that knows the kernels in a fresh interpreter; return its lines."""
    source = folder / "some_kernels.py"
    if not source.exists() or source.read_text() != kernels:
        source.write_text(kernels)
    find = f"import sys; sys.path.insert(0, {str(folder)!r})\n"
    start = f"{find}{before}\nfrom some_kernels import *\n"
    return run_python(start + program, more={"NUMBA_CACHE_DIR": str(folder)}).stdout.splitlines()


PROGRAM = f"print(share(6), share(4), third(np.arange(4)), squares(3).tolist(), {COMPILER})"
SMALL_PROGRAM = f"print(twice(b'123'), {COMPILER})"
RAISES = f"try: squares(10)\nexcept ValueError as error: print(error, {COMPILER})"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Give a folder in which a process compiled all kernels, and what it printed."""
    folder = tmp_path_factory.mktemp("first")
    return folder, run(folder, f"{PROGRAM}\n{RAISES}")


@pytest.fixture
def compiled(first: tuple[Path, list[str]], tmp_path: Path) -> Path:
    """Give a copy of that folder of one's own."""
    return shutil.copytree(first[0], tmp_path / "compiled")


@pytest.fixture(scope="module")
def first_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder in which a process compiled the small kernels."""
    folder = tmp_path_factory.mktemp("small")
    assert run(folder, SMALL_PROGRAM, SMALL_KERNELS) == ["102 True"]
    return folder


@pytest.fixture
def small(first_small: Path, tmp_path: Path) -> Path:
    """Give a copy of that folder of one's own."""
    return shutil.copytree(first_small, tmp_path / "small")


def test_a_second_process_loads_what_the_first_compiled(first: tuple[Path, list[str]]) -> None:
    folder, said = first
    assert said == ["4.5 inf 3 [0, 1, 4] True", "so many True"]
    assert run(folder, f"{PROGRAM}\n{RAISES}") == ["4.5 inf 3 [0, 1, 4] False", "so many False"]


def test_a_loaded_kernel_can_be_compiled_into_another(compiled: Path) -> None:
    (file,) = compiled.rglob("some_kernels.share-*.kernel")
    file.unlink()
    program = f"print(squares(2).tolist(), {COMPILER})\nprint(share(6), squares(2).tolist())"
    assert run(compiled, program) == ["[0, 1] False", "4.5 [0, 1]"]


def test_a_new_type_of_argument_is_compiled(compiled: Path) -> None:
    program = f"print(third(np.arange(4)), third(np.arange(4) / 2), {COMPILER})"
    assert run(compiled, program) == ["3 1.5 True"]


def test_a_changed_kernel_is_compiled_anew(compiled: Path) -> None:
    changed = KERNELS.replace("place * place", "place + 1")
    assert run(compiled, "print(squares(3).tolist())", changed) == ["[1, 2, 3]"]


def test_a_corrupted_kernel_is_compiled_anew(small: Path) -> None:
    (file,) = small.rglob("some_kernels.twice-*.kernel")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    said = [run(small, SMALL_PROGRAM, SMALL_KERNELS) for _ in range(2)]
    assert said == [["102 True"], ["102 False"]]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rights")
def test_a_kernel_that_others_could_write_is_not_loaded(small: Path) -> None:
    (file,) = small.rglob("some_kernels.twice-*.kernel")
    file.chmod(0o666)
    assert run(small, SMALL_PROGRAM, SMALL_KERNELS) == ["102 True"]
    file.parent.chmod(0o777)
    assert run(small, SMALL_PROGRAM, SMALL_KERNELS) == ["102 True"]


def test_a_kernel_of_another_processor_is_not_loaded(tmp_path: Path) -> None:
    generic = "import os; os.environ['NUMBA_CPU_NAME'] = 'generic'"
    run(tmp_path, SMALL_PROGRAM, SMALL_KERNELS, generic)
    assert run(tmp_path, SMALL_PROGRAM, SMALL_KERNELS) == ["102 True"]


def test_constants_do_not_make_forms_of_their_own(tmp_path: Path) -> None:
    calls = (
        KERNELS
        + """
@helper
def scaled(value, by):
    return value * by

@kernel
def several(value):
    return scaled(value, 2) + scaled(value, 3) + scaled(value, -4)
"""
    )
    assert run(tmp_path, "print(several(5), len(scaled.signatures))", calls) == ["5 1"]


@pytest.mark.parametrize("numba", OTHER_NUMBAS.values(), ids=OTHER_NUMBAS)
def test_with_another_numba_kernels_are_compiled_once_all_the_same(
    tmp_path: Path, numba: str
) -> None:
    program = (
        "print(twice(b'123'), third(b'123'))\n"
        "print(*(sum(f.stats.cache_hits.values()) for f in (twice, third)))"
    )
    first, second = (run(tmp_path, program, SMALL_KERNELS, numba) for _ in range(2))
    assert first == ["102 51", "0 0"]
    assert second == ["102 51", "1 1"]
