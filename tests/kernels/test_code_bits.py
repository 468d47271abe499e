"""Streams of bits, against whole numbers of any size."""

from __future__ import annotations

import numpy as np
import pytest

from ssimgif.kernels.code_bits import TOTAL, append_bits, finish, new_stream
from ssimgif.model import U8


def number(data: U8) -> int:
    return int.from_bytes(data.tobytes(), "little")


@pytest.mark.parametrize("first", [0, 3, 8, 9])
def test_bits_are_appended_at_any_place(first: int) -> None:
    rng = np.random.default_rng(first)
    for before in (0, 1, 7, 8, 13):
        for bits in (1, 5, 8, 20, 37, 64, 555):
            data = rng.integers(0, 256, (first + bits) // 8 + 1).astype(np.uint8)
            out, stream = np.zeros(200, np.uint8), new_stream()
            ones = np.full(2, 255, np.uint8)
            append_bits(out, stream, ones, 0, before)
            append_bits(out, stream, data, first, first + bits)
            size = finish(out, stream)
            expected = (1 << before) - 1
            expected |= (number(data) >> first & ((1 << bits) - 1)) << before
            assert number(out[:size]) == expected
            assert size == -(-(before + bits) // 8)
            assert stream[TOTAL] == before + bits
