"""Code planned blocks in the fewest bytes known."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from ssimgif.errors import OutputError
from ssimgif.gif import data_bytes, lzw, smallest, syntax, well_cleared
from ssimgif.host import start
from ssimgif.kernels.packed import lay_out
from ssimgif.lossless.planning import Block
from ssimgif.lossless.screen import Screen
from ssimgif.lossless.tables import Table, code_size, local_table
from ssimgif.model import U8, U32, Change

# Blocks that are coded at once.
AHEAD = 8
# How much larger, by the longest phrases, what may turn out smaller is.
NEAR = 1.05
# Pixels of all blocks, and their share of all that is shown, up to which all is looked at closely
# and, the first, deeply. Of more, only blocks are that have no more pixels than so many for a byte.
DEEP, CLOSE, CLOSE_SHARE, DENSE = 8_000_000, 24_000_000, 0.04, 8


Pace = Literal["deep", "close", "quick"]


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """A block's indices in one table.

    ``held`` is 1 where the transparent index is right as well; ``size`` is the code size, and
    ``table`` what a local table takes in the file.
    """

    indices: U8
    held: U8
    transparent: int | None
    size: int
    table: bytes

    def estimate(self) -> int:
        """Return about how many bytes it takes."""
        shown = self.indices
        if self.transparent is not None:
            shown = np.where(self.held, np.uint8(self.transparent), shown)
        return len(self.table) + data_bytes(len(lzw.encode(shown, self.size)))

    def data(self, pace: Pace) -> bytes:
        """Return the LZW data.

        Parameters
        ----------
        pace : {"deep", "close", "quick"}

        Raises
        ------
        OutputError
            When they don't decode to what was meant, which would be a fault of ours.
        """
        data = self._quick() if pace == "quick" else b""
        if self.indices.size <= DENSE * len(data) or not data:
            given = (self.indices, self.held, self.transparent, self.size)
            data = smallest(*given, deep=pace == "deep")
        seen = lzw.decode(data, self.size, self.indices.size)
        right = seen == self.indices
        if self.transparent is not None:
            right |= (self.held != 0) & (seen == self.transparent)
        if not right.all():
            raise OutputError("the GIF does not decode to what was encoded")
        return data

    def _quick(self) -> bytes:
        """Return data of the longest phrases, with clear codes where they are best."""
        choices = [self.indices]
        if self.transparent is not None:
            choices.append(np.where(self.held, np.uint8(self.transparent), self.indices))
        best = min(choices, key=lambda indices: len(lzw.encode(indices, self.size)))
        return well_cleared(best, self.size)


def coded_blocks(
    blocks: Sequence[Block],
    screen: Screen,
    changes: Iterable[Change],
    common: Table,
) -> Iterator[bytes]:
    """Yield each block as it stands in the file.

    Parameters
    ----------
    blocks : sequence of Block
    screen : Screen
        As it is before the first one.
    changes : iterable of Change
        What they were planned for.
    common : Table
        The global one.
    """
    waiting: deque[Callable[[], bytes]] = deque()
    pace = pace_of(blocks, screen.shown.size)
    for block, _ in zip(blocks, screen.play(changes), strict=True):
        part = block.area.slices
        # The screen goes on while they are coded.
        before, after = screen.before[part].copy(), screen.shown[part].copy()
        work = partial(_coded, block, before, after, common, pace)
        waiting.append(start(work))
        if len(waiting) > AHEAD:
            yield waiting.popleft()()
        screen.dispose(block.disposal, block.area)
    while waiting:
        yield waiting.popleft()()


def pace_of(blocks: Sequence[Block], pixels: int) -> Pace:
    """Tell how closely blocks of a screen of so many pixels can be looked at in little time."""
    drawn = sum(block.area.width * block.area.height for block in blocks)
    if drawn <= DEEP:
        return "deep"
    return "close" if drawn <= max(CLOSE, CLOSE_SHARE * pixels * len(blocks)) else "quick"


def _coded(block: Block, before: U32, after: U32, common: Table, pace: Pace) -> bytes:
    layouts = [
        layout
        for table, local in ((common, False), (local_table(block), True))
        if (layout := _layout(block, before, after, table, local)) is not None
    ]
    sizes = [layout.estimate() for layout in layouts] if len(layouts) > 1 else [0]
    most = min(sizes) * (1 if pace == "quick" else NEAR)
    near = [one for one, size in zip(layouts, sizes, strict=True) if size <= most]
    return min((_block_bytes(block, layout, pace) for layout in near), key=len)


def _layout(block: Block, before: U32, after: U32, table: Table, local: bool) -> _Layout | None:
    """Return a block's indices in a table, or None where that lacks a colour."""
    used = table.indices(block.colors)
    if used is None:
        return None
    transparent = table.free_index(used) if block.mixed else None
    if block.mixed and transparent is None:
        return None
    size = code_size(used, transparent)
    indices, held = np.empty(after.size, np.uint8), np.empty(after.size, np.uint8)
    free = -1 if transparent is None else transparent
    given = (table.keys, table.numbers, free, (1 << size) - 1, indices, held)
    if not lay_out(before, after, *given):
        raise OutputError("the GIF does not decode to what was encoded")
    return _Layout(indices, held, transparent, size, table.to_bytes() if local else b"")


def _block_bytes(block: Block, layout: _Layout, pace: Pace) -> bytes:
    control = syntax.control(block.disposal, block.delay, layout.transparent)
    image = syntax.image(block.area, layout.table, layout.size, layout.data(pace))
    return control + b"".join(image)
