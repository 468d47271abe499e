"""Compiled kernels as files: named by what they were made of, and read only where they are ours.

A directory is for one Python, numba, llvmlite and processor. A file in it is named by the kernel,
by the types of its arguments, and by the content of its source and of those that it is made from,
so what is stale or foreign is not found. Nothing is loaded that others could have written.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

SUFFIX = ".kernel"
# What compiled kernels in a wheel may ask of the processor: a level of the x86-64 psABI.
PORTABLE = "x86-64-v3"
_NEEDED = frozenset(["avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave"])
_CPU_NAME, _CPU_FEATURES = "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"
# For numba: compile for the portable processor.
FOR_PORTABLE = {_CPU_NAME: PORTABLE, _CPU_FEATURES: ""}
_MAGIC = b"ssimgif kernel 1\n"
_HASH_BYTES = 32
_OTHERS_WRITE, _GROUP_WRITES = 0o002, 0o020


def kernel_name(source: Path, function: str, types: str) -> str:
    """Return the name of a compiled kernel.

    Parameters
    ----------
    source : Path
        The module that it is in.
    function : str
    types : str
        Of its arguments.
    """
    return f"{source.stem}.{function}-{_short(types.encode())}-{_fingerprint(source)}"


def host_directory() -> str:
    """Return the name of the directory for kernels that are compiled for this processor."""
    name, features = os.environ.get(_CPU_NAME), os.environ.get(_CPU_FEATURES)
    if name is None or features is None:
        host_name, host_features = _processor()
        name, features = name or host_name, host_features if features is None else features
    return _directory(name, features)


def portable_directory() -> str | None:
    """Return the name of the directory for portable kernels, None where they can't run."""
    if _CPU_NAME in os.environ or _CPU_FEATURES in os.environ:
        return None
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return None
    _, features = _processor()
    runs = _NEEDED.issubset(re.findall(r"\+(\w+)", features))
    return _directory(PORTABLE, "") if runs else None


def read(directory: Path, name: str) -> bytes | None:
    """Return what was written; None where there is nothing, or nothing that can be trusted."""
    try:
        with (directory / (name + SUFFIX)).open("rb") as file:
            if not (is_ours(directory.stat()) and is_ours(os.fstat(file.fileno()))):
                return None
            digest, content = file.read(_HASH_BYTES), file.read()
    except OSError:
        return None
    head = _head(name)
    if not content.startswith(head) or sha256(content).digest() != digest:
        return None
    return content[len(head) :]


def write(directory: Path, name: str, data: bytes) -> None:
    """Keep a compiled kernel, instead of what was made of older sources.

    Where that is not possible, it is compiled again in the next run.
    """
    content = _head(name) + data
    temporary = directory / f".{secrets.token_hex(8)}.part"
    with suppress(OSError):
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(temporary, flags, 0o644), "wb") as file:
                file.write(sha256(content).digest() + content)
            temporary.replace(directory / (name + SUFFIX))
        finally:
            temporary.unlink(missing_ok=True)
        for old in directory.glob(f"{name.rpartition('-')[0]}-*{SUFFIX}"):
            if old.stem != name:
                old.unlink(missing_ok=True)


def is_ours(status: os.stat_result) -> bool:
    """Tell whether nobody but this user and the system's can have written a file or directory.

    A group may, where it is the user's own. Windows has other rights, which aren't looked at.
    """
    user = getattr(os, "geteuid", None)
    if user is None:
        return True
    if status.st_uid not in {0, user()} or status.st_mode & _OTHERS_WRITE:
        return False
    return not status.st_mode & _GROUP_WRITES or _is_own_group(status.st_gid)


@cache
def _is_own_group(number: int) -> bool:
    import grp
    import pwd

    try:
        group, user = grp.getgrgid(number), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def _head(name: str) -> bytes:
    return _MAGIC + name.encode() + b"\n"


def _directory(processor: str, features: str) -> str:
    """Name a directory by all that machine code depends on, but the kernels' sources."""
    made_by = [version(package) for package in ("numba", "llvmlite")]
    made_for = [sys.platform, platform.machine(), processor, features]
    python = sys.implementation.cache_tag or "python"
    return f"{python}-{_short(repr([*made_by, *made_for]).encode())}"


@cache
def _processor() -> tuple[str, str]:
    """Return this processor's name and features, as LLVM calls them."""
    import llvmlite.binding as llvm

    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


@cache
def _fingerprint(source: Path) -> str:
    """Return a hash of a source and of those beside it that it imports, directly or not."""
    found: dict[str, bytes] = {}
    waiting = [source]
    while waiting:
        path = waiting.pop()
        if path.name not in found and path.is_file():
            found[path.name] = content = path.read_bytes()
            names = re.findall(rb"^from [\w.]+\.(\w+) import", content, re.MULTILINE)
            waiting += [path.with_name(f"{name.decode()}.py") for name in names]
    return _short(
        b"\0".join(part for name in sorted(found) for part in (name.encode(), found[name]))
    )


def _short(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]
