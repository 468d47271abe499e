"""Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2).

Sizes and counts come from the file and are never trusted: what leaves its parent, or is absurd,
raises BoxError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

_MAX_ENTRIES = 1_000_000
_MAX_BOXES = 100_000


class BoxError(ValueError):
    """A file whose boxes contradict their own sizes; ``str()`` says which."""


class TruncatedDataError(BoxError):
    """A file whose coded pictures are not all there, though its other boxes may be."""


def top_level(file: BinaryIO, end: int) -> Iterator[tuple[str, int, int]]:
    """Yield kind, start and size of each outermost box's content."""
    position = 0
    for _ in range(_MAX_BOXES):
        file.seek(position)
        head = file.read(16)
        if len(head) < 8:
            return
        size, kind, header = int.from_bytes(head[:4]), head[4:8].decode("latin-1"), 8
        if size == 1 and len(head) == 16:
            size, header = int.from_bytes(head[8:]), 16
        elif size == 0:
            size = end - position
        if size < header:
            raise BoxError(f"its {kind!r} box states a size of {size} bytes")
        if position + size > end:
            if kind in {"ftyp", "meta", "moov", "mdat"}:
                missing = position + size - end
                problem = TruncatedDataError if kind == "mdat" else BoxError
                raise problem(f"{missing} bytes of its {kind} box are missing")
            return
        yield kind, position + header, size - header
        position += size


@dataclass(slots=True)
class Box:
    """A box's content with a cursor; reading past its end raises BoxError."""

    kind: str
    data: memoryview
    position: int = field(default=0)

    def uint(self, size: int) -> int:
        """Read an unsigned big-endian number of ``size`` bytes."""
        return int.from_bytes(self.take(size))

    def sint(self, size: int) -> int:
        """Read a signed big-endian number of ``size`` bytes."""
        return int.from_bytes(self.take(size), signed=True)

    def take(self, size: int) -> memoryview:
        """Read ``size`` bytes."""
        if size > len(self.data) - self.position:
            raise BoxError(f"its {self.kind} box ends too early")
        self.position += size
        return self.data[self.position - size : self.position]

    def version_flags(self) -> tuple[int, int]:
        """Read the version and flags of a full box."""
        return self.uint(1), self.uint(3)

    def count(self, size: int) -> int:
        """Read a number of entries."""
        number = self.uint(size)
        if number > _MAX_ENTRIES:
            raise BoxError(f"its {self.kind} box states {number} entries")
        return number

    def text(self) -> str:
        """Read a text that ends with a zero byte or the box."""
        rest = bytes(self.data[self.position :])
        text = rest.split(b"\0", 1)[0]
        self.position += min(len(text) + 1, len(rest))
        return text.decode("utf-8", "replace")

    def children(self) -> Iterator[Box]:
        """Iterate over the boxes from the cursor on."""
        while len(self.data) - self.position >= 8:
            size, kind, header = self.uint(4), bytes(self.take(4)).decode("latin-1"), 8
            if size == 1:
                size, header = self.uint(8), 16
            if size == 0:
                size = len(self.data) - self.position + header
            if size < header:
                raise BoxError(f"its {kind!r} box states a size of {size} bytes")
            yield Box(kind, self.take(size - header))

    def child(self, kind: str) -> Box | None:
        """Return the first child of a kind."""
        rest = Box(self.kind, self.data[self.position :])
        return next((box for box in rest.children() if box.kind == kind), None)

    def find(self, *kinds: str) -> Box | None:
        """Follow a path of children."""
        box: Box | None = self
        for kind in kinds:
            box = box.child(kind) if box else None
        return box
