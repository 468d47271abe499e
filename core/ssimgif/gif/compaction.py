"""Colour tables without the entries that no frame uses, and codes no wider than a frame needs.

Entries that frames of few colours use come first. Such a frame then has small indices alone, and
a small code size.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ssimgif.gif.tables import MAX_COLORS, minimum_code_size
from ssimgif.kernels.lzw_renumber import renumber
from ssimgif.model import U8, CodedFrame, Palette

Bool = NDArray[np.bool_]
F64 = NDArray[np.float64]

_NOTHING = np.zeros(MAX_COLORS, np.uint8)


def used_indices(data: bytes, code_size: int) -> Bool:
    """Return which indices LZW data has, bool[256]."""
    used = np.zeros(MAX_COLORS, np.bool_)
    given = np.frombuffer(data, np.uint8)
    renumber(given, code_size, _NOTHING, code_size, used, np.empty(0, np.uint8))
    return used


@dataclass(frozen=True, slots=True, eq=False)
class Numbering:
    """A compact palette and the number that each index of the old one has in it, u8[256]."""

    palette: Palette
    numbers: U8

    def code_size(self, used: Bool) -> int:
        """Return the least code size for the indices that a frame uses."""
        return minimum_code_size(int(self.numbers[used].max()) + 1)

    def applied(self, data: bytes, code_size: int, used: Bool) -> bytes:
        """Return a frame's LZW data, which is never longer, in the new numbers.

        Parameters
        ----------
        data : bytes
        code_size : int
            That of ``data``; the new data has that of `code_size`.
        used : bool[256]
            What `used_indices` tells of it.
        """
        size = self.code_size(used)
        out = np.empty(len(data) + 8, np.uint8)
        given = np.frombuffer(data, np.uint8)
        return out[: renumber(given, code_size, self.numbers, size, used, out)].tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class TableUse:
    """What the frames with one palette use of it.

    Attributes
    ----------
    palette : Palette
    weights : f64[256]
        For each index, how many frames use it; a frame counts the less the more colours it has.
    """

    palette: Palette
    weights: F64 = field(default_factory=lambda: np.zeros(MAX_COLORS))

    def note(self, frame: CodedFrame) -> Bool:
        """Take a frame in and return which indices it uses, bool[256].

        Raises
        ------
        ValueError
            Where the frame's codes are narrower than its palette asks for.
        """
        if frame.minimum_code_size < minimum_code_size(len(self.palette.colors)):
            raise ValueError("the code size does not fit the palette")
        used = used_indices(frame.data, frame.minimum_code_size)
        self.weights[used] += 1.0 / np.count_nonzero(used)
        return used

    def numbering(self) -> Numbering:
        """Return the palette without colours that no frame uses, what counts most first."""
        return numbering_of(self.palette, self.weights)


def numbering_of(palette: Palette, weights: F64 | Bool) -> Numbering:
    """Return a palette without colours of no weight, what counts most first.

    The transparent entry stays: without one, some decoders clear to the background's colour.

    Parameters
    ----------
    palette : Palette
    weights : f64[256] or bool[256]
        What each index counts.
    """
    transparent, weights = palette.transparent, weights.astype(np.float64)
    needed = weights > 0
    if transparent is not None:
        needed[transparent] = True
    entries = np.argsort(np.where(needed, -weights, np.inf), kind="stable")
    entries = entries[: np.count_nonzero(needed)]
    numbers = np.zeros(MAX_COLORS, np.uint8)
    numbers[entries] = np.arange(len(entries))
    if transparent is not None:
        transparent = int(numbers[transparent])
    return Numbering(Palette(palette.colors[entries], transparent), numbers)
