"""Where compiled kernels are: in the wheel they came with, or kept between runs.

They are kept beside their sources. Where that is not possible, as in a system-wide installation,
the user's cache directory is named, to numba too, before it is imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

from ssimgif.host.kernel_files import (
    SUFFIX,
    host_directory,
    is_ours,
    kernel_name,
    portable_directory,
)

VARIABLE = "NUMBA_CACHE_DIR"
KERNELS = Path(__file__).parent.parent / "kernels"
# In it each line is a module, a function and the types of its arguments, tabs between.
FORMS = KERNELS / "forms.tsv"
# Compiled kernels that come with a wheel.
SHIPPED = "compiled"


def prepare() -> Path:
    """Choose a writable directory for compiled kernels and return it.

    Where neither place is writable, a temporary one serves until the process ends.
    """
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE])
    beside = KERNELS / "__pycache__"
    if writable(beside):
        return beside
    private = user_cache_path("ssimgif") / "kernels"
    if not writable(private):
        private = Path(tempfile.mkdtemp(prefix="ssimgif-kernels-"))
        atexit.register(shutil.rmtree, private, ignore_errors=True)
    os.environ[VARIABLE] = str(private)
    return private


def places(folder: Path) -> list[Path]:
    """Return where compiled forms of the kernels of a folder are; the last one is written to."""
    return list(_places(folder, os.environ.get(VARIABLE)))


@cache
def _places(folder: Path, chosen: str | None) -> tuple[Path, ...]:
    kept = Path(chosen) if chosen else folder / "__pycache__"
    portable = portable_directory()
    shipped = [folder / SHIPPED / portable] if portable else []
    return (*shipped, kept / host_directory())


def forms() -> list[tuple[str, str, str]]:
    """Return the forms in which conversions use the kernels: module, function, types."""
    lines = FORMS.read_text(encoding="utf-8").splitlines() if FORMS.exists() else []
    return [(module, function, types) for module, function, types in map(_fields, lines)]


def _fields(line: str) -> list[str]:
    return line.split("\t")


def missing() -> list[tuple[str, str, str]]:
    """Return those of `forms` that are not compiled yet."""
    prepare()
    there: set[str] = set()
    for directory in places(KERNELS):
        if directory.is_dir() and is_ours(directory.stat()):
            there.update(path.name for path in directory.iterdir())
    named = {(m, f, types): kernel_name(KERNELS / f"{m}.py", f, types) for m, f, types in forms()}
    return [form for form, name in named.items() if name + SUFFIX not in there]


def kernels_ready(*modules: str) -> bool:
    """Choose the directory, as `prepare`, and tell whether all kernels were compiled before.

    Parameters
    ----------
    *modules : str
        Full names of a plug-in's modules with kernels, all of which are asked for; without any,
        ssimgif's own.
    """
    if not modules:
        return not missing()
    directory = prepare()
    return all(_module_compiled(name, directory) for name in modules)


def _module_compiled(name: str, directory: Path) -> bool:
    found = find_spec(name)
    if found is None or found.origin is None:
        return False
    source = Path(found.origin)
    if VARIABLE not in os.environ:
        directory = source.parent / "__pycache__"
    return any(directory.rglob(f"{source.stem}.*.nbi"))


def writable(directory: Path) -> bool:
    """Tell whether files can be made in ``directory``, which is made where it is missing."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError:
        return False
