"""Where the compiled kernels are kept between runs.

numba keeps them beside their sources. Where that is not possible, as in a system-wide
installation, the user's cache directory is named to it, before it is imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

VARIABLE = "NUMBA_CACHE_DIR"
KERNELS = Path(__file__).parent / "kernels"


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


def kernels_ready() -> bool:
    """Choose the directory, as `prepare`, and tell whether kernels were compiled before."""
    return compiled(prepare()) > 0


def writable(directory: Path) -> bool:
    """Tell whether files can be made in ``directory``, which is made where it is missing."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError:
        return False
