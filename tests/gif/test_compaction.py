"""New numbers for the indices in LZW data: the same phrases, in codes no wider than needed."""

import numpy as np
import pytest

from reference import lzw as reference
from ssimgif.gif import lzw
from ssimgif.gif.compaction import TableUse, used_indices
from ssimgif.model import CodedFrame, Disposal, Palette

RNG = np.random.default_rng(8)


def phrases(data: bytes, code_size: int) -> list[int]:
    """Return the codes counted from the clear code on, -1 for each index."""
    clear = 1 << code_size
    return [max(code - clear, -1) for code in reference.codes(data, code_size)]


def coded(indices: np.ndarray, code_size: int, colors: int) -> CodedFrame:
    table = Palette(RNG.integers(0, 256, (colors, 3)).astype(np.uint8))
    data = lzw.encode(indices, code_size)
    height, width = indices.shape
    return CodedFrame(data, code_size, table, 0, 0, width, height, Disposal.NONE, 5)


@pytest.mark.parametrize("few", [1, 2, 5, 20, 200])
@pytest.mark.parametrize("side", [1, 3, 40, 250])
def test_the_same_phrases_in_new_numbers(few: int, side: int) -> None:
    entries = RNG.permutation(256)[:few]
    # Runs, so that phrases are long, and enough of them that the table fills and is cleared.
    indices = np.repeat(RNG.choice(entries, (side, side)), 2, axis=1).astype(np.uint8)
    frame = coded(indices, 8, 256)
    use = TableUse(frame.palette)
    used = use.note(frame)
    assert np.flatnonzero(used).tolist() == np.unique(indices).tolist()
    numbering = use.numbering()
    assert len(numbering.palette.colors) == np.unique(indices).size
    size = numbering.code_size(used)
    data = numbering.applied(frame.data, 8, used)
    assert len(data) <= len(frame.data)
    decoded = reference.decode(data, size)
    np.testing.assert_array_equal(decoded, numbering.numbers[indices].ravel())
    np.testing.assert_array_equal(
        numbering.palette.colors[decoded], frame.palette.colors[indices].reshape(-1, 3)
    )
    assert phrases(data, size) == phrases(frame.data, 8)


def test_colours_of_frames_with_few_come_first() -> None:
    frame = coded(RNG.integers(0, 60, (30, 30)).astype(np.uint8), 6, 60)
    small = CodedFrame(
        lzw.encode(np.array([59, 17, 59], np.uint8), 6), 6, frame.palette, 0, 0, 3, 1, 1, 5
    )
    use = TableUse(frame.palette)
    assert use.note(frame).sum() == 60
    used = use.note(small)
    numbering = use.numbering()
    assert sorted(numbering.numbers[[17, 59]].tolist()) == [0, 1]
    assert numbering.code_size(used) == 2
    assert len(numbering.applied(small.data, 6, used)) < len(small.data)


def test_a_transparent_entry_always_stays() -> None:
    palette = Palette(np.arange(24, dtype=np.uint8).reshape(8, 3), 6)
    for indices, colors in (([1, 6, 6], 2), ([1, 2, 2], 3)):
        data = lzw.encode(np.array(indices, np.uint8), 3)
        use = TableUse(palette)
        use.note(CodedFrame(data, 3, palette, 0, 0, 3, 1, Disposal.NONE, 5))
        numbering = use.numbering()
        assert len(numbering.palette.colors) == colors
        assert numbering.palette.transparent == numbering.numbers[6]
        assert (numbering.palette.colors[numbering.palette.transparent] == palette.colors[6]).all()


def test_used_indices_are_those_of_the_picture() -> None:
    indices = RNG.choice([3, 90, 201], 5000).astype(np.uint8)
    assert np.flatnonzero(used_indices(lzw.encode(indices, 8), 8)).tolist() == [3, 90, 201]
