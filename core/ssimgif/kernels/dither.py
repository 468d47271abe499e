"""Dithering: two-colour threshold dither, and error diffusion."""

import numpy as np

from ssimgif.kernels.jit import kernel
from ssimgif.kernels.nearest import cell_of, search_cell
from ssimgif.kernels.oklab import oklab


@kernel
def best_partner(light, a, b, first, lab, neighbours, noise_price):
    """Choose the colour to mix with a pixel's nearest one; arguments as in `threshold_dither`.

    Returns
    -------
    second : int
        ``first`` where no mixture comes closer.
    share : float
        How much of the mixture is ``second``, 0..1.
    """
    p0 = light - lab[first, 0]
    p1 = a - lab[first, 1]
    p2 = b - lab[first, 2]
    own = p0 * p0 + p1 * p1 + p2 * p2
    least = np.inf
    second = np.int64(first)
    share = 0.0
    for k in range(neighbours.shape[1]):
        other = np.int64(neighbours[first, k])
        v0 = lab[other, 0] - lab[first, 0]
        v1 = lab[other, 1] - lab[first, 1]
        v2 = lab[other, 2] - lab[first, 2]
        along = p0 * v0 + p1 * v1 + p2 * v2
        if along <= 0.0:
            continue
        length = v0 * v0 + v1 * v1 + v2 * v2
        u = min(along / length, 1.0)
        missed = own - u * (2.0 * along - u * length)
        cost = missed + noise_price * u * (1.0 - u) * length
        if cost < least:
            least = cost
            second = other
            share = u
    return second, share


@kernel
def threshold_dither(pixels, strength, tile, lab, neighbours, noise_price, linear, out):
    """Mix each pixel of the two palette colours between which it lies, by a threshold tile.

    A pixel takes the second colour where that colour's share exceeds the tile's threshold, so
    that areas keep their mean colour. Pairs are ordered by index, so that the pattern goes on
    unbroken where the nearest colour changes.

    Parameters
    ----------
    pixels : u8[h, w, 3]
        sRGB.
    strength : f32[h, w]
        0 leaves the nearest colour, 1 keeps the mean colour.
    tile : f32[t, t]
        Thresholds between 0 and 1.
    lab : f32[k, 3]
        The palette in OKLab.
    neighbours : u8[k, m]
        The colours that each colour may be mixed with.
    noise_price : float
        What a mixture's variance counts against the squared distance that it leaves, when
        mixtures are compared.
    linear : f32[256]
        Linear light of 8-bit sRGB.
    out : u8[h, w]
        On entry the nearest palette indices; changed in place.
    """
    for y in range(pixels.shape[0]):
        for x in range(pixels.shape[1]):
            amount = strength[y, x]
            if amount <= 0.0:
                continue
            light, a, b = oklab(
                linear[pixels[y, x, 0]], linear[pixels[y, x, 1]], linear[pixels[y, x, 2]]
            )
            first = np.int64(out[y, x])
            second, share = best_partner(light, a, b, first, lab, neighbours, noise_price)
            if second == first:
                continue
            low = min(first, second)
            high = max(first, second)
            if second == low:
                share = 1.0 - share
            threshold = tile[y % tile.shape[0], x % tile.shape[1]]
            if share > 0.5 + (threshold - 0.5) * amount:
                out[y, x] = high
            else:
                out[y, x] = low


@kernel
def diffuse_error(pixels, strength, taps, limit, palette, cells, out):
    """Map pixels to the nearest colours and spread each one's error over pixels to come.

    Rows are walked in alternating directions (serpentine).

    Parameters
    ----------
    pixels : u8[h, w, 3]
        sRGB; errors are spread in sRGB, where luma is linear.
    strength : f32[h, w]
        How much of the error that reached a pixel it takes up, 0..1.
    taps : f32[3, 5]
        Shares of the error for this row and the next two, from 2 pixels behind to 2 ahead.
    limit : f32
        Greatest error of a channel that is passed on, 0..255.
    palette : f32[k, 3]
        sRGB.
    cells : tuple
        See `ssimgif.kernels.nearest.build_cell`.
    out : u8[h, w]
    """
    height, width = out.shape
    half = np.float32(0.5)
    errors = np.zeros((3, width + 4, 3), np.float32)
    wanted = np.empty(3, np.float32)
    for y in range(height):
        forward = y % 2 == 0
        ahead = 1 if forward else -1
        for i in range(width):
            x = i if forward else width - 1 - i
            for c in range(3):
                value = np.float32(pixels[y, x, c]) + strength[y, x] * errors[y % 3, x + 2, c]
                wanted[c] = min(max(value, np.float32(0)), np.float32(255))
            cell = cell_of(
                np.int64(wanted[0] + half), np.int64(wanted[1] + half), np.int64(wanted[2] + half)
            )
            index = search_cell(wanted[0], wanted[1], wanted[2], cell, cells)
            out[y, x] = index
            for c in range(3):
                error = wanted[c] - palette[index, c]
                error = min(max(error, -limit), limit)
                for row in range(3):
                    for k in range(5):
                        if taps[row, k] != 0:
                            to = x + 2 + ahead * (k - 2)
                            errors[(y + row) % 3, to, c] += taps[row, k] * error
        errors[y % 3] = 0
