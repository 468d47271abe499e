"""An LZW coder that is told which phrases to code: its dictionary is a trie.

A node is a code. The first ``colors`` nodes are the roots, one for each palette index; every
other node adds one pixel to its parent's phrase. Children form a linked list; node 0 is a root
and nobody's child, so 0 ends a list.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from ssimgif.kernels.code_bits import MAX_CODES, MAX_WIDTH, flush, new_stream, put_code
from ssimgif.kernels.jit import helper, kernel

# symbol: the phrase's last pixel; first: its first; height: how far the trie goes on below.
Trie = namedtuple("Trie", "child sibling parent height symbol first")
# stream: see `code_bits`;
# state: the clear code, number of roots, width, next code, phrase before (-1: none), whether
# the next code's phrase hangs in the trie.
Coder = namedtuple("Coder", "trie codes stream state")
CLEAR, ROOTS, WIDTH, NEXT, BEFORE, HANGS = range(6)


@kernel
def new_trie(colors):
    """Make a dictionary of the single-pixel phrases 0 .. ``colors - 1``."""
    symbol = np.zeros(MAX_CODES, np.uint8)
    for s in range(colors):
        symbol[s] = s
    links = np.zeros((4, MAX_CODES), np.uint16)
    return Trie(links[0], links[1], links[2], links[3], symbol, symbol.copy())


@helper
def find_child(trie, node, symbol):
    """Return the child of ``node`` for ``symbol``, or 0."""
    k = trie.child[node]
    while k != 0 and trie.symbol[k] != symbol:
        k = trie.sibling[k]
    return k


@helper
def _hang(trie, code, node):
    """Make ``code`` the first child of ``node`` and tell the nodes above how far down it goes."""
    trie.sibling[code] = trie.child[node]
    trie.child[node] = code
    h = 1
    while trie.height[node] < h:
        trie.height[node] = h
        if trie.parent[node] == node:
            break
        node = trie.parent[node]
        h += 1


@helper
def add_entry(trie, code, node, symbol):
    """Enter the phrase of ``node`` and one more pixel as ``code``; return whether it is new.

    A flexible parser may make a phrase that the dictionary already has. Its code is used up
    all the same but leads nowhere.
    """
    trie.symbol[code] = symbol
    trie.first[code] = trie.first[node]
    trie.parent[code] = node
    trie.child[code] = 0
    trie.height[code] = 0
    new = find_child(trie, node, symbol) == 0
    if new:
        _hang(trie, code, node)
    return new


@kernel
def new_coder(codes, colors, minimum_code_size):
    """Make a coder that writes to ``codes``; `restart` it before the first phrase."""
    state = np.zeros(6, np.int64)
    state[CLEAR] = 1 << minimum_code_size
    state[ROOTS] = colors
    state[WIDTH] = minimum_code_size + 1
    return Coder(new_trie(colors), codes, new_stream(), state)


@helper
def _put(coder, code):
    """Append a code of the present width."""
    put_code(coder.codes, coder.stream, code, coder.state[WIDTH])


@helper
def restart(coder):
    """Write a clear code and forget all phrases but the single pixels."""
    trie = coder.trie
    state = coder.state
    _put(coder, state[CLEAR])
    trie.child[:] = 0
    trie.height[:] = 0
    for s in range(state[ROOTS]):
        trie.parent[s] = s
    state[WIDTH] = 1
    while 1 << state[WIDTH] <= state[CLEAR]:
        state[WIDTH] += 1
    state[NEXT] = state[CLEAR] + 2
    state[BEFORE] = -1


@helper
def is_full(coder):
    """Tell whether no more phrases can be entered."""
    return coder.state[NEXT] == MAX_CODES


@helper
def _completes(coder):
    """Tell whether the next phrase completes an entry."""
    return coder.state[BEFORE] >= 0 and coder.state[NEXT] < MAX_CODES


@helper
def expect_phrase(coder):
    """Get ready for the search of the next phrase.

    The decoder completes its newest entry with the first pixel of the coming phrase, which may
    use that entry already when it begins like the phrase before.
    """
    state = coder.state
    if _completes(coder):
        before = state[BEFORE]
        state[HANGS] = add_entry(coder.trie, state[NEXT], before, coder.trie.first[before])
        if state[NEXT] == 1 << state[WIDTH] and state[WIDTH] < MAX_WIDTH:
            state[WIDTH] += 1


@helper
def put_phrase(coder, node):
    """Write the code of a phrase, after `expect_phrase`."""
    trie = coder.trie
    state = coder.state
    if _completes(coder):
        before = state[BEFORE]
        if trie.first[node] != trie.first[before]:
            if state[HANGS]:
                trie.child[before] = trie.sibling[state[NEXT]]
            add_entry(trie, state[NEXT], before, trie.first[node])
        state[NEXT] += 1
    _put(coder, node)
    state[BEFORE] = node


@helper
def end_slice(coder):
    """Write the clear code that another stream of codes begins with; return the number of bytes.

    The decoder, which completes an entry before it reads on, may take it for wider.
    """
    state = coder.state
    if _completes(coder) and state[NEXT] == 1 << state[WIDTH] and state[WIDTH] < MAX_WIDTH:
        state[WIDTH] += 1
    _put(coder, state[CLEAR])
    return flush(coder.codes, coder.stream)


@helper
def end(coder):
    """Write the end code and the bits that still wait; return the number of bytes."""
    _put(coder, coder.state[CLEAR] + 1)
    return flush(coder.codes, coder.stream)
