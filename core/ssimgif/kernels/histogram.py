"""Colour histograms: weighted bins of RGB, and the set of distinct colours."""

import numpy as np

from ssimgif.kernels.jit import kernel

EMPTY = np.uint32(0xFFFFFFFF)


@kernel
def find_slot(key, keys, table):
    """Return the slot of a key in an open-addressing hash table, or the empty one for it.

    Parameters
    ----------
    key : u32
    keys : u32[n]
        Keys of the entries.
    table : i32[m]
        The entry in each slot or -1; m is a power of two greater than n.
    """
    mask = np.uint32(table.shape[0] - 1)
    slot = ((key * np.uint32(2654435761)) >> np.uint32(12)) & mask
    while table[slot] >= 0 and keys[table[slot]] != key:
        slot = (slot + np.uint32(1)) & mask
    return slot


@kernel
def fill_table(keys, count, table):
    """Enter the first ``count`` keys into an empty table; see `find_slot`."""
    for entry in range(count):
        table[find_slot(keys[entry], keys, table)] = entry


@kernel
def add_to_histogram(pixels, weights, start, shift, table, keys, bins, count):
    """Add weighted pixels to bins of RGB, until a bin would be one too many.

    Parameters
    ----------
    pixels : u8[n, 3]
    weights : f32[n]
        Pixels without weight are skipped.
    start : int
        The first pixel to add.
    shift : int
        Low bits of each channel that do not matter.
    table, keys :
        The hash table of bins, see `find_slot`. Changed in place.
    bins : f64[capacity, 4]
        Sums of weight, weight * R, weight * G and weight * B. Changed in place.
    count : int
        Bins in use.

    Returns
    -------
    start, count : int
        The first pixel that was not added, n when all were; and bins in use now.
    """
    drop = np.uint32(shift)
    last = np.uint32(0xFFFFFFFF)
    entry = 0
    for i in range(start, pixels.shape[0]):
        w = np.float64(weights[i])
        if w <= 0.0:
            continue
        red = np.uint32(pixels[i, 0])
        green = np.uint32(pixels[i, 1])
        blue = np.uint32(pixels[i, 2])
        key = ((red >> drop) << np.uint32(16)) | ((green >> drop) << np.uint32(8)) | (blue >> drop)
        if key != last:
            slot = find_slot(key, keys, table)
            if table[slot] < 0:
                if count == keys.shape[0]:
                    return i, count
                table[slot] = count
                keys[count] = key
                count += 1
            entry = table[slot]
            last = key
        bins[entry, 0] += w
        bins[entry, 1] += w * red
        bins[entry, 2] += w * green
        bins[entry, 3] += w * blue
    return pixels.shape[0], count


@kernel
def add_distinct_colors(pixels, table, colors, count):
    """Add the colours of pixels to a set, until the set is full.

    Parameters
    ----------
    pixels : u8[n, 3]
    table : u32[m]
        Open-addressing hash table of 24-bit colours, m a power of two greater than the
        set's capacity; empty slots hold 2**32 - 1. Changed in place.
    colors : u8[capacity, 3]
        The colours in the order they were met. Changed in place.
    count : int
        Colours in the set so far.

    Returns
    -------
    int
        Colours in the set now; ``capacity`` also when there are more.
    """
    mask = np.uint32(table.shape[0] - 1)
    last = EMPTY
    for i in range(pixels.shape[0]):
        key = (
            (np.uint32(pixels[i, 0]) << np.uint32(16))
            | (np.uint32(pixels[i, 1]) << np.uint32(8))
            | np.uint32(pixels[i, 2])
        )
        if key == last:
            continue
        last = key
        if count == colors.shape[0]:
            return count
        slot = ((key * np.uint32(2654435761)) >> np.uint32(16)) & mask
        while table[slot] != EMPTY and table[slot] != key:
            slot = (slot + np.uint32(1)) & mask
        if table[slot] == EMPTY:
            table[slot] = key
            colors[count, 0] = pixels[i, 0]
            colors[count, 1] = pixels[i, 1]
            colors[count, 2] = pixels[i, 2]
            count += 1
    return count
