"""Where the compiled kernels are kept between runs.

numba keeps them beside their sources. Where that is not possible, as in a system-wide
installation, the user's cache directory is named to it, before it is imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

VARIABLE = "NUMBA_CACHE_DIR"
KERNELS = Path(__file__).parent.parent / "kernels"


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


def compiled(directory: Path) -> int:
    """Return how many kernels are compiled in ``directory``."""
    return sum(1 for _ in directory.rglob("*.nbi")) if directory.is_dir() else 0


def kernels_ready(*modules: str) -> bool:
    """Choose the directory, as `prepare`, and tell whether kernels were compiled before.

    Parameters
    ----------
    *modules : str
        Full names of a plug-in's modules with kernels, all of which are asked for; without any,
        ssimgif's own.
    """
    directory = prepare()
    if not modules:
        return compiled(directory) > 0
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
