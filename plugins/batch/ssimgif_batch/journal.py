"""What was done, as JSON lines that survive a kill at any moment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Any

from ssimgif import SsimGifError, staged
from ssimgif_batch.job import Outcome
from ssimgif_batch.places import unwritable

_FIELDS = {field.name for field in fields(Outcome)}
# Lines for each output from which on the journal is written anew.
_MOST_LINES = 4


class Journal:
    """The latest outcome of each output.

    A line counts once its newline is on the disk. Half a line at the end, which a kill in the
    middle of a write leaves, is cut off; other lines that make no sense are passed over.

    Attributes
    ----------
    outcomes : dict of str to Outcome
        By output.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outcomes: dict[str, Outcome] = {}
        self._file: IO[bytes] | None = None
        self._lines = 0

    def read(self) -> None:
        """Read what is there; a journal that is missing is empty."""
        try:
            with self.path.open("rb") as file:
                for line in file:
                    self._lines += 1
                    outcome = _parsed(line) if line.endswith(b"\n") else None
                    if outcome is not None:
                        self.outcomes[outcome.output] = outcome
        except FileNotFoundError:
            return
        except OSError as error:
            raise unwritable(self.path, error) from None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the journal alone, read it, and let `add` write.

        Raises
        ------
        SsimGifError
            When another process holds it.
        OutputError
            When it can't be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = self.path.with_suffix(".lock").open("wb")
        except OSError as error:
            raise unwritable(self.path, error) from None
        with lock:
            _lock(lock, self.path)
            self.read()
            if self._lines > _MOST_LINES * (len(self.outcomes) + 10):
                self._rewrite()
            try:
                with self.path.open("ab") as self._file:
                    self._cut_half_line()
                    yield
            except OSError as error:
                raise unwritable(self.path, error) from None
            finally:
                self._file = None

    def add(self, outcome: Outcome) -> None:
        """Write an outcome, and return when it is on the disk.

        Raises
        ------
        OutputError
        """
        assert self._file is not None
        try:
            self._file.write(_line(outcome))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise unwritable(self.path, error) from None
        self.outcomes[outcome.output] = outcome

    def _cut_half_line(self) -> None:
        with self.path.open("rb+") as file:
            size = file.seek(0, os.SEEK_END)
            while size:
                start = max(0, size - 4096)
                file.seek(start)
                end = file.read(size - start).rfind(b"\n")
                if end >= 0:
                    size = start + end + 1
                    break
                size = start
            file.truncate(size)

    def _rewrite(self) -> None:
        with staged(self.path) as path, path.open("wb") as file:
            file.writelines(_line(outcome) for outcome in self.outcomes.values())
            file.flush()
            os.fsync(file.fileno())


def _line(outcome: Outcome) -> bytes:
    return json.dumps(asdict(outcome), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _parsed(line: bytes) -> Outcome | None:
    try:
        data: Any = json.loads(line)
        data = {name: value for name, value in data.items() if name in _FIELDS}
        data["warnings"] = tuple(data.get("warnings", ()))
        outcome = Outcome(**data)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return outcome if isinstance(outcome.output, str) and isinstance(outcome.key, str) else None


def _lock(file: IO[bytes], path: Path) -> None:
    """Lock for as long as the file is open; a killed process loses its lock with its files."""
    try:
        _lock_file(file)
    except (BlockingIOError, PermissionError):
        raise SsimGifError(f"another batch is writing to {path.parent.parent}") from None


def _lock_file(file: IO[bytes]) -> None:
    """Lock at once or raise; where there is no fcntl, by what Windows has."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        # Names that other systems don't have; the first byte stands for the file.
        windows: Any = msvcrt
        windows.locking(file.fileno(), windows.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
