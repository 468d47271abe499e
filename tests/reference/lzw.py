"""GIF's LZW as appendix F of the GIF89a specification tells it, with strings and dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def codes(data: bytes, minimum_code_size: int) -> Iterator[int]:
    """Yield the codes in the data, the clear and end codes among them."""
    clear = 1 << minimum_code_size
    bits = "".join(f"{byte:08b}"[::-1] for byte in data)
    at, width, known = 0, minimum_code_size + 1, clear + 1
    while at + width <= len(bits):
        code = int(bits[at : at + width][::-1], 2)
        at += width
        yield code
        if code == clear:
            width, known = minimum_code_size + 1, clear + 1
            continue
        if code == clear + 1:
            return
        # Each code but the first makes one known; a full code width asks for another bit.
        known = min(known + 1, 4096)
        if known == 1 << width and width < 12:
            width += 1


def decode(data: bytes, minimum_code_size: int) -> list[int]:
    """Return the indices; fail with ValueError on a code that can't be."""
    clear = 1 << minimum_code_size
    out: list[int] = []
    table: dict[int, tuple[int, ...]] = {}
    before: tuple[int, ...] = ()
    for code in codes(data, minimum_code_size):
        if code == clear:
            table = {index: (index,) for index in range(clear)}
            before, following = (), clear + 2
            continue
        if code == clear + 1:
            return out
        if code not in table and (code != following or not before):
            raise ValueError(f"code {code} can't be here")
        phrase = table.get(code, (*before, *before[:1]))
        if before and following < 4096:
            table[following] = (*before, phrase[0])
            following += 1
        out += phrase
        before = phrase
    raise ValueError("no end code")


def phrases(indices: Iterable[int], minimum_code_size: int) -> int:
    """Return how many codes the greedy coder needs without ever clearing (clear, end left out)."""
    clear = 1 << minimum_code_size
    table = {(index,) for index in range(clear)}
    count, phrase = 0, ()
    for index in indices:
        longer = (*phrase, index)
        if longer in table:
            phrase = longer
            continue
        count += 1
        if len(table) < 4096 - 2:
            table.add(longer)
        phrase = (index,)
    return count + bool(phrase)
