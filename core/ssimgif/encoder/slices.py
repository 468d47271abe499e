"""Slices of a frame: bands of rows that begin with a clear code and are searched side by side.

A decoder doesn't notice. A large picture whose every pixel takes bits fills its dictionary many
times over, so that the cuts cost little; where few bits say all, one dictionary may serve the whole
picture, and it isn't cut. How many slices there are depends on the frame and on those before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ssimgif.encoder.rd_lzw import USUAL, Problem, RdResult, Search, encode
from ssimgif.host import together
from ssimgif.kernels.code_bits import TOTAL, append_bits, finish, new_stream
from ssimgif.kernels.phrase_search import Picture

# Pixels up to which a picture is not cut.
SMALL = 200_000
# Bits that a slice takes at the least; a full dictionary has taken about 45,000.
SLICE_BITS = 900_000
LEAST_ROWS = 16
MOST_SLICES = 32
# By what factor there must have been too many slices for a picture to be searched again.
TOO_MANY = 2
# What a pixel is taken to cost at first, errors and all, by its bits.
COST = 2.0


def encode_slices(
    problem: Problem, lam: float, search: Search = USUAL, density: float = 0.0
) -> RdResult:
    """Find LZW codes as `rd_lzw.encode` does, in slices where they cost little.

    Parameters
    ----------
    problem : Problem
    lam : float
    search : Search
    density : float
        Bits that a pixel is expected to take.
    """
    count = slice_count(problem, density * problem.height * problem.width)
    found = _encode(problem, lam, search, density, count)
    while count > TOO_MANY * (enough := slice_count(problem, found.bits)):
        density = found.bits / found.indices.size
        count = enough
        found = _encode(problem, lam, search, density, count)
    return found


def slice_count(problem: Problem, bits: float) -> int:
    """Return how many slices a picture is cut into that takes so many bits."""
    if problem.height * problem.width <= SMALL:
        return 1
    return max(1, min(int(bits / SLICE_BITS), problem.height // LEAST_ROWS, MOST_SLICES))


def _encode(problem: Problem, lam: float, search: Search, density: float, count: int) -> RdResult:
    if count == 1:
        return encode(problem, lam, search)
    search = replace(search, rate=COST * density)
    edges = [problem.height * i // count for i in range(count + 1)]

    def code(number: int) -> RdResult:
        part = _rows(problem, edges[number], edges[number + 1])
        return encode(part, lam, search, last=number == count - 1)

    return _joined(together(code, range(count)))


def _rows(problem: Problem, first: int, last: int) -> Problem:
    """Return the search in some rows of a picture."""
    picture, columns = problem.picture, problem.width
    here = slice(first * columns, last * columns)
    part = Picture(picture.source[here], picture.screen[here], columns)
    return replace(problem, picture=part, height=last - first)


def _joined(parts: Sequence[RdResult]) -> RdResult:
    """Join the codes of slices: the clear code that one ends with is what the next begins with."""
    size = parts[0].minimum_code_size
    out, stream = np.empty(sum(len(part.data) for part in parts) + 1, np.uint8), new_stream()
    for number, part in enumerate(parts):
        clear = size + 1 if number else 0
        append_bits(out, stream, np.frombuffer(part.data, np.uint8), clear, part.bits)
    pixels = [part.indices.size for part in parts]
    return RdResult(
        out[: finish(out, stream)].tobytes(),
        size,
        np.concatenate([part.indices for part in parts]),
        int(stream[TOTAL]),
        sum(part.distortion for part in parts),
        float(np.average([part.rate for part in parts], weights=pixels)),
    )
