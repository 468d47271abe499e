"""Beam search for the next phrase of a rate-distortion LZW encoder.

From a pixel on it walks the encoder's trie, keeps the cheapest partial phrases at each depth
and returns the phrase with the least ``cost + bits of a code - worth of the pixels``. The worth
of a pixel is what coding it would cost otherwise, so the least score is the best ratio of cost
to pixels. Nodes whose subtree is too shallow to beat the best score are left out.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

from ssimgif.kernels.lzw_trie import LEAN, MAX_CODES

FORBIDDEN = np.float32(1e30)
FAR = np.float32(1e4)
LANES = 16
BINS = 32
# How far the worth of a pixel follows the row above, rather than the mean of all pixels.
LOCAL = np.float32(0.75)

# source, screen: f32[3, pixels], Y Cb Cr; weights f32[pixels]; floor f32[pixels]: the least
# distortion of each pixel; hold_mode u8[pixels]: whether the screen may not, may or must stay.
Picture = namedtuple("Picture", "source luma_weight chroma_weight screen hold_mode floor columns")
# All f32 but beam and look_ahead: bits a unit of distortion is worth, bits added for a held
# pixel, partial phrases kept and how many bits they may lag behind, the rise in cost that makes
# a clear code worth while, the share of the drift that is made up for, how much of it a row
# hands down, and the number of lengths tried with a look at the phrase after.
Tuning = namedtuple(
    "Tuning", "lam hold_bias beam span clear_at feedback chroma_feedback decay look_ahead"
)
# The palette twice: planes f32[4, n] for the first pixel of a phrase, all colours at once, and
# rows f32[256, 4] for the others. The fourth number is added to the cost.
Colors = namedtuple("Colors", "planes rows count transparent")
# Scratch space: two generations of partial phrases, and the best phrase of each length.
Beam = namedtuple("Beam", "node cost first_cost lane bins best_node best_cost best_score")


@njit(cache=True, nogil=True)
def new_colors(palette, transparent):
    """Lay out the palette f32[3, n] for the search, padded to whole lanes."""
    n = palette.shape[1]
    planes = np.zeros((4, (n + LANES - 1) // LANES * LANES), np.float32)
    rows = np.zeros((256, 4), np.float32)
    planes[3, n:] = FORBIDDEN
    for j in range(3):
        for s in range(n):
            planes[j, s] = palette[j, s]
            rows[s, j] = palette[j, s]
    return Colors(planes, rows, n, transparent)


@njit(cache=True, nogil=True)
def new_beam(colors):
    return Beam(
        np.empty((2, MAX_CODES + 256), np.uint16),
        np.empty((2, MAX_CODES + 256), np.float32),
        np.empty(colors.planes.shape[1], np.float32),
        np.empty(LANES, np.float32),
        np.zeros(BINS, np.int64),
        np.empty(MAX_CODES, np.uint16),
        np.empty(MAX_CODES, np.float32),
        np.empty(MAX_CODES, np.float32),
    )


@njit(**LEAN)
def drift_above(drift, at, columns, j):
    """Weigh the drift of the three pixels above pixel ``at`` 1 : 2 : 1."""
    above = at - columns
    if above < 0:
        return np.float32(0)
    column = above % columns
    left = above - 1 if column > 0 else above
    right = above + 1 if column < columns - 1 else above
    sides = drift[j, left] + drift[j, right]
    return np.float32(0.25) * sides + np.float32(0.5) * drift[j, above]


@njit(**LEAN)
def _aim(picture, colors, drift, tuning, at):
    """What pixel ``at`` should look like and what missing it costs: Y, Cb, Cr, luma, chroma.

    The last number is what it costs at the least, which is no phrase's fault. The transparent
    entry of ``colors.rows`` becomes what is on screen there.
    """
    y = picture.source[0, at]
    cb = picture.source[1, at]
    cr = picture.source[2, at]
    luma = tuning.lam * picture.luma_weight[at]
    chroma = tuning.lam * picture.chroma_weight[at]
    if tuning.feedback > 0 or tuning.chroma_feedback > 0:
        y -= tuning.feedback * drift_above(drift, at, picture.columns, 0)
        cb -= tuning.chroma_feedback * drift_above(drift, at, picture.columns, 1)
        cr -= tuning.chroma_feedback * drift_above(drift, at, picture.columns, 2)
    floor = tuning.lam * picture.floor[at]
    t = colors.transparent
    if t >= 0:
        mode = picture.hold_mode[at]
        if mode == 2:
            y = cb = cr = FAR
            luma = chroma = FORBIDDEN
            colors.rows[t, :3] = FAR
        else:
            for j in range(3):
                colors.rows[t, j] = picture.screen[j, at]
        colors.rows[t, 3] = tuning.hold_bias if mode > 0 else FORBIDDEN
    return y, cb, cr, luma, chroma, floor


@njit(**LEAN)
def _color_costs(aim, planes, costs, lane):
    """Cost of every palette colour, and in ``lane`` the least of every LANES-th one."""
    y, cb, cr, luma, chroma, floor = aim
    for s in range(costs.size):
        dy = y - planes[0, s]
        db = cb - planes[1, s]
        dr = cr - planes[2, s]
        costs[s] = luma * (dy * dy) + chroma * (db * db + dr * dr) + planes[3, s] - floor
    lane[:] = FORBIDDEN
    for block in range(0, costs.size, LANES):
        row = costs[block : block + LANES]
        for j in range(LANES):
            lane[j] = row[j] if row[j] < lane[j] else lane[j]


@njit(**LEAN)
def _thin_out(node, cost, count, beam, least, span, bins):
    """Move the ``beam`` cheapest candidates to the front, sorting the costs into bins only."""
    if count <= beam:
        return count
    bins[:] = 0
    scale = np.float32((BINS - 1) / span)
    for i in range(count):
        bins[int((cost[i] - least) * scale)] += 1
    last = 0
    total = bins[0]
    while total <= beam:
        last += 1
        total += bins[last]
    spare = beam - (total - bins[last])
    kept = 0
    for i in range(count):
        b = int((cost[i] - least) * scale)
        take = b < last
        if b == last and spare > 0:
            take = True
            spare -= 1
        if take:
            node[kept] = node[i]
            cost[kept] = cost[i]
            kept += 1
    return kept


@njit(**LEAN)
def _start(trie, colors, aim, beam, tuning, worth):
    """Fill the first generation with the colours of one pixel; return their number."""
    if colors.transparent >= 0:
        for j in range(4):
            colors.planes[j, colors.transparent] = colors.rows[colors.transparent, j]
    costs = beam.first_cost
    _color_costs(aim, colors.planes, costs, beam.lane)
    least = beam.lane[0]
    for j in range(1, LANES):
        least = min(least, beam.lane[j])
    threshold = least + tuning.span
    node = beam.node[0]
    cost = beam.cost[0]
    count = 0
    for j in range(LANES):
        if beam.lane[j] <= threshold:
            for s in range(j, colors.count, LANES):
                c = costs[s]
                if c == least:
                    beam.best_node[1] = s
                node[count] = s
                cost[count] = c
                h = trie.height[s]
                count += (h > 0) & (c <= threshold) & (c < least + worth * np.float32(h))
    beam.best_cost[1] = least
    return _thin_out(node, cost, count, tuning.beam, least, tuning.span, beam.bins)


@njit(**LEAN)
def _extend(trie, rows, aim, node, cost, count, new_node, new_cost, span, reach, worth):
    """Add one pixel to each of ``count`` phrases; return how many stay, the least cost, whose."""
    y, cb, cr, luma, chroma, floor = aim
    least = FORBIDDEN
    who = 0
    made = 0
    for i in range(count):
        k = trie.child[node[i]]
        base = cost[i] - floor
        while k != 0:
            s = trie.symbol[k]
            dy = y - rows[s, 0]
            db = cb - rows[s, 1]
            dr = cr - rows[s, 2]
            c = base + (luma * (dy * dy) + chroma * (db * db + dr * dr) + rows[s, 3])
            if c < least:
                least = c
                who = k
            new_node[made] = k
            new_cost[made] = c
            h = trie.height[k]
            made += (h > 0) & (c <= least + span) & (c < reach + worth * np.float32(h))
            k = trie.sibling[k]
    return made, least, who


@njit(**LEAN)
def search(trie, place, beam, tuning, x, price, mean):
    """Find the best phrase from pixel ``x`` on; return its length and the greatest tried.

    ``beam.best_node``, ``best_cost`` and ``best_score`` tell the best phrase of every length.

    Parameters
    ----------
    place : tuple
        Picture, Colors, the drift f32[3, pixels] of all rows above, and f32[columns]: what a
        pixel of each column cost lately.
    price : float
        Bits of one code.
    mean : float
        What a pixel costs on average.
    """
    picture, colors, drift, value = place
    worth = mean + LOCAL * (value[x % picture.columns] - mean)
    gain = worth
    aim = _aim(picture, colors, drift, tuning, x)
    count = _start(trie, colors, aim, beam, tuning, worth)
    best = 1
    best_score = beam.best_cost[1] + price - gain
    beam.best_score[1] = best_score
    depth = 1
    last = min(picture.luma_weight.size - x, MAX_CODES - 1)
    old = 0
    rows = colors.rows
    while count > 0 and depth < last:
        at = x + depth
        depth += 1
        aim = _aim(picture, colors, drift, tuning, at)
        node = beam.node[old]
        cost = beam.cost[old]
        old = 1 - old
        new_node = beam.node[old]
        new_cost = beam.cost[old]
        worth = mean + LOCAL * (value[at % picture.columns] - mean)
        gain += worth
        reach = best_score + gain - price
        made, least, who = _extend(
            trie, rows, aim, node, cost, count, new_node, new_cost, tuning.span, reach, worth
        )
        score = least + price - gain
        beam.best_node[depth] = who
        beam.best_cost[depth] = least
        beam.best_score[depth] = score
        if score < best_score:
            best_score = score
            best = depth
            reach = best_score + gain - price
        threshold = least + tuning.span
        count = 0
        for i in range(made):
            k = new_node[i]
            c = new_cost[i]
            new_node[count] = k
            new_cost[count] = c
            count += (c <= threshold) & (c < reach + worth * np.float32(trie.height[k]))
        count = _thin_out(new_node, new_cost, count, tuning.beam, least, tuning.span, beam.bins)
    return best, depth


@njit(**LEAN)
def look_ahead(trie, place, beam, ahead, tuning, x, price, mean, longest):
    """Return the length whose phrase and the best phrase after it score least together.

    ``beam`` holds what `search` found at ``x``; ``ahead`` is scratch space like it.
    """
    best = 1
    best_score = FORBIDDEN
    for _ in range(min(longest, tuning.look_ahead)):
        length = 1
        for i in range(2, longest + 1):
            if beam.best_score[i] < beam.best_score[length]:
                length = i
        score = beam.best_score[length]
        beam.best_score[length] = FORBIDDEN
        if x + length < place[0].luma_weight.size:
            following, _ = search(trie, place, ahead, tuning, x + length, price, mean)
            score += ahead.best_score[following]
        if score < best_score:
            best_score = score
            best = length
    return best
