"""Nearest palette colour in OKLab, by short lists of colours for cells of the RGB cube.

The cube is cut into 32 x 32 x 32 cells of 8 x 8 x 8 colours. Inside most cells OKLab is taken as
linear: its value at the centre and its slopes. The squared distance to a palette colour, less a
part that is the same for all palette colours, is then linear in RGB too. A colour that is
farther away than another one everywhere in a cell is left off the cell's short list. Cells near
black, where OKLab is curved, and cells of many close colours have a table of the answers to their
512 colours, each searched for when it is first asked for.
"""

import numpy as np

from ssimgif.kernels.jit import kernel
from ssimgif.kernels.oklab import oklab

CELLS = 1 << 15
CELL_COLORS = 512
# Palette colours a short list can hold.
SLOTS = 16
# In place of a short list's length: the cell has a table.
TABLE = 255
# From a cell's centre to its faces, along each channel.
REACH = np.float32(4)


@kernel
def search_outwards(light, a, b, colors):
    """Return the row of f32[k, 3] colours nearest to a point.

    Rows are sorted by their first column and visited outwards from the point's own value; the
    search ends when that column alone is farther away than the best row, so it is exact.
    """
    least = np.float32(np.inf)
    best = 0
    above = np.searchsorted(colors[:, 0], light)
    below = above - 1
    while above < colors.shape[0] or below >= 0:
        if above < colors.shape[0]:
            d = colors[above, 0] - light
            if d * d >= least:
                above = colors.shape[0]
            else:
                d = d * d + (colors[above, 1] - a) ** 2 + (colors[above, 2] - b) ** 2
                if d < least:
                    least = d
                    best = above
                above += 1
        if below >= 0:
            d = colors[below, 0] - light
            if d * d >= least:
                below = -1
            else:
                d = d * d + (colors[below, 1] - a) ** 2 + (colors[below, 2] - b) ** 2
                if d < least:
                    least = d
                    best = below
                below -= 1
    return best


@kernel(forceinline=True)
def write_plane(shape, color, plane):
    """Write the squared distance of a colour at a cell's centre and its slopes by R, G and B."""
    d0 = color[0] - shape[0, 0]
    d1 = color[1] - shape[0, 1]
    d2 = color[2] - shape[0, 2]
    plane[0] = d0 * d0 + d1 * d1 + d2 * d2
    for j in range(1, 4):
        plane[j] = -np.float32(2) * (d0 * shape[j, 0] + d1 * shape[j, 1] + d2 * shape[j, 2])


@kernel
def build_short_list(shape, colors, order, planes, entries):
    """Fill the short list of one cell; arguments as in `build_cell`, of that cell.

    Returns
    -------
    int
        Its length, or TABLE where it would not fit.
    """
    nearest = search_outwards(shape[0, 0], shape[0, 1], shape[0, 2], colors)
    write_plane(shape, colors[nearest], planes[0])
    entries[0] = order[nearest]
    radius = np.float32(0)
    for j in range(1, 4):
        radius += REACH * np.sqrt(shape[j, 0] ** 2 + shape[j, 1] ** 2 + shape[j, 2] ** 2)
    farthest = np.sqrt(planes[0, 0]) + np.float32(2) * radius
    count = 1
    plane = np.empty(4, np.float32)
    for k in range(np.searchsorted(colors[:, 0], shape[0, 0] - farthest), colors.shape[0]):
        if colors[k, 0] > shape[0, 0] + farthest:
            break
        if k == nearest:
            continue
        write_plane(shape, colors[k], plane)
        margin = plane[0] - planes[0, 0]
        for j in range(1, 4):
            margin -= REACH * abs(plane[j] - planes[0, j])
        if margin < 0:
            if count == planes.shape[0]:
                return TABLE
            planes[count] = plane
            entries[count] = order[k]
            count += 1
    return count


@kernel
def search_table(red, green, blue, cell, cells):
    """Return the palette index nearest to an 8-bit colour of a cell that has a table."""
    colors, order, _, _, linear, chroma, _, _, _, tables = cells
    k = ((red & 7) << 6) | ((green & 7) << 3) | (blue & 7)
    if tables[cell, k]:
        return np.int64(tables[cell, k]) - 1
    light, a, b = oklab(linear[red], linear[green], linear[blue])
    found = np.int64(order[search_outwards(light, chroma * a, chroma * b, colors)])
    tables[cell, k] = np.uint8(found + 1)
    return found


