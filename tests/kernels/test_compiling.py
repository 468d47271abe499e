"""All kernels that conversions use are compiled ahead, and that is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import run_python
from ssimgif.errors import Cancelled
from ssimgif.host import kernel_cache
from ssimgif.kernels import compiling
from ssimgif.progress import Progress

FORMS = [
    ("code_bits", "put_code", "(int64, )"),
    ("cube_root", "cube_roots", "(Array(float32, 1, 'C', False, aligned=True), )"),
    ("cube_root", "gone", "(int64, )"),
]
WORKER = """
from pathlib import Path
from ssimgif.host import kernel_cache
kernel_cache.FORMS = Path({forms!r})
from ssimgif.kernels import compiling
{work}
"""


@pytest.fixture
def forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A few kernels to compile, into a folder of their own; two of them can't be."""
    file = tmp_path / "forms.tsv"
    file.write_text("".join("\t".join(form) + "\n" for form in FORMS))
    monkeypatch.setattr(kernel_cache, "FORMS", file)
    monkeypatch.setenv(kernel_cache.VARIABLE, str(tmp_path / "kept"))
    return file


def workers(forms: Path, monkeypatch: pytest.MonkeyPatch, work: str) -> list[subprocess.Popen]:
    started = []

    def start(number: int) -> subprocess.Popen:
        program = WORKER.format(forms=str(forms), work=work.format(number=number))
        started.append(subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE))
        return started[-1]

    monkeypatch.setattr(compiling, "_worker", start)
    return started


def test_kernels_are_compiled_once_and_counted(
    forms: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = workers(forms, monkeypatch, "compiling.work({number} == 1)")
    steps: list[Progress] = []
    compiling.compile_kernels(steps.append)
    assert len(started) == min(2, os.cpu_count() or 1)
    assert [step.total for step in steps] == [3] * len(steps)
    assert steps[0] == Progress("compiling kernels", 0, 3) and steps[-1].done == 3
    assert kernel_cache.kernels_ready()
    kept = list(kernel_cache.places(kernel_cache.KERNELS)[-1].iterdir())
    assert sum(path.stat().st_size > 1000 for path in kept) == 1, "what can't be is not"
    compiling.compile_kernels(steps.append)
    assert len(started) == min(2, os.cpu_count() or 1), "nothing is left to do"


def test_compiling_can_be_stopped(forms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = workers(forms, monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(Cancelled):
        compiling.compile_kernels(lambda step: False)
    assert all(one.returncode is not None for one in started)


def test_where_no_process_can_be_started_kernels_wait(
    forms: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(forms))
    compiling.compile_kernels()
    assert len(kernel_cache.missing()) == 3


def test_what_another_process_compiles_is_waited_for(
    forms: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = FORMS[1]
    assert compiling._claim(one) and not compiling._claim(one)
    assert compiling._claimed(kernel_cache.missing())
    compiling._claim_file(one).unlink()
    compiling._claim(one)
    os.utime(compiling._claim_file(one), (1, 1))
    assert compiling._claim(one), "who claimed it is gone"


def test_a_worker_ends_with_its_parent() -> None:
    worker = compiling._worker(0)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(30) in {0, 1}


def test_the_forms_that_are_compiled_ahead_are_spelled_as_they_are_asked_for() -> None:
    from ssimgif.kernels.signatures import parsed, spelled

    modules, classes = compiling._kernels()
    for module, function, types in kernel_cache.forms():
        assert function in modules[module], f"{module}.{function} is gone; {DUE}"
        assert spelled(parsed(types, classes)) == types


DUE = "run python scripts/record_kernels.py"
CONVERSIONS = """
import warnings
from ssimgif.kernels import jit_cache
from ssimgif.kernels.signatures import spelled
save = jit_cache._Forms.save
def note(forms, key, data):
    print("compiled", forms._source.stem, forms._function, spelled(key[0]))
    save(forms, key, data)
jit_cache._Forms.save = note
from ssimgif.cli import doctor
doctor.warm()
"""


def test_conversions_use_no_other_forms() -> None:
    said = run_python(CONVERSIONS).stdout.splitlines()
    assert [line for line in said if line.startswith("compiled")] == [], DUE
