"""Codes as bits of a byte stream, least significant bit first (GIF89a, appendix F).

The stream's state is i64[4]: bytes written, bits waiting, the waiting bits, bits put in all.
"""

import numpy as np

from ssimgif.kernels.jit import helper, kernel

# Codes have at most 12 bits.
MAX_WIDTH = 12
MAX_CODES = 1 << MAX_WIDTH

WRITTEN, WAITING, BITS, TOTAL = range(4)


@kernel
def new_stream():
    """Return the state of a stream that nothing was put into."""
    return np.zeros(4, np.int64)


@helper
def put_code(out, stream, code, width):
    """Append a code of ``width`` bits to ``out`` u8[n]."""
    size = stream[WRITTEN]
    waiting = stream[WAITING] + width
    bits = stream[BITS] | (code << stream[WAITING])
    while waiting >= 8:
        out[size] = bits & 255
        size += 1
        bits >>= 8
        waiting -= 8
    stream[WRITTEN] = size
    stream[WAITING] = waiting
    stream[BITS] = bits
    stream[TOTAL] += width


@helper
def flush(out, stream):
    """Write the bits that still wait; return the number of bytes."""
    if stream[WAITING] > 0:
        out[stream[WRITTEN]] = stream[BITS]
        stream[WRITTEN] += 1
    return stream[WRITTEN]
