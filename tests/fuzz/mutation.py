"""Turning good inputs into bad ones, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

MOST_CHANGES = 6
LONGEST = 1 << 16
# Values at which sizes and counts go wrong.
EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WORDS = (b"=", b",", b":", b"'", b"\\", b"[", b"]", b";", b"\0", b"-1", b"1e999", b"99999999999")


def mutated(corpus: Sequence[bytes], seed: int, number: int) -> bytes:
    """Return the input of this number: a file of the corpus with a few changes.

    Parameters
    ----------
    corpus : sequence of bytes
        Not empty.
    seed, number : int
    """
    choose = random.Random(f"{seed}:{number}")
    data = bytearray(choose.choice(corpus))
    for _ in range(choose.randint(1, MOST_CHANGES)):
        choose.choice(_CHANGES)(choose, data, corpus)
    return bytes(data[:LONGEST])


def _flip_bit(choose: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)


def _set_byte(choose: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[choose.randrange(len(data))] = choose.randrange(256)


def _set_number(choose: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    size = choose.choice((1, 2, 4, 8))
    if len(data) >= size:
        at = choose.randrange(len(data) - size + 1)
        edge = (choose.choice(EDGES) + choose.choice((-1, 0, 0, 1))) % (1 << 8 * size)
        data[at : at + size] = edge.to_bytes(size, choose.choice(("big", "little")))


def _truncate(choose: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[choose.randint(0, len(data)) :]


def _delete(choose: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, stop = _range(choose, data)
    del data[start:stop]


def _repeat(choose: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, stop = _range(choose, data)
    data[start:start] = bytes(data[start:stop]) * choose.randint(1, 8)


def _insert_noise(choose: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, _stop = _range(choose, data)
    data[start:start] = choose.randbytes(choose.randint(1, 32))


def _insert_word(choose: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, _stop = _range(choose, data)
    data[start:start] = choose.choice(_WORDS)


def _splice(choose: random.Random, data: bytearray, corpus: Sequence[bytes]) -> None:
    other = choose.choice(corpus)
    start, stop = _range(choose, data)
    begin, end = _range(choose, other)
    data[start:stop] = other[begin:end]


def _range(choose: random.Random, data: bytes | bytearray) -> tuple[int, int]:
    start = choose.randint(0, len(data))
    return start, min(len(data), start + choose.randint(0, 64))


_CHANGES: tuple[Callable[[random.Random, bytearray, Sequence[bytes]], None], ...] = (
    _flip_bit,
    _flip_bit,
    _set_byte,
    _set_number,
    _set_number,
    _truncate,
    _delete,
    _repeat,
    _insert_noise,
    _insert_word,
    _splice,
)
