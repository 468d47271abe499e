"""Exact reads from a binary stream that need not be seekable."""

from __future__ import annotations

from typing import Protocol

_CHUNK = 1 << 20
END = -1


class MiffError(Exception):
    """A MIFF that can't be read; ``str()`` is the cause, without the file's name."""


class Readable(Protocol):
    """The one method that is needed of a stream."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none only at the end."""


class ByteReader:
    """Reads single bytes and exact lengths from a stream, in large pieces."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._buffer = b""
        self._at = 0

    def byte(self) -> int:
        """Return the next byte, or `END`."""
        if self._at >= len(self._buffer) and not self._refill():
            return END
        value = self._buffer[self._at]
        self._at += 1
        return value

    def unread(self) -> None:
        """Give back the byte that was read last."""
        self._at -= 1

    def read(self, count: int) -> bytes:
        """Return exactly ``count`` bytes.

        Raises
        ------
        MiffError
            When there are fewer.
        """
        pieces = []
        while count:
            if self._at >= len(self._buffer) and not self._refill():
                raise MiffError("it ends too early")
            piece = self._buffer[self._at : self._at + count]
            self._at += len(piece)
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def peek(self, least: int) -> bytes:
        """Return what is buffered, at least ``least`` bytes, and leave it unread.

        Raises
        ------
        MiffError
            When there are fewer.
        """
        while len(self._buffer) - self._at < least:
            if not self._refill():
                raise MiffError("it ends too early")
        return self._buffer[self._at :]

    def skip(self, count: int) -> None:
        """Pass over bytes that `peek` showed."""
        self._at += count

    def _refill(self) -> bool:
        more = self._stream.read(_CHUNK)
        if not more:
            return False
        # One byte stays, so that it can be unread.
        self._buffer = self._buffer[max(0, self._at - 1) :] + more
        self._at = min(self._at, 1)
        return True
