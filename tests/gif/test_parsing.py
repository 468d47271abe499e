"""Clear codes, phrases and ties at choice: the same pixels in no more bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import lzw as reference
from ssimgif.gif import lzw
from ssimgif.gif.parsing import smallest
from ssimgif.kernels.lzw_phrases import (
    AHEAD,
    AHEAD_WHEN_FULL,
    LONGEST,
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
    coded = smallest(own, held, transparent, size)
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


def test_clear_codes_stand_where_the_picture_changes():
    own = mixed(20_000)
    none = np.zeros(own.size, np.bool_)
    coded = smallest(own, none, None, 4)
    assert list(reference.codes(coded, 4)).count(16) > 3
    assert len(coded) < 0.97 * len(lzw.encode(own, 4))


def test_noise_longer_than_any_run_is_coded():
    own = np.random.default_rng(5).integers(0, 256, 60_000).astype(np.uint8)
    coded = smallest(own, np.zeros(own.size, np.bool_), None, 8)
    assert reference.decode(coded, 8) == own.tolist()


def phrases_of(indices: np.ndarray, size: int, manner: int) -> list[tuple[int, ...]]:
    """Take phrases one by one with a dictionary of tuples, as slowly as can be."""
    known = {(index,) for index in range(1 << size)}
    pixels, out, at, entries = tuple(indices.tolist()), [], 0, (1 << size) + 2

    def longest(start: int) -> int:
        length = 0
        while start + length < len(pixels) and pixels[start : start + length + 1] in known:
            length += 1
        return length

    while at < len(pixels):
        full = entries == 4096
        if out and not full:
            # The entry that the phrase's own first index completes.
            known.add((*out[-1], pixels[at]))
            entries += 1
        length = longest(at)
        uniform = len(set(pixels[at : at + length])) == 1
        looks = manner == AHEAD or (manner == AHEAD_WHEN_FULL and full)
        if looks and not uniform and length <= 96:
            cuts = range(length, max(0, length - 17), -1)
            length = max(cuts, key=lambda cut: cut + longest(at + cut))
        out.append(pixels[at : at + length])
        at += length
    return out


@pytest.mark.parametrize("manner", [LONGEST, AHEAD_WHEN_FULL, AHEAD])
@pytest.mark.parametrize("size", [3, 8])
def test_phrases_are_those_of_a_slow_coder(manner, size):
    rng = np.random.default_rng(size)
    indices = np.repeat(rng.integers(0, 7, 4_000), rng.integers(1, 4, 4_000)).astype(np.uint8)
    if size == 8:
        indices = (indices * 31 + rng.integers(0, 3, indices.size)).astype(np.uint8)
    wanted = phrases_of(indices, size, manner)
    run, none = new_run(indices.size), np.zeros_like(indices)
    count = take_phrases(Pixels(indices, none, none, -1), size, 0, indices.size, manner, run)
    assert np.diff(run.ends[:count], prepend=0).tolist() == [len(phrase) for phrase in wanted]
    if manner == LONGEST:
        assert take_longest(indices, size, 0, indices.size, run) == count
