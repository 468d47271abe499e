"""Writing a GIF: blocks in the order of the specification, compact tables where they pay."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from struct import pack
from types import TracebackType
from typing import BinaryIO, Self

from ssimgif.errors import OutputError
from ssimgif.gif.compaction import Bool, TableUse
from ssimgif.gif.tables import padded
from ssimgif.model import CodedFrame, Disposal, Palette

MAX_SIDE = 65_535
MAX_PLAYS = 65_536

_DESCRIPTOR_BYTES = 10
_TRAILER = b"\x3b"
_TABLE_FLAG = 0x80
_LONGEST_SUB_BLOCK = 255


@dataclass(frozen=True, slots=True)
class _Block:
    """What is kept in memory of a frame; its data is in the spool."""

    table: TableUse
    used: Bool
    delay: int
    disposal: Disposal
    rectangle: bytes
    code_size: int
    data_size: int


def data_bytes(length: int) -> int:
    """Return what ``length`` bytes of LZW data take in a file, cut into sub-blocks."""
    return 1 + length + -(-length // _LONGEST_SUB_BLOCK) + 1


def overhead_bytes(palette: Palette | None = None) -> int:
    """Return what a frame takes besides `data_bytes`; give its palette if its table is local."""
    return 8 + _DESCRIPTOR_BYTES + (0 if palette is None else len(padded(palette)))


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
        rectangle = pack("<4H", frame.left, frame.top, frame.width, frame.height)
        with _reported():
            size = self._spool.write(frame.data)
        self._blocks.append(
            _Block(
                table, used, frame.delay, frame.disposal, rectangle, frame.minimum_code_size, size
            )
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
        yield b"GIF89a" + pack("<2H3B", *self._size, _table_flags(common), 0, 0) + common
        if len(self._blocks) > 1:
            yield _loop_block(self._plays)
        for block in self._blocks:
            numbering = numberings[id(block.table)]
            table = tables[id(block.table)]
            local = b"" if table == common else table
            flags = _table_flags(local) if local else 0
            yield _control(block, numbering.palette.transparent)
            yield b"\x2c" + block.rectangle + bytes([flags]) + local
            data = self._spool.read(block.data_size)
            yield bytes([numbering.code_size(block.used)])
            yield from _sub_blocks(numbering.applied(data, block.code_size, block.used))
        yield _TRAILER


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


def _table_flags(table: bytes) -> int:
    """Return the flag of a table and its size, as both descriptors have it (GIF89a, 18 and 20).

    The logical screen's colour resolution bits are left 0: no decoder uses them.
    """
    return _TABLE_FLAG | (len(table) // 3).bit_length() - 2


def _loop_block(plays: int) -> bytes:
    """Return the NETSCAPE2.0 block. It counts repeats, so one play is to have no block."""
    if plays == 1:
        return b""
    return b"\x21\xff\x0bNETSCAPE2.0" + pack("<2BHB", 3, 1, max(0, plays - 1), 0)


def _control(block: _Block, transparent: int | None) -> bytes:
    """Return the graphic control extension (GIF89a, 23), empty if it would say nothing."""
    if transparent is None and block.delay == 0 and block.disposal is Disposal.NONE:
        return b""
    flags = int(block.disposal) << 2 | (transparent is not None)
    return b"\x21\xf9" + pack("<2BH2B", 4, flags, block.delay, transparent or 0, 0)


def _sub_blocks(data: bytes) -> Iterator[bytes]:
    """Yield LZW data in sub-blocks (GIF89a, 15)."""
    for start in range(0, len(data), _LONGEST_SUB_BLOCK):
        part = data[start : start + _LONGEST_SUB_BLOCK]
        yield bytes([len(part)]) + part
    yield b"\x00"
