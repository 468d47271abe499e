"""Putting a finished file into its place, whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ssimgif.errors import OutputError

_unfinished: set[Path] = set()


def check_destination(source: str | os.PathLike[str], destination: str | os.PathLike[str]) -> None:
    """Refuse a destination that can't work, before hours are spent on it.

    Raises
    ------
    OutputError
        When the destination is the source (by any name or link), a directory, or in a
        directory that is missing or not writable.
    """
    path = Path(destination)
    if path.is_dir():
        raise OutputError(f"{path} is a directory; name the GIF to write")
    if path.exists() and Path(source).exists() and path.samefile(source):
        raise OutputError(f"{path} is the source itself; name another file to write")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise OutputError(f"{path} can't be written: there is no directory {folder}")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise OutputError(f"{path} can't be written: permission denied")


def replaceable(path: str | os.PathLike[str], *beginnings: bytes) -> bool:
    """Tell whether nothing of another kind is lost when a file is written to a place.

    Parameters
    ----------
    path : path
    *beginnings : bytes
        What files of the kind begin with. An empty file, a device and a pipe have nothing to lose.
    """
    place = Path(path)
    if not place.is_file():
        return True
    with place.open("rb") as file:
        head = file.read(max(map(len, beginnings)))
    return not head or head.startswith(beginnings)


@contextmanager
def staged(destination: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary file to write, and rename it to ``destination`` when all went well.

    A link is followed, an existing file keeps its permissions, a new one gets those that the user's
    umask leaves, and what is no regular file (a device, a pipe) is written to instead of replaced.

    Raises
    ------
    OutputError
        When the file can't be made, filled or renamed; the destination is then untouched.
    """
    path = Path(destination).resolve()
    special = path.exists() and not path.is_file()
    temporary: Path | None = None
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        temporary = _private_file() if special else _file_beside(path, mode)
        _unfinished.add(temporary)
        yield temporary
        if special:
            with temporary.open("rb") as data, path.open("wb") as device:
                shutil.copyfileobj(data, device)
        else:
            if mode is not None:
                temporary.chmod(mode)
            temporary.replace(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{destination} can't be written: {reason}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
            _unfinished.discard(temporary)


def _private_file() -> Path:
    handle, name = tempfile.mkstemp(".part", ".ssimgif-")
    os.close(handle)
    return Path(name)


def _file_beside(path: Path, mode: int | None) -> Path:
    """Make an empty file that nobody can read who may not read ``path``.

    The umask can't be asked for without changing it for other threads, so it is left to the system.
    """
    temporary = path.with_name(f".ssimgif-{secrets.token_hex(8)}.part")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    os.close(os.open(temporary, flags, 0o666 if mode is None else mode | 0o600))
    return temporary


def discard_unfinished() -> None:
    """Remove the temporary files of all files not yet in place; for a process that must end."""
    for path in list(_unfinished):
        with suppress(OSError):
            path.unlink()
