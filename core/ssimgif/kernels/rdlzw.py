"""Rate-distortion LZW: a GIF encoder that may change pixels where that saves bits.

A greedy LZW encoder emits the longest phrase of its dictionary that equals the coming pixels.
This one weighs the phrases of its dictionary by ``bits + lam * distortion`` and emits the one
whose cost is least for the pixels it covers (`ssimgif.kernels.phrase_search`). The error that
is left is fed back to the next row, so that the mean of an area does not drift.
"""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.code_bits import TOTAL
from ssimgif.kernels.jit import helper, kernel
from ssimgif.kernels.lzw_trie import (
    WIDTH,
    end,
    end_slice,
    expect_phrase,
    is_full,
    new_coder,
    put_phrase,
    restart,
)
from ssimgif.kernels.phrase_search import (
    FLOOR,
    HOLD,
    look_ahead,
    new_beam,
    new_colors,
    next_column,
    search,
)

# How many pixels the mean cost looks back over, and that of the clear decision.
MEMORY = 2048.0
CLEAR_WINDOW = 2000.0
# A longer phrase is worth more than its pixels, since it also makes a longer entry.
INVESTMENT = 1.3
# The share of its own cost that a pixel hands to the estimate for the row below.
LEARNING = np.float32(0.15)


@helper
def _write_phrase(trie, node, indices, x, length):
    """Write the phrase of ``node`` to the indices that begin at ``x``."""
    for i in range(x + length - 1, x - 1, -1):
        indices[i] = trie.symbol[node]
        node = trie.parent[node]


@helper
def _hand_down(picture, colors, indices, drift, decay, x, length):
    """Hand the errors of ``length`` pixels to the three pixels below each, 1 : 2 : 1.

    With its own error a pixel hands down a share of what came to it from above.
    """
    columns = picture.columns
    column = x % columns
    for at in range(x, x + length):
        s = indices[at]
        below = at + columns
        left = below - (column > 0)
        right = below + (column < columns - 1)
        hidden = s == colors.transparent and picture.screen[at, HOLD] != 1
        for j in range(3):
            shown = colors.rows[s, j]
            if s == colors.transparent:
                shown = picture.screen[at, j]
            if hidden:
                shown = picture.source[at, j]
            error = decay * drift[at, j] + (shown - picture.source[at, j])
            drift[left, j] += np.float32(0.25) * error
            drift[below, j] += np.float32(0.5) * error
            drift[right, j] += np.float32(0.25) * error
        column = next_column(column, columns)


@helper
def _note_cost(rates, total, length):
    """Take a phrase into the mean cost of a pixel, ``rates[0]``, over ``rates[1]`` pixels."""
    seen = rates[1] + length
    rates[0] += (total - rates[0] * length) / seen
    rates[1] = seen if seen <= 2 * MEMORY else seen / 2
    return rates[0]


@helper
def _worsened(rates, total, length, share):
    """Tell whether the recent mean, ``rates[2]``, is over its least, ``rates[3]``, by a share.

    Both start over after that; 0 stands for not known yet.
    """
    if rates[2] == 0:
        rates[2] = rates[0]
        rates[3] = rates[0]
    rates[2] += (total - rates[2] * length) / max(CLEAR_WINDOW, length)
    rates[3] = min(rates[3], rates[2])
    worse = rates[2] > rates[3] * (1 + share)
    if worse:
        rates[2] = 0
    return worse


@kernel
def encode(
    picture, palette, transparent, minimum_code_size, tuning, rate, last, codes, indices, info
):
    """Code ``indices`` as LZW and return the number of bytes in ``codes``.

    Parameters
    ----------
    picture : Picture
    palette : f32[3, n]
        Y, Cb, Cr.
    transparent : int
        Index that leaves what is on screen, or -1.
    minimum_code_size : int
    tuning : Tuning
    rate : float
        Expected cost of a pixel.
    last : bool
        Whether the end code follows, rather than the clear code of the next slice.
    codes : u8[2 * pixels + 64], out
    indices : u8[pixels], out
    info : f64[4], out
        Bits, weighted squared error, mean cost of a pixel, number of clear codes.
    """
    colors = new_colors(palette, transparent)
    coder = new_coder(codes, palette.shape[1], minimum_code_size)
    trie = coder.trie
    restart(coder)
    beam = new_beam()
    ahead = new_beam()
    # One row more than there is, so that the last may hand down too.
    drift = np.zeros((indices.size + picture.columns, 4), np.float32)
    feedback = tuning.feedback > 0 or tuning.chroma_feedback > 0
    rates = np.array([rate, MEMORY / 8, 0.0, 0.0])
    mean = np.float32(INVESTMENT * rate)
    value = np.full(picture.columns, mean, np.float32)
    place = (picture, colors, drift, value)
    cost = 0.0
    clears = 0
    x = 0
    while x < indices.size:
        expect_phrase(coder)
        price = np.float32(coder.state[WIDTH])
        length, longest = search(trie, place, beam, tuning, x, price, mean)
        if tuning.look_ahead > 1:
            length = look_ahead(trie, place, beam, ahead, tuning, x, price, mean, longest)
        node = beam.best_node[length]
        put_phrase(coder, node)
        _write_phrase(trie, node, indices, x, length)
        if feedback:
            _hand_down(picture, colors, indices, drift, tuning.decay, x, length)

        total = np.float64(price) + beam.best_cost[length]
        cost += beam.best_cost[length]
        mean = np.float32(INVESTMENT * _note_cost(rates, total, length))
        own = np.float32(INVESTMENT * total / length)
        column = x % picture.columns
        for at in range(x, x + length):
            cost += tuning.lam * picture.source[at, FLOOR]
            value[column] += LEARNING * (own - value[column])
            column = next_column(column, picture.columns)
        x += length
        if is_full(coder) and _worsened(rates, total, length, tuning.clear_at):
            restart(coder)
            clears += 1
    size = end(coder) if last else end_slice(coder)
    info[0] = coder.stream[TOTAL]
    info[1] = cost / tuning.lam
    info[2] = rates[0]
    info[3] = clears
    return size
