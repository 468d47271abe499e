"""Which colours stand in the global table, in which order, and which blocks have local ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ssimgif.gif import MAX_COLORS, minimum_code_size, table_bytes, table_size
from ssimgif.kernels.packed import SLOTS, enter_colors
from ssimgif.lossless.planning import Block
from ssimgif.model import I64, U8, U32


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A colour table.

    Attributes
    ----------
    colors : u32[n]
        Of each index; 0 where it stands for none.
    keys, numbers : u32[SLOTS], u8[SLOTS]
        The colours and their indices, as kernels look them up.
    """

    colors: U32
    keys: U32
    numbers: U8

    @classmethod
    def of(cls, colors: U32) -> Table:
        """Make a table of at most 256 colours, among them 0 at most once."""
        keys, numbers = np.zeros(SLOTS, np.uint32), np.zeros(SLOTS, np.uint8)
        enter_colors(colors, keys, numbers)
        return cls(colors, keys, numbers)

    def to_bytes(self) -> bytes:
        """Return the table as it stands in a file."""
        rgb = self.colors.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        return rgb.ljust(table_bytes(len(self.colors)), b"\0")

    def indices(self, colors: U32) -> I64 | None:
        """Return the indices of some colours, or None where one is missing."""
        order = np.argsort(self.colors)
        places = np.searchsorted(self.colors, colors, sorter=order)
        found = order[places.clip(0, len(order) - 1)]
        return found if (self.colors[found] == colors).all() else None

    def free_index(self, used: I64) -> int | None:
        """Return the index that stands for no colour, or else the first that is not used."""
        none = np.flatnonzero(self.colors == 0)
        if none.size:
            return int(none[0])
        unused = np.setdiff1d(np.arange(len(self.colors)), used)
        return int(unused[0]) if unused.size else None


def local_table(block: Block) -> Table:
    """Return the smallest table for a block."""
    return Table.of(np.append(np.uint32(0), block.colors) if block.mixed else block.colors)


def global_table(blocks: Sequence[Block]) -> Table:
    """Return the table that saves most local ones.

    Colours of blocks that have few come first, so that their codes are narrow. What stays as it is
    has an index of its own where that costs nothing or a block needs it.
    """
    chosen: set[int] = set()
    for colors in _cheapest_first(blocks):
        chosen.update(colors.tolist())
    known = np.array(sorted(chosen), np.uint32)
    weights = np.zeros(len(known))
    reserved = False
    for block in blocks:
        if np.isin(block.colors, known).all():
            weights[np.searchsorted(known, block.colors)] += 1 / max(1, len(block.colors))
            reserved |= block.mixed and len(block.colors) == len(known)
    ordered = known[np.argsort(-weights, kind="stable")]
    mixed = any(block.mixed for block in blocks)
    roomy = table_size(max(1, len(known))) > len(known)
    if mixed and (reserved or roomy) and len(known) < MAX_COLORS:
        ordered = np.append(np.uint32(0), ordered)
    return Table.of(ordered)


def _cheapest_first(blocks: Sequence[Block]) -> Iterator[U32]:
    """Yield the colours of blocks as long as they fit into a table, those that add fewest first."""
    every = np.unique(np.concatenate([block.colors for block in blocks]))
    if len(every) <= MAX_COLORS - any(len(block.colors) == len(every) for block in blocks):
        yield every
        return
    places = [np.searchsorted(every, block.colors) for block in blocks]
    users: list[list[int]] = [[] for _ in every]
    for number, own in enumerate(places):
        for place in own.tolist():
            users[place].append(number)
    missing = np.array([len(own) for own in places])
    taken, room = np.zeros(len(every), np.bool_), MAX_COLORS - 1
    while (missing <= room).any():
        number = int(np.argmin(missing))
        for place in places[number][~taken[places[number]]].tolist():
            taken[place] = True
            room -= 1
            missing[users[place]] -= 1
        yield blocks[number].colors
        missing[number] = len(every) + 1


def code_size(indices: I64, transparent: int | None) -> int:
    """Return the least code size for indices and the transparent one."""
    return minimum_code_size(1 + max(int(indices.max(initial=0)), transparent or 0))
