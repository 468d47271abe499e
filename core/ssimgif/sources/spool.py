"""Streams that can't be read twice, kept in a temporary file for as long as their clip lives."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from ssimgif.errors import SourceError
from ssimgif.model import Clip, Frame, Seekable

STDIN_NAME = "standard input"


class Spooled:
    """A temporary file that is deleted with this object, or at exit.

    Attributes
    ----------
    path : Path
    name : str
        What messages call it.
    """

    def __init__(self, name: str) -> None:
        handle, path = tempfile.mkstemp(prefix="ssimgif-")
        os.close(handle)
        self.path = Path(path)
        self.name = name
        weakref.finalize(self, _delete, self.path)


def standard_input() -> BinaryIO:
    """Return standard input.

    Raises
    ------
    SourceError
        When it is a terminal.
    """
    if sys.stdin.isatty():
        raise SourceError(f"{STDIN_NAME} is a terminal: pipe a file into it or name one")
    return sys.stdin.buffer


def copy(stream: BinaryIO) -> Spooled:
    """Copy a stream to a temporary file.

    Raises
    ------
    SourceError
        When reading or writing fails.
    """
    given = getattr(stream, "name", None)
    name = Path(given).name if isinstance(given, str) else "the stream"
    spooled = Spooled(STDIN_NAME if given == "<stdin>" else name)
    try:
        with spooled.path.open("wb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
    except OSError as error:
        raise SourceError(
            f"{spooled.name} can't be read into {spooled.path.parent}: {error.strerror or error}"
        ) from None
    return spooled


def keep_alive(clip: Clip, spooled: Spooled) -> Clip:
    """Return the clip, holding on to the file its frames are read from."""

    opened = clip.open_frames
    kind = _KeptSeekable if isinstance(opened, Seekable) else _Kept
    return replace(clip, open_frames=kind(opened, spooled))


class _Kept:
    def __init__(self, opened: Any, spooled: Spooled) -> None:
        self._opened = opened
        self._spooled = spooled

    def __call__(self) -> Iterator[Frame]:
        frames: Iterator[Frame] = self._opened()
        return frames


class _KeptSeekable(_Kept):
    def at(self, start: Fraction) -> tuple[Fraction, Iterator[Frame]]:
        found: tuple[Fraction, Iterator[Frame]] = self._opened.at(start)
        return found


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
