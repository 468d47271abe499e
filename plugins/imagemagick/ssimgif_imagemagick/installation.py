"""Adding our entries to a user's delegates.xml, and taking them out again."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ssimgif import OutputError, staged
from ssimgif_imagemagick.delegates import EMPTY, FILE, entries, has_entries, merged, without

BACKUP_SUFFIX = ".before-ssimgif"


def user_folder() -> Path:
    """Return the folder in which both ImageMagick 6 and 7 look for a user's configuration."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "ImageMagick"
    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(config).expanduser() / "ImageMagick"


def install(folder: Path) -> str:
    """Add our entries to a folder's delegates.xml; return what was done, as a sentence.

    An existing file keeps all it has, and a copy of it is left beside it.

    Raises
    ------
    OutputError
        When the file is no delegate map or can't be written; it is then untouched.
    """
    path = folder / FILE
    block = entries()
    with _told(path):
        old = path.read_bytes() if path.exists() else None
        try:
            new = merged(EMPTY if old is None else old, block)
        except ValueError as error:
            raise OutputError(f"{path} can't be changed: {error}; mend or remove it") from None
        if new == old:
            return f"{path} has the entries already"
        if old is not None and not has_entries(old):
            shutil.copy2(path, _backup(path))
        folder.mkdir(parents=True, exist_ok=True)
        with staged(path) as temporary:
            temporary.write_bytes(new)
    if old is None:
        return f"{path} was made"
    if has_entries(old):
        return f"{path} was brought up to date"
    return f"the entries were added to {path}; {_backup(path).name} is as it was"


def uninstall(folder: Path) -> str:
    """Take our entries out of a folder's delegates.xml; return what was done, as a sentence.

    A file that we made and nobody changed is removed. Where the file is again as it was before,
    so is the copy.

    Raises
    ------
    OutputError
        When the file can't be changed; it is then untouched.
    """
    path = folder / FILE
    with _told(path):
        old = path.read_bytes() if path.exists() else b""
        if not has_entries(old):
            return f"{path} has no entries of ssimgif"
        new, backup = without(old), _backup(path)
        if new == EMPTY and not backup.exists():
            path.unlink()
            return f"{path} was removed"
        with staged(path) as temporary:
            temporary.write_bytes(new)
        if backup.exists() and backup.read_bytes() == new:
            backup.unlink()
            return f"{path} is as it was"
    return f"the entries were taken out of {path}"


def _backup(path: Path) -> Path:
    return path.with_name(path.name + BACKUP_SUFFIX)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{error.filename or path} can't be changed: {reason}") from None
