"""Clear codes, phrases and ties at choice: the same pixels in no more bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import lzw as reference
from ssimgif.gif import lzw
from ssimgif.gif.parsing import (
    AHEAD,
    AHEAD_WHEN_FULL,
    DEEP,
    LONGEST,
    Manner,
    smallest,
    well_cleared,
)
from ssimgif.kernels.lzw_phrases import (
    Pixels,
    new_run,
    take_longest,
    take_phrases,
)


def sprites(count: int, seed: int = 3) -> np.ndarray:
    """Return rows of few, often repeated tiles, as pixel art has them."""
    rng = np.random.default_rng(seed)
    tiles = rng.integers(0, 7, (6, 24)).astype(np.uint8)
    return tiles[rng.integers(0, 6, count // 24 + 1)].ravel()[:count]


def mixed(count: int, seed: int = 4) -> np.ndarray:
    """Return stretches that have little in common."""
    rng = np.random.default_rng(seed)
    parts = [rng.integers(low, low + 3, 700) for low in rng.integers(0, 12, count // 700 + 1)]
    return np.concatenate(parts)[:count].astype(np.uint8)


@given(st.data())
@settings(deadline=None)
def test_the_specification_decodes_what_is_coded(data):
    size, count = data.draw(st.integers(2, 8)), data.draw(st.integers(1, 600))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    colors = data.draw(st.integers(1, 1 << size))
    own = rng.integers(0, colors, count).astype(np.uint8)
    own = np.repeat(own, rng.integers(1, 5, count))[:count]
    held = rng.random(count) < data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    transparent = data.draw(st.one_of(st.none(), st.integers(0, (1 << size) - 1)))
    coded = smallest(own, held, transparent, size, deep=data.draw(st.booleans()))
    seen = np.array(reference.decode(coded, size), np.uint8)
    assert seen.size == count
    right = seen == own
    if transparent is not None:
        right |= held & (seen == transparent)
    assert right.all()


@pytest.mark.parametrize("make", [sprites, mixed])
@pytest.mark.parametrize("count", [1, 2, 60, 3_000, 40_000])
def test_no_plainer_coder_takes_fewer_bytes(make, count):
    own = make(count)
    held = np.random.default_rng(1).random(count) < 0.4
    none = np.zeros(count, np.bool_)
    assert len(smallest(own, none, None, 4)) <= len(lzw.encode(own, 4))
    assert len(smallest(own, held, 15, 4)) <= len(lzw.encode_ties(own, held, 15, 4))


@pytest.mark.parametrize("make", [sprites, mixed])
def test_looking_deeper_takes_fewer_bytes(make):
    own = make(20_000)
    none = np.zeros(own.size, np.bool_)
    usual, deep = (len(smallest(own, none, None, 4, deep=deep)) for deep in (False, True))
    assert deep < usual


def test_clear_codes_stand_where_the_picture_changes():
    own = mixed(20_000)
    none = np.zeros(own.size, np.bool_)
    coded = smallest(own, none, None, 4)
    assert list(reference.codes(coded, 4)).count(16) > 3
    assert len(coded) < 0.97 * len(lzw.encode(own, 4))


@pytest.mark.parametrize("make", [sprites, mixed])
@pytest.mark.parametrize("count", [1, 2, 60, 20_000])
def test_longest_phrases_with_clear_codes_well_placed_take_no_more_bytes(make, count):
    own = make(count)
    coded = well_cleared(own, 4)
    assert reference.decode(coded, 4) == own.tolist()
    assert len(coded) <= len(lzw.encode(own, 4))


def test_noise_longer_than_any_run_is_coded():
    own = np.random.default_rng(5).integers(0, 256, 60_000).astype(np.uint8)
    coded = smallest(own, np.zeros(own.size, np.bool_), None, 8)
    assert reference.decode(coded, 8) == own.tolist()


class Slow:
    """Takes phrases one by one with a dictionary of tuples, as slowly as can be."""

    def __init__(self, indices: np.ndarray, size: int) -> None:
        self.pixels = tuple(indices.tolist())
        self.known = {(index,) for index in range(1 << size)}
        self.entries = (1 << size) + 2

    def longest(self, start: int) -> int:
        length = 0
        while start + length < len(self.pixels):
            if self.pixels[start : start + length + 1] not in self.known:
                break
            length += 1
        return length

    def reach(self, start: int, before: tuple[int, ...], depth: int) -> int:
        """Return where so many phrases end, or the next one in the dictionary as it is."""
        if not depth:
            return start + self.longest(start)
        known, entries, at = set(self.known), self.entries, start
        for done in range(depth):
            if at >= len(self.pixels):
                at += depth - done
                break
            if self.entries < 4096:
                self.known.add((*before, self.pixels[at]))
                self.entries += 1
            length = self.longest(at)
            before = self.pixels[at : at + length]
            at += length
        self.known, self.entries = known, entries
        return at

    def cut(self, at: int, length: int, gain: int, depth: int) -> int:
        """Return what is best of a phrase and those cut short."""

        def reach(short: int) -> int:
            return self.reach(at + short, self.pixels[at : at + short], depth)

        kept, reached = length, reach(length)
        for short in range(length - 1, max(0, length - 17), -1):
            end = reach(short)
            if end >= reached + (gain if kept == length else 1):
                kept, reached = short, end
        return kept

    def phrases(self, manner: Manner) -> list[tuple[int, ...]]:
        """Take all."""
        (since, gain, depth), out, at = manner, [], 0
        while at < len(self.pixels):
            looks = self.entries >= since
            if out and self.entries < 4096:
                # The entry that the phrase's own first index completes.
                self.known.add((*out[-1], self.pixels[at]))
                self.entries += 1
            length = self.longest(at)
            uniform = len(set(self.pixels[at : at + length])) == 1
            if looks and not uniform and length <= 96:
                length = self.cut(at, length, gain, depth)
            out.append(self.pixels[at : at + length])
            at += length
        return out


@pytest.mark.parametrize("manner", [LONGEST, AHEAD_WHEN_FULL, AHEAD, *DEEP])
@pytest.mark.parametrize("size", [3, 8])
def test_phrases_are_those_of_a_slow_coder(manner, size):
    rng = np.random.default_rng(size)
    count = 400 if manner[2] else 4_000
    indices = np.repeat(rng.integers(0, 7, count), rng.integers(1, 4, count)).astype(np.uint8)
    if size == 8:
        indices = (indices * 31 + rng.integers(0, 3, indices.size)).astype(np.uint8)
    wanted = Slow(indices, size).phrases(manner)
    run, none, how = new_run(indices.size), np.zeros_like(indices), np.array(manner)
    count = take_phrases(Pixels(indices, none, none, -1), size, 0, indices.size, how, run)
    assert np.diff(run.ends[:count], prepend=0).tolist() == [len(phrase) for phrase in wanted]
    if manner == LONGEST:
        assert take_longest(indices, size, 0, indices.size, run) == count
