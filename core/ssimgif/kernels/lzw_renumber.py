"""Give the indices in LZW data other numbers without decoding it.

A code below the clear code is an index, one above the end code an entry of the dictionary. Entries
are numbered in the order in which they are made, so with other indices, and another code size, the
same phrases make the same entries, at a constant distance from where they were.
"""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.code_bits import MAX_CODES, MAX_WIDTH, flush, new_stream, put_code, take_code
from ssimgif.kernels.jit import kernel


@kernel(inline="always")
def _grown(following, width, first):
    """Return the next free entry and the width of codes once a code is read or written.

    The first code after a clear code makes no entry.
    """
    if not first and following < MAX_CODES:
        following += 1
        width += following == 1 << width and width < MAX_WIDTH
    return following, width


@kernel
def renumber(data, minimum_code_size, numbers, new_code_size, used, out):
    """Write the same phrases with other numbers for the indices.

    Parameters
    ----------
    data : u8[n]
        LZW codes from clear code to end code.
    minimum_code_size, new_code_size : int
        The new one is not the larger, so that the dictionary has room.
    numbers : u8[256]
        The new number of each index.
    used : bool[256]
        Set to True for each index in the data: the first time it comes it has a code of its own.
    out : u8[n], out
        May be empty, to learn only what is used.

    Returns
    -------
    int
        Bytes written.
    """
    clear, new_clear = np.int64(1) << minimum_code_size, np.int64(1) << new_code_size
    following, new_following = clear + 2, new_clear + 2
    width, new_width = minimum_code_size + 1, new_code_size + 1
    source, stream = new_stream(), new_stream()
    first = True
    while True:
        code = take_code(data, source, width)
        if code < 0:
            break
        new = code - clear + new_clear
        if code < clear:
            used[code] = True
            new = np.int64(numbers[code])
        if len(out):
            put_code(out, stream, new, new_width)
        if code == clear + 1:
            break
        if code == clear:
            following, new_following = clear + 2, new_clear + 2
            width, new_width = minimum_code_size + 1, new_code_size + 1
            first = True
            continue
        following, width = _grown(following, width, first)
        new_following, new_width = _grown(new_following, new_width, first)
        first = False
    return flush(out, stream) if len(out) else 0
