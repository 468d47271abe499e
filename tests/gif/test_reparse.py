"""A finished block coded again: the same on screen, in no more bytes than a plain parse takes."""

import numpy as np
import pytest

from reference import lzw as reference
from ssimgif.gif import lzw
from ssimgif.gif.reparse import reparsed
from ssimgif.image.canvas import Area, Canvas, draw
from ssimgif.kernels.ties import find_ties
from ssimgif.model import Palette

COLORS = np.array([[9, 9, 9], [200, 0, 0], [0, 200, 0], [0, 0, 200], [7, 7, 7]], np.uint8)
PALETTE = Palette(COLORS, 4)


def picture(rng, side=40):
    """Return indices with long runs, a screen that often shows the same, and where it shows any."""
    indices = np.repeat(rng.integers(0, 5, (side, side // 4)), 4, axis=1).astype(np.uint8)
    shown = np.where(rng.random((side, side)) < 0.7, indices, rng.integers(0, 4, (side, side)))
    screen = COLORS[shown]
    screen[rng.random((side, side)) < 0.05] = (50, 60, 70)
    return indices, screen, rng.random((side, side)) < 0.9


@pytest.mark.parametrize("seed", range(4))
def test_the_screen_shows_the_same_in_no_more_bytes(seed):
    rng = np.random.default_rng(seed)
    indices, screen, opaque = picture(rng)
    before, area = Canvas(screen, opaque), Area(0, 0, 40, 40)
    data = lzw.encode(indices, 3)
    least = reparsed(data, 3, PALETTE, screen, opaque)
    decoded = np.array(reference.decode(least, 3), np.uint8).reshape(40, 40)
    wanted, now = (draw(before, one, PALETTE, area) for one in (indices, decoded))
    assert not now.differs(wanted).any()
    assert len(least) <= len(data)
    # Where the screen shows the colour, the transparent index and the own one are as good.
    held = opaque & (screen == COLORS[indices]).all(-1)
    assert len(least) <= len(lzw.encode(np.where(held, np.uint8(4), indices), 3))


def test_pixels_that_are_coded_one_by_one_are_coded_in_phrases():
    indices = np.full(400, 4, np.uint8)
    indices[100:120] = 1
    bits = "".join(f"{code:04b}"[::-1] for code in (8, *sum(((i, 8) for i in indices), ()), 9))
    bits += "0" * (-len(bits) % 8)
    data = bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8))
    assert reference.decode(data, 3) == indices.tolist()
    blank = np.zeros((20, 20, 3), np.uint8), np.zeros((20, 20), np.bool_)
    least = reparsed(data, 3, PALETTE, *blank)
    assert reference.decode(least, 3) == indices.tolist()
    assert len(least) == len(lzw.encode(indices, 3)) < len(data) / 10


def test_a_palette_without_a_transparent_entry_has_no_ties():
    palette = Palette(COLORS)
    indices, screen, opaque = picture(np.random.default_rng(5))
    data = lzw.encode(indices, 3)
    least = reparsed(data, 3, palette, screen, opaque)
    assert reference.decode(least, 3) == indices.ravel().tolist()


@pytest.mark.parametrize("seed", range(3))
def test_ties_equal_the_obvious_ones(seed):
    rng = np.random.default_rng(seed)
    indices, screen, opaque = picture(rng, 20)
    order = np.argsort(COLORS[:4].astype(np.int64) @ [1 << 16, 1 << 8, 1])
    table = (COLORS[:4].astype(np.int64) @ [1 << 16, 1 << 8, 1])[order]
    own, held = indices.ravel().copy(), np.empty(400, np.bool_)
    find_ties(own, 4, table, order, screen.ravel(), opaque.ravel(), held)
    for i in range(400):
        color, drawn = screen.reshape(-1, 3)[i], int(indices.ravel()[i])
        same = [s for s in range(4) if (COLORS[s] == color).all()]
        tied = bool(opaque.ravel()[i] and same) and drawn in (same[0], 4)
        assert held[i] == tied
        assert own[i] == (same[0] if tied else drawn)
