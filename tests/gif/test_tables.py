import numpy as np
import pytest

from ssimgif.gif import tables
from ssimgif.model import Palette

RAINBOW = np.arange(30, dtype=np.uint8).reshape(10, 3)


@pytest.mark.parametrize(
    ("colors", "entries", "code_size"),
    [
        (1, 2, 2),
        (2, 2, 2),
        (3, 4, 2),
        (4, 4, 2),
        (5, 8, 3),
        (16, 16, 4),
        (129, 256, 8),
        (256,) * 2 + (8,),
    ],
)
def test_sizes(colors, entries, code_size):
    assert tables.table_size(colors) == entries
    assert tables.minimum_code_size(colors) == code_size
    assert len(tables.padded(Palette(np.ones((colors, 3), np.uint8)))) == 3 * entries


@pytest.mark.parametrize("colors", [0, 257])
def test_impossible_sizes_are_refused(colors):
    with pytest.raises(ValueError, match="256"):
        tables.table_size(colors)


def test_a_transparent_entry_is_added_at_the_end():
    palette = tables.with_transparent(Palette(RAINBOW))
    assert palette.transparent == 10
    assert len(palette.colors) == 11
    assert tables.with_transparent(palette) is palette
    with pytest.raises(ValueError, match="no room"):
        tables.with_transparent(Palette(np.zeros((256, 3), np.uint8)))
