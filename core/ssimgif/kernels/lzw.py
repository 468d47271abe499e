"""LZW as GIF has it: variable-length codes of up to 12 bits, least significant bit first.

The dictionary is an open-addressing hash table. An entry packs the parent's code (12 bits), the
index that extends it (8 bits) and the entry's own code (12 bits) into 32 bits; 0 is free.
"""

import numpy as np

from ssimgif.kernels.jit import kernel

MAX_CODES = 4096
MAX_WIDTH = 12
SLOTS = 16_384
# Once the table is full, the rate is looked at each time this many codes are written; when it
# has worsened by this factor since its best, the table is cleared.
WINDOW = 128
WORSE = 1.06


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


@kernel(inline="always")
def _put(out, position, buffer, held, code, width):
    """Append a code to the bits; returns the new position, buffer and number of bits held."""
    buffer |= code << held
    held += width
    while held >= 8:
        out[position] = buffer & 255
        position += 1
        buffer >>= 8
        held -= 8
    return position, buffer, held


@kernel
def encode(indices, minimum_code_size, clears, out):
    """Code greedily, always with the longest phrase known.

    Parameters
    ----------
    indices : u8[n], n >= 1
    minimum_code_size : int
    clears : i64[m]
        Rising positions in ``indices`` at which to clear the table; with the single entry -1
        it is cleared when it is full and the rate worsens.
    out : u8[size]
        At least 1.5 n + 16 bytes, more if ``clears`` is long.

    Returns
    -------
    int
        Bytes written.
    """
    n = len(indices)
    clear = np.int64(1) << minimum_code_size
    adaptive = len(clears) == 1 and clears[0] < 0
    table = np.zeros(SLOTS, np.uint32)
    following = clear + 2
    width = minimum_code_size + 1
    position, buffer, held = _put(out, 0, np.int64(0), 0, clear, width)
    bits, since, codes, best = 0, 0, 0, np.inf
    due = 0
    parent = np.int64(indices[0])
    for i in range(1, n):
        index = np.int64(indices[i])
        forced = not adaptive and due < len(clears) and clears[due] == i
        slot = _slot(table, parent, index)
        if table[slot] != 0 and not forced:
            parent = np.int64(table[slot] & np.uint32(4095))
            continue
        position, buffer, held = _put(out, position, buffer, held, parent, width)
        bits += width
        cleared = forced
        if following < MAX_CODES:
            # A forced clear may fall within a known phrase; the decoder grows all the same.
            if table[slot] == 0:
                table[slot] = _entry(parent, index, following)
            width += following == 1 << width
            following += 1
            if following == MAX_CODES:
                bits, since, codes, best = 0, i, 0, np.inf
        elif adaptive:
            codes += 1
            if codes % WINDOW == 0:
                rate = bits / (i - since)
                bits, since = 0, i
                best = min(best, rate)
                cleared = rate > best * WORSE
        if cleared:
            position, buffer, held = _put(out, position, buffer, held, clear, width)
            table[:] = 0
            following = clear + 2
            width = minimum_code_size + 1
            due += forced
        parent = index
    position, buffer, held = _put(out, position, buffer, held, parent, width)
    width += following == 1 << width and following < MAX_CODES
    position, buffer, held = _put(out, position, buffer, held, clear + 1, width)
    if held:
        out[position] = buffer & 255
        position += 1
    return position


@kernel
def cost_from(indices, minimum_code_size, start, step, known, slack, came_from):
    """Measure coding from a fresh table at ``start`` to every grid point after it.

    Stops where another start is cheaper by more than ``slack`` bits.

    Parameters
    ----------
    indices : u8[n]
    minimum_code_size : int
    start, step : int
        The grid points are the multiples of ``step``, and n.
    known : f64[points]
        The least bits known to reach each grid point, made smaller in place.
    slack : float
    came_from : i64[points]
        For each grid point, the start (as a grid point) that ``known`` goes with; in place.
    """
    n = len(indices)
    clear = np.int64(1) << minimum_code_size
    table = np.zeros(SLOTS, np.uint32)
    following = clear + 2
    width = minimum_code_size + 1
    bits = known[start // step]
    parent = np.int64(indices[start])
    for i in range(start + 1, n + 1):
        if i % step == 0 or i == n:
            point = (i + step - 1) // step
            # The phrase that is under way, then a clear or end code.
            total = bits + 2 * width
            if total < known[point]:
                known[point] = total
                came_from[point] = start // step
            elif total > known[point] + slack:
                return
            if i == n:
                return
        index = np.int64(indices[i])
        slot = _slot(table, parent, index)
        if table[slot] != 0:
            parent = np.int64(table[slot] & np.uint32(4095))
            continue
        bits += width
        if following < MAX_CODES:
            table[slot] = _entry(parent, index, following)
            width += following == 1 << width
            following += 1
        parent = index


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
def encode_ties(indices, held, transparent, preferred, minimum_code_size, clears, beam, out):
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
    clears : i64[m]
        As for `encode`.
    beam : int
        How many phrases are followed at once.
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
    adaptive = len(clears) == 1 and clears[0] < 0
    table = np.zeros(SLOTS, np.uint32)
    nodes = np.zeros((2, beam), np.int64)
    following = clear + 2
    width = minimum_code_size + 1
    position, buffer, pending = _put(out, 0, np.int64(0), 0, clear, width)
    bits, since, codes, best = 0, 0, 0, np.inf
    due = 0
    parent = np.int64(-1)
    i = 0
    while i < n:
        stop = n if adaptive or due >= len(clears) else clears[due]
        code, length, first = _next_phrase(
            table, indices, held, transparent, preferred, i, stop, parent, following, nodes
        )
        if parent >= 0 and following < MAX_CODES:
            slot = _slot(table, parent, first)
            if table[slot] == 0:
                table[slot] = _entry(parent, first, following)
            width += following == 1 << width
            following += 1
            if following == MAX_CODES:
                bits, since, codes, best = 0, i, 0, np.inf
        position, buffer, pending = _put(out, position, buffer, pending, code, width)
        bits += width
        i += length
        parent = code
        cleared = not adaptive and i == stop and i < n
        if adaptive and following >= MAX_CODES and i < n:
            codes += 1
            if codes % WINDOW == 0:
                rate = bits / (i - since)
                bits, since = 0, i
                best = min(best, rate)
                cleared = rate > best * WORSE
        if cleared:
            width += following == 1 << width and following < MAX_CODES
            position, buffer, pending = _put(out, position, buffer, pending, clear, width)
            table[:] = 0
            following = clear + 2
            width = minimum_code_size + 1
            parent = np.int64(-1)
            due += 1
    width += following == 1 << width and following < MAX_CODES
    position, buffer, pending = _put(out, position, buffer, pending, clear + 1, width)
    if pending:
        out[position] = buffer & 255
        position += 1
    return position


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
    written, position, buffer, held = 0, 0, np.int64(0), 0
    while written < len(out):
        while held < width and position < len(data):
            buffer |= np.int64(data[position]) << held
            held += 8
            position += 1
        if held < width:
            break
        code = buffer & ((1 << width) - 1)
        buffer >>= width
        held -= width
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
