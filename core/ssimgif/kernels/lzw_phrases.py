"""Phrases of LZW from an empty dictionary on: the longest ones, or ones that look ahead.

Where a pixel is held, its own index and the transparent one are equally right; phrases are followed
along both. A phrase that looks ahead may be cut short so that it and the next one together reach
further (Horspool, "The effect of non-greedy parsing in Ziv-Lempel compression methods", 1995). In a
full dictionary, which stays as it is, nothing takes fewer phrases (Hartman and Rodeh, "Optimal
parsing of strings", 1985); before that it grows more slowly for it.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from ssimgif.kernels.code_bits import MAX_CODES
from ssimgif.kernels.jit import helper, kernel
from ssimgif.kernels.lzw_table import SLOTS, code_of, entry, slot_of

# Phrases that are followed at once where pixels may be transparent or not.
BEAM = 4
# The rate of a full dictionary is looked at each time so many codes are taken; when it is worse by
# this factor than it was, something else is surely better.
WINDOW = 128
WORSE = 1.6
# How many pixels a phrase that looks ahead may be cut short by, and what it may be long.
CUTS = 16
CUTTABLE = 96
# From how many codes of the dictionary on phrases look ahead.
NEVER, WHEN_FULL, ALWAYS = MAX_CODES + 1, MAX_CODES, 0
# At how many phrases they look, at most.
DEEPEST = 4

# indices u8[n]; held u8[n], 1 where the index ``transparent`` is right as well; preferred u8[n], 1
# where it is tried first, and wins between phrases of equal length.
Pixels = namedtuple("Pixels", "indices held preferred transparent")
# What a run of phrases leaves: the code of each, where it ends, and for each code of the dictionary
# the one of the phrase without its last pixel. table, nodes and
# added are work space.
Run = namedtuple("Run", "codes ends prefix table nodes added")


@kernel
def new_run(most):
    """Return space for a run of at most so many phrases."""
    return Run(
        np.zeros(most, np.uint16),
        np.zeros(most, np.int64),
        np.zeros(MAX_CODES, np.uint16),
        np.zeros(SLOTS, np.uint32),
        np.zeros((2, BEAM), np.int64),
        np.zeros(DEEPEST, np.int64),
    )


@helper
def choice(pixels, i, which):
    """Return the first or second index that a pixel may have, or -1."""
    own = np.int64(pixels.indices[i])
    if not pixels.held[i] or own == pixels.transparent:
        return own if which == 0 else np.int64(-1)
    return pixels.transparent if (which == 0) == (pixels.preferred[i] != 0) else own


@helper
def longest(table, nodes, pixels, start, stop, first):
    """Follow all phrases that begin with ``first``; return code and length of the longest."""
    nodes[0, 0] = first
    count, row, i = 1, 0, start + 1
    while i < stop:
        found = 0
        for k in range(count):
            for which in range(2):
                index = choice(pixels, i, which)
                if index < 0:
                    continue
                packed = table[slot_of(table, nodes[row, k], index)]
                if packed != 0 and found < BEAM:
                    nodes[1 - row, found] = code_of(packed)
                    found += 1
        if found == 0:
            break
        row, count = 1 - row, found
        i += 1
    return nodes[row, 0], i - start


@helper
def _reach(table, nodes, pixels, start, stop):
    """Return where the longest phrase from ``start`` on ends, in the dictionary as it is."""
    end = start
    if start < stop:
        for which in range(2):
            index = choice(pixels, start, which)
            if index >= 0:
                _, length = longest(table, nodes, pixels, start, stop, index)
                end = max(end, start + length)
    return end


@helper
def _reach_growing(run, pixels, start, stop, before, following, depth):
    """Return where so many longest phrases after the phrase ``before`` end, about.

    The dictionary grows meanwhile, and is then as it was.
    """
    table, added, i = run.table, 0, start
    for done in range(depth):
        if i >= stop:
            # Fewer codes are better.
            i += depth - done
            break
        grows = following < MAX_CODES
        code, length, first = np.int64(-1), 0, np.int64(-1)
        for which in range(2):
            index = choice(pixels, i, which)
            if index < 0:
                continue
            slot = slot_of(table, before, index) if grows else 0
            grown = grows and table[slot] == 0
            if grown:
                table[slot] = entry(before, index, following)
            node, far = longest(table, run.nodes, pixels, i, stop, index)
            if far > length:
                code, length, first = node, far, index
            if grown:
                table[slot] = 0
        if grows:
            slot = slot_of(table, before, first)
            if table[slot] == 0:
                table[slot] = entry(before, first, following)
                run.added[added] = slot
                added += 1
            following += 1
        i += length
        before = code
    while added:
        added -= 1
        table[run.added[added]] = 0
    return i


@helper
def _cuts(pixels, start, length):
    """Return in how many ways to end a phrase: runs of an index and long phrases are not cut."""
    i = start + 1
    while i < start + min(length, CUTTABLE) and pixels.indices[i] == pixels.indices[start]:
        i += 1
    if length > CUTTABLE or i == start + length:
        return 1
    return min(CUTS + 1, length)


@helper
def _cut(run, pixels, start, stop, code, length, following, gain, depth):
    """Return the phrase, of one and the shorter ones, with which the next reach furthest."""
    longest_code, best, reached, kept = code, code, -gain, length
    for shorter in range(_cuts(pixels, start, length)):
        near = start + length - shorter
        if depth:
            end = _reach_growing(run, pixels, near, stop, code, following, depth)
        else:
            end = _reach(run.table, run.nodes, pixels, near, stop)
        if end >= reached + (gain if best == longest_code else 1):
            best, reached, kept = code, end, length - shorter
        code = np.int64(run.prefix[code])
    return best, kept, reached


@kernel
def take_phrases(pixels, size, start, least, manner, run):
    """Take phrases to the end, or until the rate of a full dictionary worsens.

    Parameters
    ----------
    pixels : Pixels
    size : int
        Minimum code size.
    start, least : int
        Where to begin, and where to get in any case.
    manner : i64[3]
        From how many codes of the dictionary on phrases look ahead (`NEVER`, `WHEN_FULL` or
        `ALWAYS`); how many pixels cutting one must gain; and at how many phrases they
        look, that the dictionary grows by, 0 at the next one in that of now.
    run : Run

    Returns
    -------
    int
        Phrases taken.
    """
    table = run.table
    table[:] = 0
    following = (np.int64(1) << size) + 2
    before = np.int64(-1)
    stop = pixels.indices.size
    i, count, window, most = start, 0, start, 0
    while i < stop and count < run.codes.size:
        completes = before >= 0 and following < MAX_CODES
        ahead = following >= manner[0]
        code, length, first, reached = np.int64(-1), 0, np.int64(-1), -1
        for which in range(2):
            index = choice(pixels, i, which)
            if index < 0:
                continue
            # A phrase may use the very entry that its first index completes.
            slot = slot_of(table, before, index) if completes else 0
            grown = completes and table[slot] == 0
            if grown:
                table[slot] = entry(before, index, following)
                run.prefix[following] = before
            node, far = longest(table, run.nodes, pixels, i, stop, index)
            end = far
            if ahead:
                grown_to = following + completes
                node, far, end = _cut(
                    run, pixels, i, stop, node, far, grown_to, manner[1], manner[2]
                )
            if end > reached or (end == reached and far > length):
                code, length, first, reached = node, far, index, end
            if grown:
                table[slot] = 0
        if completes:
            slot = slot_of(table, before, first)
            if table[slot] == 0:
                table[slot] = entry(before, first, following)
            run.prefix[following] = before
            following += 1
        i += length
        run.codes[count] = before = code
        run.ends[count] = i
        count += 1
        if count % WINDOW == 0:
            if following == MAX_CODES:
                most = max(most, i - window)
                if i >= least and (i - window) * WORSE < most:
                    break
            window = i
    return count


@kernel
def take_longest(indices, size, start, least, run):
    """Take the longest phrases of given indices; see `take_phrases`, of which this is a part.

    Parameters
    ----------
    indices : u8[n]
    size, start, least, run
        As there.
    """
    table = run.table
    table[:] = 0
    following = (np.int64(1) << size) + 2
    parent = np.int64(indices[start])
    stop = indices.size
    count, window, most = 0, start, 0
    for i in range(start + 1, stop):
        index = np.int64(indices[i])
        slot = slot_of(table, parent, index)
        if table[slot] != 0:
            parent = code_of(table[slot])
            continue
        run.codes[count] = parent
        run.ends[count] = i
        count += 1
        full = following == MAX_CODES
        if not full:
            table[slot] = entry(parent, index, following)
            run.prefix[following] = parent
            following += 1
        if count % WINDOW == 0:
            if full:
                most = max(most, i - window)
                if i >= least and (i - window) * WORSE < most:
                    return count
            window = i
        if count == run.codes.size:
            return count
        parent = index
    run.codes[count] = parent
    run.ends[count] = stop
    return count + 1
