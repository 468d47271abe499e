"""Where files come from and go to: this machine, or any file system that fsspec knows."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PureWindowsPath
from typing import Any

from ssimgif import OutputError, SettingsError, SourceError, staged

OWN_FOLDER = ".ssimgif-batch"
# Protocols of fsspec for files of this machine.
LOCAL = ("file", "local")
# What Windows takes in no name, and names that are devices there.
RESERVED = frozenset('<>:"|?*\\')
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{kind}{n}" for kind in ("COM", "LPT") for n in range(1, 10))]
)
_STAMPS = ("ETag", "etag", "md5", "md5Hash", "mtime", "LastModified", "last_modified", "updated")


class UnreadableError(SourceError):
    """A source that can't be opened or fetched; it may be another day."""


def unwritable(path: Path, error: OSError) -> OutputError:
    """Return the error that says why a file can't be written."""
    return OutputError(f"{path} can't be written: {(error.strerror or str(error)).lower()}")


def is_url(name: str, *protocols: str) -> bool:
    """Tell whether a name is a URL, of one of some protocols if they are named, and no path."""
    protocol, separator, _ = name.partition("://")
    return bool(separator) and (not protocols or protocol.lower() in protocols)


def file_system(url: str) -> tuple[Any, str]:
    """Return the fsspec file system of a URL, and the path on it.

    Raises
    ------
    SettingsError
        When fsspec, or what it needs for this protocol, is missing.
    """
    if "::" in url:
        raise SettingsError(f"{url}: URLs within URLs are not supported")
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise SettingsError(
            f"{url} needs a package: pip install 'ssimgif[remote]', or fsspec"
        ) from None
    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise SettingsError(f"{url} can't be reached: {error}") from None
    except Exception as error:
        raise SourceError(f"{url} can't be reached: {_reason(error)}") from None
    return system, str(path)


def local_signature(path: str) -> str:
    """Return size and time of change of a file; empty where it can't be looked at."""
    try:
        status = os.stat(path)  # noqa: PTH116  a million paths
    except (OSError, ValueError):
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}"


def remote_signature(info: dict[str, Any]) -> str:
    """Return what a file system tells of a file that changes with it."""
    stamp = next((str(info[name]) for name in _STAMPS if info.get(name)), "")
    return f"{info.get('size')}:{stamp}"


def signature_size(signature: str) -> int:
    """Return the bytes of a file, by its signature; 0 where unknown."""
    size = signature.split(":", 1)[0]
    return int(size) if size.isdigit() else 0


