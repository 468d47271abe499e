"""Codes as bits of a byte stream, least significant bit first (GIF89a, appendix F).

The state of a stream is i64[4]: bytes written or read, bits waiting, the waiting bits, bits of all
codes. A stream is written or read, not both.
"""

import numpy as np

from ssimgif.kernels.jit import helper, kernel

# Codes have at most 12 bits.
MAX_WIDTH = 12
MAX_CODES = 1 << MAX_WIDTH

BYTES, WAITING, BITS, TOTAL = range(4)


@kernel
def new_stream():
    """Return the state of a stream at its beginning."""
    return np.zeros(4, np.int64)


@helper
def put_code(out, stream, code, width):
    """Append a code of ``width`` bits to ``out`` u8[n]."""
    size = stream[BYTES]
    waiting = stream[WAITING] + width
    bits = stream[BITS] | (code << stream[WAITING])
    while waiting >= 8:
        out[size] = bits & 255
        size += 1
        bits >>= 8
        waiting -= 8
    stream[BYTES] = size
    stream[WAITING] = waiting
    stream[BITS] = bits
    stream[TOTAL] += width


@helper
def flush(out, stream):
    """Write the bits that still wait; return the number of bytes."""
    if stream[WAITING] > 0:
        out[stream[BYTES]] = stream[BITS]
        stream[BYTES] += 1
    return stream[BYTES]


@helper
def take_code(data, stream, width):
    """Read a code of ``width`` bits from ``data`` u8[n]; -1 where it ends before."""
    while stream[WAITING] < width and stream[BYTES] < len(data):
        stream[BITS] |= np.int64(data[stream[BYTES]]) << stream[WAITING]
        stream[WAITING] += 8
        stream[BYTES] += 1
    if stream[WAITING] < width:
        return np.int64(-1)
    code = stream[BITS] & ((1 << width) - 1)
    stream[BITS] >>= width
    stream[WAITING] -= width
    stream[TOTAL] += width
    return code


@helper
def _put_bits(out, stream, data, first, last):
    """Append some bits of ``data`` u8[n], one by one."""
    for at in range(first, last):
        put_code(out, stream, (np.int64(data[at // 8]) >> (at % 8)) & 1, 1)


@kernel
def append_bits(out, stream, data, first, last):
    """Append the bits of ``data`` u8[n] from ``first`` on to the one before ``last``."""
    middle = min(first + (8 - stream[WAITING]) % 8, last)
    _put_bits(out, stream, data, first, middle)
    size, source, shift = stream[BYTES], middle // 8, middle % 8
    count = (last - middle) // 8
    for i in range(count):
        out[size + i] = data[source + i] >> np.uint8(shift)
    if shift > 0:
        for i in range(count):
            out[size + i] |= np.uint8(np.int64(data[source + 1 + i]) << (8 - shift))
    stream[BYTES] += count
    stream[TOTAL] += 8 * count
    _put_bits(out, stream, data, middle + 8 * count, last)


@kernel
def finish(out, stream):
    """Write the bits that still wait; return the number of bytes."""
    return flush(out, stream)
