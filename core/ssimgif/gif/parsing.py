"""The fewest bytes of LZW data known for a picture: clear codes, phrases and ties at choice."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ssimgif.gif.lzw import checked, room
from ssimgif.kernels.lzw import continue_runs
from ssimgif.kernels.lzw_blocks import Picture, cheapest, write
from ssimgif.kernels.lzw_phrases import (
    ALWAYS,
    NEVER,
    WHEN_FULL,
    Run,
    new_run,
    take_longest,
)
from ssimgif.model import I64, U8, Bool

# Phrases from one place where a dictionary may begin to the next, and about how many places at
# most, where phrases may look far ahead, too.
LEAST_PHRASES, MOST_PHRASES = 8, 512
PLACES, DEEP_PLACES = 32, 64
# The second look is at the places that the first one found; with so few phrases, at their
# neighbours, too.
FEW = 2_048
Manner = tuple[int, int, int]
# Manners to take phrases, see `take_phrases`.
LONGEST, AHEAD_WHEN_FULL, AHEAD = (NEVER, 1, 0), (WHEN_FULL, 1, 0), (ALWAYS, 1, 0)
# More of them, that take several times as long together.
DEEP = (
    *((ALWAYS, gain, 0) for gain in (2, 3)),
    *((codes, 1, 0) for codes in (600, 1_200, 2_400)),
    (ALWAYS, 1, 4),
)


def smallest(
    own: U8, held: U8 | Bool, transparent: int | None, minimum_code_size: int, deep: bool = False
) -> bytes:
    """Code a picture in few bytes.

    First clear codes are placed as the longest phrases want them. Then, from about those places,
    phrases may look ahead, and pixels that are held may have either index.

    Parameters
    ----------
    own : u8, any shape
        Each pixel's own index.
    held : u8 or bool, of the same shape
        1 where ``transparent`` is right as well.
    transparent : int or None
    minimum_code_size : int
        2..8.
    deep : bool
        Whether phrases may look far ahead, which takes several times as long.

    Returns
    -------
    bytes
        From clear code to end code, not cut into sub-blocks.
    """
    indices = checked(own, minimum_code_size)
    free = np.ascontiguousarray(held, np.uint8).ravel()
    more = DEEP if deep else ()
    if transparent is None or not free.any():
        quick, thorough = _plain(indices, minimum_code_size, more)
    else:
        quick, thorough = _tied(indices, free, transparent, minimum_code_size, more)
    run = new_run(indices.size)
    places, count = _places(quick, run, DEEP_PLACES if deep else PLACES)
    found = np.searchsorted(places, _path(quick, places, run)[0][1:-1])
    near = np.add.outer(found, (-1, 0, 1) if count < FEW else (0,)).ravel()
    starts = places[np.unique(np.append(near, 0).clip(0, places.size - 1))]
    starts, ways = _path(thorough, starts, run)
    out = room(indices.size)
    return out[: write(thorough, starts, ways, run, out)].tobytes()


def well_cleared(indices: U8, minimum_code_size: int) -> bytes:
    """Code indices by the longest phrases, with clear codes where they are best.

    Parameters
    ----------
    indices : u8, any shape
    minimum_code_size : int
        2..8.

    Returns
    -------
    bytes
        As from `smallest`, which takes many times as long.
    """
    flat = checked(indices, minimum_code_size)
    picture, _ = _plain(flat, minimum_code_size, ())
    run, out = new_run(flat.size), room(flat.size)
    starts, ways = _path(picture, _places(picture, run, PLACES)[0], run)
    return out[: write(picture, starts, ways, run, out)].tobytes()


def _plain(indices: U8, size: int, more: Iterable[Manner]) -> tuple[Picture, Picture]:
    """Return a picture of one choice of indices, to look at quickly and thoroughly."""
    none = np.zeros((1, indices.size), np.uint8)
    given = (indices[None], none, none, np.array([-1]))
    ways = _ways((0, LONGEST), (0, AHEAD_WHEN_FULL), (0, AHEAD), *((0, one) for one in more))
    return Picture(*given, ways[:1], size), Picture(*given, ways, size)


def _tied(
    indices: U8, free: U8, transparent: int, size: int, more: Iterable[Manner]
) -> tuple[Picture, Picture]:
    """Return a picture with held pixels transparent, or not, or at choice."""
    filled = np.where(free, np.uint8(transparent), indices)
    runs = np.empty_like(indices)
    continue_runs(indices, free, transparent, runs)
    none = np.zeros_like(free)
    preferred = (runs == transparent).astype(np.uint8)
    given = (
        np.stack([filled, indices, indices]),
        np.stack([none, none, free]),
        np.stack([none, none, preferred]),
        np.array([-1, -1, transparent]),
    )
    usual = ((2, LONGEST), (2, AHEAD_WHEN_FULL), (2, AHEAD), (0, AHEAD))
    ways = _ways((0, LONGEST), (1, LONGEST), *usual, *((k, one) for one in more for k in (2, 0)))
    return Picture(*given, ways[:2], size), Picture(*given, ways, size)


def _ways(*ways: tuple[int, Manner]) -> I64:
    return np.array([(which, *manner) for which, manner in ways], np.int64)


def _places(picture: Picture, run: Run, most: int) -> tuple[I64, int]:
    """Return where dictionaries may begin: after every so many phrases of a single one.

    And how many phrases that has.
    """
    indices = picture.indices[0]
    count = take_longest(indices, picture.size, 0, indices.size, run)
    step = min(max(count // most, LEAST_PHRASES), MOST_PHRASES)
    return np.append(0, run.ends[step - 1 : count - 1 : step]), count


def _path(picture: Picture, starts: I64, run: Run) -> tuple[I64, I64]:
    """Return the places, of some and the end, of the cheapest path, and its ways."""
    starts = np.append(starts, picture.indices.shape[1])
    bits, came, way = np.empty((3, starts.size), np.int64)
    cheapest(picture, starts, run, bits, came, way)
    path = [starts.size - 1]
    while path[-1]:
        path.append(int(came[path[-1]]))
    path.reverse()
    return starts[path], way[path[1:]]
