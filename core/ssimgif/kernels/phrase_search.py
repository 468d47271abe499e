"""Beam search for the next phrase of a rate-distortion LZW encoder.

From a pixel on it walks the encoder's trie, keeps the cheapest partial phrases at each depth
and returns the phrase with the least ``cost + bits of a code - worth of the pixels``. The worth
of a pixel is what coding it would cost otherwise, so the least score is the best ratio of cost
to pixels. Nodes whose subtree is too shallow to beat the best score are left out.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from ssimgif.kernels.code_bits import MAX_CODES
from ssimgif.kernels.jit import helper, kernel
from ssimgif.kernels.ycc import ycc

FORBIDDEN = np.float32(1e30)
FAR = np.float32(1e4)
# Colours of a block.
LANES = 8
BINS = 32
# How far the worth of a pixel follows the row above, rather than the mean of all pixels.
LOCAL = np.float32(0.75)

# What the search needs of a pixel lies together. source f32[pixels, 6]: Y, Cb, Cr, the weights of
# luma and chroma errors, the least weighted error. screen f32[pixels, 4]: Y, Cb, Cr, and whether
# it may not (0), may (1) or must (2) stay.
Picture = namedtuple("Picture", "source screen columns")
Y, CB, CR, LUMA, CHROMA, FLOOR = range(6)
HOLD = 3
# All f32 but beam and look_ahead: bits a unit of distortion is worth, bits added for a pixel that
# stays though it need not, partial phrases kept and how many bits they may lag behind, the first
# pixel and later, the rise in cost that makes a clear code worth while, the share of the drift that
# is made up for, how much of it a row hands down, and the number of lengths tried with a look at
# the phrase after.
Tuning = namedtuple(
    "Tuning",
    "lam hold_bias beam first_span span clear_at feedback chroma_feedback decay look_ahead",
)
# The palette twice. For the first pixel of a phrase in blocks of LANES from dark to light, without
# the transparent entry: planes f32[4, n], the palette index of each, the least and the greatest Y
# of each block f32[2, blocks], and the first block that reaches up to a level. For the others rows
# f32[256, 4]. The fourth number of a colour is added to the cost.
Colors = namedtuple("Colors", "planes symbols ranges first rows transparent")
# Scratch space: two generations of partial phrases, and the best phrase of each length.
Beam = namedtuple("Beam", "node cost block bins best_node best_cost best_score")


@kernel
def screen_rows(rgb, hold, out):
    """Lay out the screen of a `Picture` in f32[4 * n], from u8[3 * n] and u8[n]."""
    for i in range(hold.size):
        out[4 * i + Y], out[4 * i + CB], out[4 * i + CR] = ycc(rgb, i)
        out[4 * i + HOLD] = hold[i]


@kernel
def new_colors(palette, transparent):
    """Lay out the palette f32[3, n] for the search."""
    n = palette.shape[1]
    rows = np.zeros((256, 4), np.float32)
    for j in range(3):
        for s in range(n):
            rows[s, j] = palette[j, s]
    order = np.argsort(palette[0])
    order = order[order != transparent]
    blocks = (order.size + LANES - 1) // LANES
    planes = np.zeros((4, blocks * LANES), np.float32)
    planes[3, order.size :] = FORBIDDEN
    symbols = np.zeros(blocks * LANES, np.int64)
    ranges = np.zeros((2, blocks), np.float32)
    for i in range(order.size):
        symbols[i] = order[i]
        for j in range(3):
            planes[j, i] = palette[j, order[i]]
        if i % LANES == 0:
            ranges[0, i // LANES] = planes[0, i]
        ranges[1, i // LANES] = planes[0, i]
    first = np.zeros(256, np.int64)
    b = 0
    for level in range(256):
        while b < blocks - 1 and ranges[1, b] < level:
            b += 1
        first[level] = b
    return Colors(planes, symbols, ranges, first, rows, transparent)


@kernel
def new_beam():
    return Beam(
        np.empty((2, MAX_CODES + 256), np.uint16),
        np.empty((2, MAX_CODES + 256), np.float32),
        np.empty(LANES, np.float32),
        np.zeros(BINS, np.int64),
        np.empty(MAX_CODES, np.uint16),
        np.empty(MAX_CODES, np.float32),
        np.empty(MAX_CODES, np.float32),
    )


@helper
def next_column(column, columns):
    """Return the column of the next pixel, without a division."""
    return column + 1 if column + 1 < columns else 0


@helper
def _aim(picture, colors, drift, tuning, at):
    """What pixel ``at`` should look like and what missing it costs: Y, Cb, Cr, luma, chroma.

    The last number is what it costs at the least, which is no phrase's fault. The transparent
    entry of ``colors.rows`` becomes what is on screen there.
    """
    source = picture.source
    y = source[at, Y] - tuning.feedback * drift[at, Y]
    cb = source[at, CB] - tuning.chroma_feedback * drift[at, CB]
    cr = source[at, CR] - tuning.chroma_feedback * drift[at, CR]
    luma = tuning.lam * source[at, LUMA]
    chroma = tuning.lam * source[at, CHROMA]
    floor = tuning.lam * source[at, FLOOR]
    t = colors.transparent
    if t >= 0:
        rows = colors.rows
        mode = picture.screen[at, HOLD]
        for j in range(3):
            rows[t, j] = picture.screen[at, j]
        rows[t, 3] = tuning.hold_bias if mode > 0 else FORBIDDEN
        if mode > 1:
            y = cb = cr = FAR
            luma = chroma = FORBIDDEN
            rows[t, :3] = FAR
            rows[t, 3] = 0
    return y, cb, cr, luma, chroma, floor


@helper
def _keep(trie, node, cost, made, least, reach, worth, most, span, bins):
    """Drop candidates too far above the least or too shallow; keep ``most`` of them."""
    threshold = least + span
    count = 0
    for i in range(made):
        k = node[i]
        c = cost[i]
        node[count] = k
        cost[count] = c
        count += (c <= threshold) & (c < reach + worth * np.float32(trie.height[k]))
    return _thin_out(node, cost, count, most, least, span, bins)


@helper
def _block_costs(aim, planes, start, costs):
    """Cost of the colours of a block, whose first one is ``start``."""
    y, cb, cr, luma, chroma, floor = aim
    part = slice(start, start + LANES)
    ys, cbs, crs, more = planes[0, part], planes[1, part], planes[2, part], planes[3, part]
    for j in range(LANES):
        dy = y - ys[j]
        db = cb - cbs[j]
        dr = cr - crs[j]
        costs[j] = luma * (dy * dy) + chroma * (db * db + dr * dr) + more[j] - floor


@helper
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


@helper
def _take_block(trie, colors, aim, beam, b, least, who, made, span):
    """Enter the colours of block ``b`` into the first generation."""
    costs, node, cost = beam.block, beam.node[0], beam.cost[0]
    _block_costs(aim, colors.planes, b * LANES, costs)
    for j in range(LANES):
        s = colors.symbols[b * LANES + j]
        c = costs[j]
        if c < least:
            least = c
            who = s
        node[made] = s
        cost[made] = c
        made += (trie.height[s] > 0) & (c <= least + span)
    return least, who, made


@helper
def _start(trie, colors, aim, beam, tuning, worth):
    """Fill the first generation with the colours of one pixel; return their number.

    Blocks of colours are taken from the one of the pixel's luma on, up and down, until luma alone
    makes them too dear.
    """
    y, cb, cr, luma, chroma, floor = aim
    rows, ranges, span = colors.rows, colors.ranges, tuning.first_span
    node = beam.node[0]
    cost = beam.cost[0]
    least, who, made = FORBIDDEN, 0, 0
    t = colors.transparent
    if t >= 0:
        dy = y - rows[t, 0]
        db = cb - rows[t, 1]
        dr = cr - rows[t, 2]
        least = luma * (dy * dy) + chroma * (db * db + dr * dr) + rows[t, 3] - floor
        who = t
        node[0] = t
        cost[0] = least
        made = int(trie.height[t] > 0)
    first = colors.first[int(min(max(y, np.float32(0)), np.float32(255)))]
    b = first
    while b < ranges.shape[1]:
        gap = max(ranges[0, b] - y, np.float32(0))
        if luma * (gap * gap) - floor > least + span:
            break
        least, who, made = _take_block(trie, colors, aim, beam, b, least, who, made, span)
        b += 1
    b = first - 1
    while b >= 0:
        gap = max(y - ranges[1, b], np.float32(0))
        if luma * (gap * gap) - floor > least + span:
            break
        least, who, made = _take_block(trie, colors, aim, beam, b, least, who, made, span)
        b -= 1
    beam.best_node[1] = who
    beam.best_cost[1] = least
    return _keep(trie, node, cost, made, least, least, worth, tuning.beam, span, beam.bins)


@helper
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


@helper
def search(trie, place, beam, tuning, x, price, mean):
    """Find the best phrase from pixel ``x`` on; return its length and the greatest tried.

    ``beam.best_node``, ``best_cost`` and ``best_score`` tell the best phrase of every length.

    Parameters
    ----------
    place : tuple
        Picture, Colors, the drift f32[pixels, 4] that came down to each pixel, and f32[columns]:
        what a pixel of each column cost lately.
    price : float
        Bits of one code.
    mean : float
        What a pixel costs on average.
    """
    picture, colors, drift, value = place
    column = x % picture.columns
    worth = mean + LOCAL * (value[column] - mean)
    gain = worth
    aim = _aim(picture, colors, drift, tuning, x)
    count = _start(trie, colors, aim, beam, tuning, worth)
    best = 1
    best_score = beam.best_cost[1] + price - gain
    beam.best_score[1] = best_score
    depth = 1
    last = min(picture.source.shape[0] - x, MAX_CODES - 1)
    old = 0
    rows = colors.rows
    while count > 0 and depth < last:
        at = x + depth
        column = next_column(column, picture.columns)
        depth += 1
        aim = _aim(picture, colors, drift, tuning, at)
        node = beam.node[old]
        cost = beam.cost[old]
        old = 1 - old
        new_node = beam.node[old]
        new_cost = beam.cost[old]
        worth = mean + LOCAL * (value[column] - mean)
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
        limits = (worth, tuning.beam, tuning.span, beam.bins)
        count = _keep(trie, new_node, new_cost, made, least, reach, *limits)
    return best, depth


@helper
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
        if x + length < place[0].source.shape[0]:
            following, _ = search(trie, place, ahead, tuning, x + length, price, mean)
            score += ahead.best_score[following]
        if score < best_score:
            best_score = score
            best = length
    return best
