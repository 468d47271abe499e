"""Writing a GIF: blocks in the order of the specification, compact tables where they pay."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ssimgif.errors import OutputError
from ssimgif.gif.compaction import Bool, TableUse, numbering_of
from ssimgif.gif.syntax import TRAILER, control, head, image, loop
from ssimgif.gif.tables import padded
from ssimgif.image import Area
from ssimgif.model import CodedFrame, Disposal

MAX_SIDE = 65_535
MAX_PLAYS = 65_536


@dataclass(frozen=True, slots=True)
class _Block:
    """What is kept in memory of a frame; its data is in the spool."""

    table: TableUse
    used: Bool
    delay: int
    disposal: Disposal
    area: Area
    code_size: int
    data_size: int


def global_table(tables: Iterable[bytes]) -> bytes:
    """Return the table that saves most bytes when it stands once for all frames that use it."""
    uses = Counter(tables)
    return max(uses, key=lambda table: (uses[table] - 1) * len(table))


class GifWriter:
    """Writes a GIF to a binary stream; a context manager.

    Frames are spooled to a temporary file until `finish`, because only then it is known which
    colour table most frames share, and what they use of it; so memory does not grow with the clip.

    Parameters
    ----------
    stream : BinaryIO
        Needs only ``write``.
    width, height : int
        Of the canvas, 1..65,535 pixels.
    plays : int
        Total number of plays, 0 (for ever) to 65,536.
    folder : Path, optional
        Where to spool; the system's folder for temporary files by default.

    Raises
    ------
    OutputError
        From any method when something can't be written; from the constructor on a size or a
        number of plays that GIF does not know.
    """

    def __init__(
        self,
        stream: BinaryIO,
        width: int,
        height: int,
        plays: int = 0,
        folder: Path | None = None,
    ) -> None:
        if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
            raise OutputError(f"a GIF has 1 to {MAX_SIDE} pixels a side, not {width}x{height}")
        if not 0 <= plays <= MAX_PLAYS:
            raise OutputError(f"a GIF can play 0 to {MAX_PLAYS} times, not {plays}")
        self._stream = stream
        self._size = (width, height)
        self._plays = plays
        self._blocks: list[_Block] = []
        self._tables: dict[tuple[bytes, int], TableUse] = {}
        with _reported():
            self._spool = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the spool."""
        # What is still buffered may not fit the disk, but nobody needs it any more.
        with suppress(OSError):
            self._spool.close()

    def add(self, frame: CodedFrame) -> None:
        """Append a frame.

        Raises
        ------
        ValueError
            When the frame does not lie on the canvas, its delay is not 0..65,535, or its codes are
            narrower than its palette asks for.
        """
        width, height = self._size
        across = 0 <= frame.left < frame.left + frame.width <= width
        down = 0 <= frame.top < frame.top + frame.height <= height
        if not (across and down):
            raise ValueError("the frame does not lie on the canvas")
        if not 0 <= frame.delay <= 0xFFFF:
            raise ValueError(f"a delay is 0..65535 centiseconds, not {frame.delay}")
        palette = frame.palette
        key = (palette.colors.tobytes(), palette.transparent_index)
        # One of equal tables, however many frames have them.
        table = self._tables.setdefault(key, TableUse(palette))
        used = table.note(frame)
        area = Area(frame.left, frame.top, frame.width, frame.height)
        with _reported():
            size = self._spool.write(frame.data)
        self._blocks.append(
            _Block(table, used, frame.delay, frame.disposal, area, frame.minimum_code_size, size)
        )

    def finish(self) -> int:
        """Write the GIF and return its size in bytes.

        A single frame makes a still image, without a loop block.
        """
        if not self._blocks:
            raise OutputError("a GIF needs at least one frame")
        size = 0
        with _reported():
            self._spool.seek(0)
            for part in self._parts():
                self._stream.write(part)
                size += len(part)
        self.close()
        return size

    def _parts(self) -> Iterator[bytes]:
        numberings = {id(table): table.numbering() for table in self._tables.values()}
        tables = {one: padded(numbering.palette) for one, numbering in numberings.items()}
        common = global_table(tables[id(block.table)] for block in self._blocks)
        yield head(*self._size, common)
        if len(self._blocks) > 1:
            yield loop(self._plays)
        for block in self._blocks:
            numbering, local = numberings[id(block.table)], b""
            if tables[id(block.table)] != common:
                # A table for this frame alone needs no more than the frame uses.
                numbering = numbering_of(block.table.palette, block.used)
                local = padded(numbering.palette)
            yield control(block.disposal, block.delay, numbering.palette.transparent)
            data = self._spool.read(block.data_size)
            size = numbering.code_size(block.used)
            data = numbering.applied(data, block.code_size, block.used)
            yield from image(block.area, local, size, data)
        yield TRAILER


@contextmanager
def _reported() -> Iterator[None]:
    """Turn failures of the operating system into one sentence."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"the GIF can't be written (temporary files are in {tempfile.gettempdir()}): "
            f"{error.strerror or error}"
        ) from error
