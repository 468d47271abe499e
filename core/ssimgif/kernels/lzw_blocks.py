"""Clear codes at choice: the cheapest way through a picture, and its data.

Between two clear codes a coder begins with an empty dictionary. Where it begins, and how it takes
its phrases, tells how many codes it needs to any place further on: the last phrase can always be
cut. So the least bits to each place are those to an earlier one and of a run from there.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from ssimgif.kernels.code_bits import MAX_WIDTH, flush, new_stream, put_code
from ssimgif.kernels.jit import helper, kernel
from ssimgif.kernels.lzw_phrases import (
    NEVER,
    WHEN_FULL,
    Pixels,
    Run,
    take_longest,
    take_phrases,
)

FAR = 1 << 60

# A picture with several choices of indices: indices, held and preferred are u8[k, n] and
# transparent i64[k], as `lzw_phrases.Pixels` has them, -1 where no pixel is held. ways i64[m, 4]
# are those to take phrases: of which of the k, and in what manner. size is the minimum code size.
Picture = namedtuple("Picture", "indices held preferred transparent ways size")


@helper
def _width(number, size):
    """Return the bits of the code that comes after ``number`` others since a clear code."""
    last = (np.int64(1) << size) + np.int64(number if number > 1 else 1) + 1
    width = size + 1
    while width < MAX_WIDTH and last >> width:
        width += 1
    return width


@helper
def _affordable(bits, size):
    """Return how many codes since a clear code it takes to spend so many bits."""
    number = 0
    while bits > 0:
        width = _width(number, size)
        count = 1 if width < MAX_WIDTH else -(-bits // MAX_WIDTH)
        bits -= count * width
        number += count
    return number


@kernel
def _take(picture, way, start, least, run):
    """Take phrases in a way, quickly where pixels have one index each."""
    which, manner = picture.ways[way, 0], picture.ways[way, 1:]
    indices, transparent = picture.indices[which], picture.transparent[which]
    if manner[0] == NEVER and transparent < 0:
        return take_longest(indices, picture.size, start, least, run)
    pixels = Pixels(indices, picture.held[which], picture.preferred[which], transparent)
    return take_phrases(pixels, picture.size, start, least, manner, run)


@kernel
def cheapest(picture, starts, run, bits, came, way):
    """Find the cheapest way to each of the places where a dictionary may begin.

    Parameters
    ----------
    picture : Picture
    starts : i64[p]
        Rising from 0 to n.
    run : Run
    bits : i64[p], out
        The least bits from the first clear code to a place, with the clear or end code there.
    came : i64[p], out
        Number of the place before, where the dictionary began.
    way : i64[p], out
        The way from there.
    """
    bits[:] = FAR
    bits[0] = picture.size + 1
    filled = (np.int64(1) << MAX_WIDTH) - (np.int64(1) << picture.size) - 2
    for s in range(starts.size - 1):
        count = np.int64(0)
        for w in range(picture.ways.shape[0]):
            if picture.ways[w, 1] == WHEN_FULL and count < filled:
                # The way before, which has the longest phrases of the same indices.
                continue
            # What costs more than a whole way that is known is no part of the cheapest.
            most = min(_affordable(bits[-1] - bits[s], picture.size), run.codes.size)
            if most == 0:
                break
            part = Run(run.codes[:most], run.ends, run.prefix, run.table, run.nodes, run.added)
            count = _take(picture, w, starts[s], starts[s + 1], part)
            total, place = bits[s], s + 1
            for k in range(count):
                total += _width(k, picture.size)
                least = total + _width(k + 1, picture.size)
                while place < starts.size and starts[place] <= run.ends[k]:
                    if least < bits[place]:
                        bits[place], came[place], way[place] = least, s, w
                    place += 1


@kernel
def write(picture, starts, ways, run, out):
    """Write the data of a path.

    Parameters
    ----------
    picture : Picture
    starts : i64[p]
        Where dictionaries begin, and n.
    ways : i64[p - 1]
        The way from each start.
    run : Run
    out : u8[size], out
        At least 2 n + 16 bytes.

    Returns
    -------
    int
        Bytes written.
    """
    size, stream = picture.size, new_stream()
    clear = np.int64(1) << size
    put_code(out, stream, clear, size + 1)
    for p in range(ways.size):
        stop = starts[p + 1]
        _take(picture, ways[p], starts[p], stop, run)
        number, end = 0, starts[p]
        while end < stop:
            code, end = np.int64(run.codes[number]), run.ends[number]
            for _ in range(end - stop):
                code = np.int64(run.prefix[code])
            put_code(out, stream, code, _width(number, size))
            number += 1
        put_code(out, stream, clear + (p == ways.size - 1), _width(number, size))
    return flush(out, stream)
