"""The LZW dictionary of an encoder as a trie, and the bit stream its codes go to.

A node is a code. The first ``colors`` nodes are the roots, one for each palette index; every
other node adds one pixel to its parent's phrase. Children form a linked list; node 0 is a root
and nobody's child, so 0 ends a list.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

MAX_CODES = 4096

# symbol: the phrase's last pixel; first: its first; height: how far the trie goes on below.
Trie = namedtuple("Trie", "child sibling parent height symbol first")
# state: bytes written, bits waiting, the waiting bits, bits written in all.
Stream = namedtuple("Stream", "codes state")


@njit(cache=True, nogil=True)
def new_trie(colors):
    """Make a dictionary of the single-pixel phrases 0 .. ``colors - 1``."""
    symbol = np.zeros(MAX_CODES, np.uint8)
    for s in range(colors):
        symbol[s] = s
    links = np.zeros((4, MAX_CODES), np.uint16)
    return Trie(links[0], links[1], links[2], links[3], symbol, symbol.copy())


@njit(cache=True, nogil=True)
def find_child(trie, node, symbol):
    """Return the child of ``node`` for ``symbol``, or 0."""
    k = trie.child[node]
    while k != 0 and trie.symbol[k] != symbol:
        k = trie.sibling[k]
    return k


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def remove_newest(trie, code, node):
    """Undo the `add_entry` of a new phrase, before any other was added."""
    trie.child[node] = trie.sibling[code]


@njit(cache=True, nogil=True)
def forget(trie, roots):
    """Leave only the roots."""
    trie.child[:] = 0
    trie.height[:] = 0
    for s in range(roots):
        trie.parent[s] = s


@njit(cache=True, nogil=True)
def put(stream, code, width):
    """Append ``width`` bits, least significant first."""
    state = stream.state
    bits = state[2] | (code << state[1])
    waiting = state[1] + width
    size = state[0]
    while waiting >= 8:
        stream.codes[size] = bits & 255
        size += 1
        bits >>= 8
        waiting -= 8
    state[0] = size
    state[1] = waiting
    state[2] = bits
    state[3] += width


@njit(cache=True, nogil=True)
def flush(stream):
    """Write out the bits that still wait."""
    if stream.state[1] > 0:
        stream.codes[stream.state[0]] = stream.state[2]
        stream.state[0] += 1
        stream.state[1] = 0
        stream.state[2] = 0
