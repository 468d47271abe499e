"""LZW's dictionary as an open-addressing hash table.

An entry packs the parent's code (12 bits), the index that extends it (8 bits) and the entry's own
code (12 bits) into 32 bits; 0 is free.
"""

import numpy as np

from ssimgif.kernels.jit import kernel

SLOTS = 16_384


@kernel(inline="always")
def slot_of(table, parent, index):
    """Return the slot of an entry, or the free slot where it would go."""
    key = (parent << 8) | index
    slot = ((parent * 2_654_435_761 >> 7) ^ (index * 40_503)) & (SLOTS - 1)
    while table[slot] != 0 and np.int64(table[slot] >> np.uint32(12)) != key:
        slot = (slot + 1) & (SLOTS - 1)
    return slot


@kernel(inline="always")
def entry(parent, index, code):
    """Pack a dictionary entry."""
    return np.uint32((((parent << 8) | index) << 12) | code)


@kernel(inline="always")
def code_of(packed):
    """Return the code of an entry."""
    return np.int64(packed & np.uint32(4095))
