"""LZW as GIF has it: variable-length codes of up to 12 bits, least significant bit first."""

import numpy as np

from ssimgif.kernels.code_bits import (
    MAX_CODES,
    MAX_WIDTH,
    TOTAL,
    flush,
    new_stream,
    put_code,
    take_code,
)
from ssimgif.kernels.jit import helper, kernel
from ssimgif.kernels.lzw_phrases import BEAM, Pixels, choice, longest
from ssimgif.kernels.lzw_table import SLOTS, code_of, entry, slot_of

# Once the table is full, the rate is looked at each time this many codes are written; when it
# has worsened by this factor since its best, the table is cleared.
WINDOW = 128
WORSE = 1.06


@helper
def _watch(rate, bits, at):
    """Begin to watch the rate of a table that is full now.

    ``rate`` is f64[4]: bits and indices before this window, codes watched, the best rate.
    """
    rate[0] = bits
    rate[1] = at
    rate[2] = 0
    rate[3] = np.inf


@helper
def _worsened(rate, bits, at):
    """Take another code into account, and tell whether the table is to be cleared."""
    rate[2] += 1
    if rate[2] % WINDOW != 0:
        return False
    recent = (bits - rate[0]) / (at - rate[1])
    rate[0] = bits
    rate[1] = at
    rate[3] = min(rate[3], recent)
    return recent > rate[3] * WORSE


@kernel
def encode(indices, minimum_code_size, out):
    """Code greedily, always with the longest phrase known.

    Parameters
    ----------
    indices : u8[n], n >= 1
    minimum_code_size : int
    out : u8[size]
        At least 1.5 n + 16 bytes.

    Returns
    -------
    int
        Bytes written.
    """
    clear = np.int64(1) << minimum_code_size
    table = np.zeros(SLOTS, np.uint32)
    following = clear + 2
    width = minimum_code_size + 1
    stream = new_stream()
    rate = np.zeros(4)
    put_code(out, stream, clear, width)
    parent = np.int64(indices[0])
    for i in range(1, len(indices)):
        index = np.int64(indices[i])
        slot = slot_of(table, parent, index)
        if table[slot] != 0:
            parent = code_of(table[slot])
            continue
        put_code(out, stream, parent, width)
        if following < MAX_CODES:
            table[slot] = entry(parent, index, following)
            width += following == 1 << width
            following += 1
            if following == MAX_CODES:
                _watch(rate, stream[TOTAL], i)
        elif _worsened(rate, stream[TOTAL], i):
            put_code(out, stream, clear, width)
            table[:] = 0
            following = clear + 2
            width = minimum_code_size + 1
        parent = index
    put_code(out, stream, parent, width)
    width += following == 1 << width and following < MAX_CODES
    put_code(out, stream, clear + 1, width)
    return flush(out, stream)


@helper
def _next_phrase(table, nodes, pixels, start, parent, following):
    """Return code, length and first index of the longest phrase at ``start``.

    Each phrase may already use the entry that its own first index completes: the one that
    extends ``parent``, the phrase before (-1 after a clear code).
    """
    code, length, first = np.int64(0), 0, np.int64(0)
    for which in range(2):
        index = choice(pixels, start, which)
        if index < 0:
            continue
        grown = -1
        if parent >= 0 and following < MAX_CODES:
            slot = slot_of(table, parent, index)
            if table[slot] == 0:
                grown = slot
                table[grown] = entry(parent, index, following)
        node, reach = longest(table, nodes, pixels, start, pixels.indices.size, index)
        if grown >= 0:
            table[grown] = 0
        if reach > length:
            code, length, first = node, reach, index
    return code, length, first


@kernel
def encode_ties(indices, held, transparent, preferred, minimum_code_size, out):
    """Code with, wherever ``held``, the index or the transparent one, as phrases grow longest.

    Parameters
    ----------
    indices : u8[n], n >= 1
    held : u8[n]
        1 where ``transparent`` is right as well.
    transparent : int
    preferred : u8[n]
        1 where the transparent index is tried first; it wins between phrases of equal length.
    minimum_code_size : int
    out : u8[size]
        As for `encode`.

    Returns
    -------
    int
        Bytes written.
    """
    n = len(indices)
    pixels = Pixels(indices, held, preferred, np.int64(transparent))
    clear = np.int64(1) << minimum_code_size
    table = np.zeros(SLOTS, np.uint32)
    nodes = np.zeros((2, BEAM), np.int64)
    following = clear + 2
    width = minimum_code_size + 1
    stream = new_stream()
    rate = np.zeros(4)
    put_code(out, stream, clear, width)
    parent = np.int64(-1)
    i = 0
    while i < n:
        code, length, first = _next_phrase(table, nodes, pixels, i, parent, following)
        if parent >= 0 and following < MAX_CODES:
            slot = slot_of(table, parent, first)
            if table[slot] == 0:
                table[slot] = entry(parent, first, following)
            width += following == 1 << width
            following += 1
            if following == MAX_CODES:
                _watch(rate, stream[TOTAL], i)
        put_code(out, stream, code, width)
        i += length
        parent = code
        if following >= MAX_CODES and i < n and _worsened(rate, stream[TOTAL], i):
            put_code(out, stream, clear, width)
            table[:] = 0
            following = clear + 2
            width = minimum_code_size + 1
            parent = np.int64(-1)
    width += following == 1 << width and following < MAX_CODES
    put_code(out, stream, clear + 1, width)
    return flush(out, stream)


@kernel
def continue_runs(indices, held, transparent, out):
    """Let held pixels continue the run before them, and be transparent where they can't."""
    before = -1
    for i in range(len(indices)):
        out[i] = transparent if held[i] and indices[i] != before else indices[i]
        before = int(out[i])


@kernel
def decode(data, minimum_code_size, out):
    """Decode codes into ``out`` u8[count].

    Returns
    -------
    int
        Indices written, at most ``count``; -1 on a code that can't be.
    """
    clear = np.int64(1) << minimum_code_size
    prefix = np.zeros(MAX_CODES, np.int64)
    # First and last index, and length, of each code's phrase.
    first = np.zeros(MAX_CODES, np.uint8)
    last = np.zeros(MAX_CODES, np.uint8)
    length = np.zeros(MAX_CODES, np.int64)
    for code in range(clear):
        first[code] = last[code] = code
        length[code] = 1
    following = clear + 2
    width = minimum_code_size + 1
    before = np.int64(-1)
    stream = new_stream()
    written = 0
    while written < len(out):
        code = take_code(data, stream, width)
        if code < 0:
            break
        if code == clear:
            following = clear + 2
            width = minimum_code_size + 1
            before = np.int64(-1)
            continue
        if code == clear + 1:
            break
        if before < 0:
            if code > clear:
                return -1
        elif following < MAX_CODES:
            if code > following:
                return -1
            prefix[following] = before
            length[following] = length[before] + 1
            first[following] = first[before]
            # The entry may be the very code that was read: then this is its own first index.
            last[following] = first[code]
            following += 1
            width += following == 1 << width and width < MAX_WIDTH
        node = code
        for at in range(written + length[code] - 1, written - 1, -1):
            if at < len(out):
                out[at] = last[node]
            node = prefix[node]
        written = min(written + length[code], len(out))
        before = code
    return written
