"""Compiles the kernels while a wheel is built, and puts them into it.

They are for any processor of the level x86-64-v3, and for this Python with these versions of numba
and llvmlite; wherever else the wheel is installed, kernels are compiled when they are first needed.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What numba's own wheels ask of a Linux.
LINUX = "manylinux_2_27_x86_64.manylinux_2_28_x86_64"


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before and after it builds a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the kernels and name their files."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        compiled = compile_portably(Path(self.root), Path(self._folder.name))
        package = Path("ssimgif", "kernels", "compiled", compiled.name)
        for file in compiled.glob("*.kernel"):
            build_data["force_include"][str(file)] = str(package / file.name)
        build_data["pure_python"] = False
        build_data["tag"] = f"{_python()}-{_python()}-{_platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled."""
        if version != "editable":
            self._folder.cleanup()


def compile_portably(root: Path, folder: Path) -> Path:
    """Compile all kernels for x86-64-v3 into a folder in the given one, and return it."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        sys.exit("compiled kernels for a wheel can be made on x86-64 only; build it without warm")
    sys.path.insert(0, str(root / "core"))
    from ssimgif.host import kernel_cache, kernel_files
    from ssimgif.kernels.compiling import compile_kernels
    from ssimgif.progress import Progress

    def tell(step: Progress) -> None:
        print(f"{step.stage}: {step.done} of {step.total}", file=sys.stderr)

    os.environ.update(kernel_files.FOR_PORTABLE)
    os.environ[kernel_cache.VARIABLE] = str(folder)
    compile_kernels(tell)
    if kernel_cache.missing():
        sys.exit("the kernels can't be compiled here; build the wheel without warm")
    return kernel_cache.places(kernel_cache.KERNELS)[-1]


def _python() -> str:
    return f"cp{sys.version_info.major}{sys.version_info.minor}"


def _platform() -> str:
    if sys.platform == "linux":
        return LINUX
    import sysconfig

    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
