import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import lzw as reference
from ssimgif.gif import lzw


def random(count: int, seed: int) -> np.random.Generator:
    """Return a generator that does not depend on which tests ran before."""
    return np.random.default_rng([count, seed])


def noise(count: int, colors: int, seed: int = 1) -> np.ndarray:
    return random(count, seed).integers(0, colors, count).astype(np.uint8)


def texture(count: int, colors: int, seed: int = 1) -> np.ndarray:
    steps = random(count, seed).choice([0, 0, 0, 0, 1, 255], count).astype(np.uint8)
    return (np.cumsum(steps) % colors).astype(np.uint8)


@given(
    st.integers(2, 8),
    st.lists(st.tuples(st.integers(0, 255), st.integers(1, 40)), min_size=1, max_size=60),
)
@settings(deadline=None)
def test_the_specification_decodes_what_is_encoded(size, runs):
    indices = np.concatenate([np.full(n, value % (1 << size), np.uint8) for value, n in runs])
    data = lzw.encode(indices, size)
    assert reference.decode(data, size) == indices.tolist()
    np.testing.assert_array_equal(lzw.decode(data, size, len(indices)), indices)


@pytest.mark.parametrize("colors", [2, 3, 4, 5, 16, 17, 100, 128, 129, 256])
@pytest.mark.parametrize("make", [noise, texture])
def test_long_data_survives_full_and_cleared_tables(colors, make):
    size = max(2, (colors - 1).bit_length())
    indices = make(60_000, colors)
    data = lzw.encode(indices, size)
    assert reference.decode(data, size) == indices.tolist()
    np.testing.assert_array_equal(lzw.decode(data, size, len(indices)), indices)


@pytest.mark.parametrize("size", [2, 5, 8])
def test_every_length_around_a_change_of_width_or_a_full_table(size):
    # Noise whose every pair is new: one code an index, so lengths name table sizes.
    indices = noise(9000, 1 << size)
    clear = 1 << size
    edges = [1, 2, 3] + [
        (1 << width) - clear + shift for width in range(size + 1, 13) for shift in range(-4, 5)
    ]
    for count in {edge for edge in edges if edge > 0}:
        data = lzw.encode(indices[:count], size)
        assert reference.decode(data, size) == indices[:count].tolist()


def test_phrases_are_the_longest_known():
    indices = texture(5000, 16)
    data = lzw.encode(indices, 4)
    written = [c for c in reference.codes(data, 4) if c not in (16, 17)]
    assert len(written) == reference.phrases(indices.tolist(), 4)


def test_the_table_is_cleared_when_the_picture_changes():
    first, second = texture(100_000, 8), noise(100_000, 8) // 4 + 4
    data = lzw.encode(np.concatenate([first, second]), 3)
    alone = len(lzw.encode(first, 3)) + len(lzw.encode(second, 3))
    assert len(data) < alone * 1.02


@given(st.data())
@settings(deadline=None)
def test_ties_decode_to_the_index_or_to_transparent_where_held(data):
    size = data.draw(st.integers(2, 5))
    count = data.draw(st.integers(1, 400))
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    transparent = int(rng.integers(0, 1 << size))
    visible = rng.integers(0, 1 << size, count).astype(np.uint8)
    held = rng.random(count) < rng.random()
    coded = lzw.encode_ties(visible, held, transparent, size)
    decoded = np.array(reference.decode(coded, size), np.uint8)
    right = (decoded == visible) | (held & (decoded == transparent))
    assert len(decoded) == count
    assert right.all()


def test_ties_beat_both_fixed_choices():
    before = texture(40_000, 30)
    after = before.copy()
    changed = np.repeat(random(400, 1).random(400) < 0.4, 100)
    after[changed] = texture(40_000, 30, seed=2)[changed]
    held = before == after
    coded = lzw.encode_ties(after, held, 31, 5)
    transparent = lzw.encode(np.where(held, 31, after).astype(np.uint8), 5)
    assert len(coded) < min(len(transparent), len(lzw.encode(after, 5)))
    decoded = np.array(reference.decode(coded, 5), np.uint8)
    assert ((decoded == after) | (held & (decoded == 31))).all()


def test_broken_data_is_refused():
    data = lzw.encode(noise(1000, 16), 4)
    with pytest.raises(ValueError, match="pixels"):
        lzw.decode(data[: len(data) // 2], 4, 1000)
    with pytest.raises(ValueError, match="broken"):
        lzw.decode(bytes([0b11110000, 0xFF]), 4, 10)


@pytest.mark.parametrize(("indices", "size"), [([], 2), ([4], 2), ([0], 1), ([0], 9), ([255], 7)])
def test_what_can_not_be_coded_is_refused(indices, size):
    with pytest.raises(ValueError, match=r"nothing|fit|2\.\.8"):
        lzw.encode(np.array(indices, np.uint8), size)


@given(st.binary(max_size=200), st.integers(2, 8))
@settings(deadline=None)
def test_any_bytes_are_decoded_or_refused(data, size):
    try:
        out = lzw.decode(data, size, 300)
    except ValueError:
        return
    assert out.shape == (300,)
