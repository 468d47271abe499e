"""The files that were dropped onto the page: bounded, and gone when the page is."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from ssimgif_web.confined import INSPECT, READING, Worker
from ssimgif_web.guard import Refused

FILE_BYTES = 500 << 20
TOTAL_BYTES = 2 << 30
MOST_FILES = 100
LONGEST_NAME = 120


@dataclass(slots=True)
class Stored:
    """One file.

    Attributes
    ----------
    id : str
    name : str
        As the browser called it, without folders.
    path : Path
    bytes : int
    width, height : int
        Pixels, not yet cut or scaled.
    frames : int or None
        None where only reading to the end would tell.
    """

    id: str
    name: str
    path: Path
    bytes: int
    width: int
    height: int
    frames: int | None


class Store:
    """Keeps files in a folder of its own.

    Parameters
    ----------
    folder : Path
        Exists, and is removed by somebody else.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, Stored] = {}
        self._arriving: dict[str, int] = {}
        self._lock = threading.Lock()
        self._reader = Worker("reading", READING)

    async def add(self, name: str, body: AsyncIterator[bytes]) -> Stored:
        """Write a file as it arrives, and look whether it can be read.

        Raises
        ------
        Refused
            Too many files, or too large.
        SourceError, LimitError
            When it is no animation or video, or takes too much to open; nothing is kept then.
        """
        new = token_hex(8)
        place = self.folder / new
        with self._lock:
            if len(self._files) + len(self._arriving) >= MOST_FILES:
                raise Refused(413, f"there are {MOST_FILES} files already; remove some")
            self._arriving[new] = 0
        try:
            place.mkdir()
            path = place / safe_name(name)
            with path.open("wb") as file:
                async for chunk in body:
                    self._arrived(new, len(chunk))
                    file.write(chunk)
            reading = self._reader.submit(
                lambda confined: confined.call(INSPECT, {"path": str(path)}, name=path.name)
            )
            found = await asyncio.wrap_future(reading)
            stored = Stored(new, path.name, path, self._arriving[new], **found)
            with self._lock:
                self._files[new] = stored
            return stored
        finally:
            with self._lock:
                del self._arriving[new]
            if new not in self._files:
                shutil.rmtree(place, ignore_errors=True)

    def get(self, file: str) -> Stored:
        """Return a file by its id."""
        try:
            return self._files[file]
        except KeyError:
            raise Refused(404, "there is no such file; it was removed") from None

    def all(self) -> list[Stored]:
        """Return all files, the oldest first."""
        return list(self._files.values())

    def remove(self, file: str) -> None:
        """Delete a file."""
        stored = self.get(file)
        with self._lock:
            self._files.pop(file, None)
        shutil.rmtree(stored.path.parent, ignore_errors=True)

    def close(self) -> None:
        """Stop reading; the files are removed with the folder."""
        self._reader.close()

    def _arrived(self, new: str, count: int) -> None:
        with self._lock:
            self._arriving[new] += count
            total = sum(self._arriving.values()) + sum(one.bytes for one in self._files.values())
            if self._arriving[new] > FILE_BYTES:
                raise Refused(413, f"that is too large: at most {FILE_BYTES:,} bytes are taken")
            if total > TOTAL_BYTES:
                raise Refused(413, f"all files together have more than {TOTAL_BYTES:,} bytes")


def safe_name(name: str) -> str:
    """Return the last part of a name, fit for any file system.

    What would choose another reader than a file's (a pattern, standard input) is left out too.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isprintable() and c not in '<>:"|?*[]%' else "_" for c in last)
    cut = kept.strip(". ").encode("utf-8", "replace").decode("utf-8")
    while len(cut.encode()) > LONGEST_NAME:
        cut = cut[1:]
    return cut if cut not in ("", "-") else "file"
