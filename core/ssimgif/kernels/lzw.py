"""LZW as GIF has it: variable-length codes of up to 12 bits, least significant bit first.

The dictionary is an open-addressing hash table. An entry packs the parent's code (12 bits), the
index that extends it (8 bits) and the entry's own code (12 bits) into 32 bits; 0 is free.
"""

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

SLOTS = 16_384
# Once the table is full, the rate is looked at each time this many codes are written; when it
# has worsened by this factor since its best, the table is cleared.
WINDOW = 128
WORSE = 1.06
# Phrases that are followed at once where pixels may be transparent or not.
BEAM = 4


@kernel(inline="always")
def _slot(table, parent, index):
    """Return the slot of an entry, or the free slot where it would go."""
    key = (parent << 8) | index
    slot = ((parent * 2_654_435_761 >> 7) ^ (index * 40_503)) & (SLOTS - 1)
    while table[slot] != 0 and np.int64(table[slot] >> np.uint32(12)) != key:
        slot = (slot + 1) & (SLOTS - 1)
    return slot


@kernel(inline="always")
def _entry(parent, index, code):
    """Pack a dictionary entry."""
    return np.uint32((((parent << 8) | index) << 12) | code)


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
        slot = _slot(table, parent, index)
        if table[slot] != 0:
            parent = np.int64(table[slot] & np.uint32(4095))
            continue
        put_code(out, stream, parent, width)
        if following < MAX_CODES:
            table[slot] = _entry(parent, index, following)
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


@kernel
def _longest(table, indices, held, transparent, preferred, start, stop, first, nodes):
    """Follow all phrases that begin with ``first`` at ``start``; return the longest.

    Returns its code and length. ``nodes`` i64[2, beam] is work space.
    """
    beam = nodes.shape[1]
    nodes[0, 0] = first
    count, row, i = 1, 0, start + 1
    while i < stop:
        found = 0
        for k in range(count):
            for choice in range(2):
                if (choice == 0) == (preferred[i] != 0):
                    if not held[i]:
                        continue
                    index = transparent
                else:
                    index = np.int64(indices[i])
                    if index == transparent and held[i]:
                        continue
                entry = table[_slot(table, nodes[row, k], index)]
                if entry != 0 and found < beam:
                    nodes[1 - row, found] = np.int64(entry & np.uint32(4095))
                    found += 1
        if found == 0:
            break
        row, count = 1 - row, found
        i += 1
    return nodes[row, 0], i - start


@kernel
def _next_phrase(
    table, indices, held, transparent, preferred, start, stop, parent, following, nodes
):
    """Return code, length and first index of the longest phrase at ``start``.

    Each phrase may already use the entry that its own first index completes: the one that
    extends ``parent``, the phrase before (-1 after a clear code).
    """
    code, length, first = np.int64(0), 0, np.int64(0)
    for choice in range(2):
        if (choice == 0) == (preferred[start] != 0):
            if not held[start]:
                continue
            index = transparent
        else:
            index = np.int64(indices[start])
            if index == transparent and held[start]:
                continue
        grown = -1
        if parent >= 0 and following < MAX_CODES:
            slot = _slot(table, parent, index)
            if table[slot] == 0:
                grown = slot
                table[grown] = _entry(parent, index, following)
        node, reach = _longest(
            table, indices, held, transparent, preferred, start, stop, index, nodes
        )
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
    transparent = np.int64(transparent)
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
        code, length, first = _next_phrase(
            table, indices, held, transparent, preferred, i, n, parent, following, nodes
        )
        if parent >= 0 and following < MAX_CODES:
            slot = _slot(table, parent, first)
            if table[slot] == 0:
                table[slot] = _entry(parent, first, following)
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