def local_name(url: str) -> str:
    """Return the last part of a URL as a name that any file system takes, endings kept."""
    last = url.rstrip("/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isprintable() and c not in RESERVED else "_" for c in last)
    kept = kept.rstrip(". ")
    device = PureWindowsPath(kept).stem.partition(".")[0].upper() in _DEVICES
    return f"_{kept}" if device else kept or "source"


@contextmanager
def fetched(source: str, folder: Path, most: int) -> Iterator[Path]:
    """Give a source as a local file; one that is remote is copied into ``folder``.

    Raises
    ------
    UnreadableError
        When it can't be opened or fetched.
    SourceError
        When it is remote and larger than ``most`` bytes.
    """
    if not is_url(source):
        try:
            with Path(source).open("rb") as file:
                file.read(1)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UnreadableError(f"{source} can't be read: {reason}") from None
        yield Path(source)
        return
    system, path = file_system(source)
    local = folder / "fetched" / local_name(source)
    try:
        local.parent.mkdir()
        with system.open(path, "rb") as remote, local.open("wb") as file:
            left = most
            while piece := remote.read(1 << 20):
                left -= len(piece)
                if left < 0:
                    raise SourceError(f"{source} is larger than {most} bytes")
                file.write(piece)
    except SourceError:
        raise
    except Exception as error:
        raise UnreadableError(f"{source} can't be fetched: {_reason(error)}") from None
    yield local
    local.unlink(missing_ok=True)


class Destination:
    """A folder or URL below which GIFs are put, each whole or not at all.

    Parameters
    ----------
    root : str
    """

    def __init__(self, root: str) -> None:
        self.root = root if is_url(root) else str(Path(root).absolute())
        self._remote = file_system(self.root) if is_url(root) else None

    def prepare(self) -> None:
        """Make the folder and remove what a killed run left.

        Raises
        ------
        OutputError
        """
        try:
            if self._remote is None:
                own = Path(self.root) / OWN_FOLDER
                if own.is_symlink():  # what is swept away would be somebody else's
                    raise OutputError(f"{own} is a link; remove it")
                own.mkdir(parents=True, exist_ok=True)
                self.sweep()
            else:
                system, path = self._remote
                system.makedirs(path, exist_ok=True)
        except OutputError:
            raise
        except Exception as error:
            raise OutputError(f"{self.root} can't be written: {_reason(error)}") from None

    def sweep(self) -> None:
        """Remove what killed runs and dead workers left; for when no job is at work."""
        if self._remote is None:
            for left in (Path(self.root) / OWN_FOLDER).glob("job-*"):
                shutil.rmtree(left, ignore_errors=True)

    def sizes(self, names: list[str]) -> dict[str, int]:
        """Return the bytes of those files that are there."""
        found: dict[str, int] = {}
        if self._remote is None:
            for name in names:
                with suppress(OSError):
                    found[name] = os.stat(f"{self.root}/{name}").st_size  # noqa: PTH116
            return found
        system, path = self._remote
        with suppress(FileNotFoundError):
            base = path.rstrip("/") + "/"
            for full, info in system.find(path, detail=True).items():
                found[full.removeprefix(base)] = info.get("size") or 0
        return found

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give a folder of its own for one job, on the destination's disk where it is local."""
        if self._remote is None:
            path = Path(self.root) / OWN_FOLDER / f"job-{uuid.uuid4().hex}"
            path.mkdir(parents=True)
        else:
            path = Path(tempfile.mkdtemp(prefix="ssimgif-"))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def local(self, name: str) -> Path | None:
        """Return the path of an output; None where the destination is remote."""
        return None if self._remote else Path(self.root) / name

    def place(self, name: str) -> str:
        """Return the path or URL of an output."""
        return f"{self.root.rstrip('/')}/{name}"

    def folds_case(self) -> bool:
        """Tell whether the destination takes A and a for one letter."""
        if self._remote is not None:
            return False
        own = Path(self.root) / OWN_FOLDER
        return own.with_name(OWN_FOLDER.upper()).exists() or _folds_case(own)

    def install(self, finished: Path, name: str) -> None:
        """Put a finished file into its place.

        Raises
        ------
        OutputError
        """
        try:
            if self._remote is None:
                self._install_locally(finished, Path(self.root) / name)
            else:
                system, path = self._remote
                final = f"{path.rstrip('/')}/{name}"
                system.makedirs(system._parent(final), exist_ok=True)
                part = f"{final}.part"
                system.put_file(str(finished), part)
                system.mv(part, final)
        except OutputError:
            raise
        except Exception as error:
            raise OutputError(f"{self.root}/{name} can't be written: {_reason(error)}") from None

    def _install_locally(self, finished: Path, target: Path) -> None:
        if target.is_symlink():
            with staged(target) as path:
                shutil.copyfile(finished, path)
            return
        # Windows does it for files that are open for writing only.
        with finished.open("rb+") as file:
            os.fsync(file.fileno())
        finished.replace(target)


def _folds_case(path: Path) -> bool:
    """Tell it by what is there of a path, under a name with the cases of its letters changed."""
    for there in (path, *path.parents):
        other = there.with_name(there.name.swapcase()) if there.name else there
        if other != there and there.exists():
            return other.exists() and other.samefile(there)
    return False


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if not isinstance(error, OSError) else text.lower()