@kernel
def build_cell(cell, cells):
    """Make a cell's short list, or note that it has a table.

    Parameters
    ----------
    cell : int
    cells : tuple
        colors : f32[k, 3], the palette in OKLab, a and b times ``chroma``, sorted by L.
        order : u8[k], the palette index of each row of ``colors``.
        geometry : f32[CELLS, 4, 3], OKLab at each cell's centre and its slopes by R, G and B;
        a and b times ``chroma``.
        curved : bool[CELLS], where ``geometry`` is too coarse.
        linear : f32[256], linear light of 8-bit sRGB.
        chroma : float, weight of a and b against L.
        counts : u8[CELLS], length of each short list, TABLE, or 0 where nothing is made yet.
        planes : f32[CELLS, SLOTS, 4], see `write_plane`.
        entries : u8[CELLS, SLOTS], palette indices of the short lists.
        tables : u8[CELLS, CELL_COLORS], 1 more than the palette indices of the cells with tables;
        0 where nothing is asked for yet, and for index 255, which is searched for each time.
        The last four are changed in place.
    """
    colors, order, geometry, curved, _, _, counts, planes, entries, _ = cells
    count = TABLE
    if not curved[cell]:
        count = build_short_list(geometry[cell], colors, order, planes[cell], entries[cell])
    counts[cell] = count


@kernel(forceinline=True)
def cell_of(red, green, blue):
    """Return the cell of an 8-bit colour."""
    return ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3)


@kernel(forceinline=True)
def search_cell(red, green, blue, cell, cells):
    """Return the palette index nearest to a colour f32 0..255 of a cell."""
    _, _, _, _, _, _, counts, planes, entries, _ = cells
    if counts[cell] == 0:
        build_cell(cell, cells)
    if counts[cell] == TABLE:
        half = np.float32(0.5)
        return search_table(
            np.int64(red + half), np.int64(green + half), np.int64(blue + half), cell, cells
        )
    best = 0
    if counts[cell] > 1:
        # From the cell's centre.
        r0 = red - (np.float32((cell >> 10) << 3) + np.float32(3.5))
        g0 = green - (np.float32(((cell >> 5) & 31) << 3) + np.float32(3.5))
        b0 = blue - (np.float32((cell & 31) << 3) + np.float32(3.5))
        least = np.float32(np.inf)
        for k in range(np.int64(counts[cell])):
            d = (
                planes[cell, k, 0]
                + r0 * planes[cell, k, 1]
                + g0 * planes[cell, k, 2]
                + b0 * planes[cell, k, 3]
            )
            if d < least:
                least = d
                best = k
    return np.int64(entries[cell, best])


@kernel
def mark_cells(pixels, seen):
    """Mark the cells of sRGB pixels u8[n, 3] in u8[CELLS]."""
    for i in range(pixels.shape[0]):
        seen[cell_of(np.int64(pixels[i, 0]), np.int64(pixels[i, 1]), np.int64(pixels[i, 2]))] = 1


@kernel
def build_cells(seen, first, last, cells):
    """Build the cells from the first one to the one before the last that are marked in u8[CELLS].

    Threads may build different cells, and map pixels of what is built, at the same time: what they
    enter in a table is the same byte.
    """
    counts = cells[6]
    for cell in range(first, last):
        if seen[cell] and counts[cell] == 0:
            build_cell(cell, cells)


@kernel
def map_pixels(pixels, cells, out):
    """Write the index u8[n] of the palette colour nearest to each sRGB pixel u8[n, 3]."""
    for i in range(pixels.shape[0]):
        red, green, blue = pixels[i, 0], pixels[i, 1], pixels[i, 2]
        if i and red == pixels[i - 1, 0] and green == pixels[i - 1, 1] and blue == pixels[i - 1, 2]:
            out[i] = out[i - 1]
            continue
        cell = cell_of(np.int64(red), np.int64(green), np.int64(blue))
        out[i] = search_cell(np.float32(red), np.float32(green), np.float32(blue), cell, cells)
