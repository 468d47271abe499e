"""The planes of SSIMULACRA2 and the errors between them; metrics/ssimulacra2.py explains."""

import numpy as np

from ssimgif.kernels.blur import blur_ring, blur_row
from ssimgif.kernels.cube_root import cube_roots
from ssimgif.kernels.jit import kernel

_F = np.float32
_ZERO, _QUARTER, _HALF, _ONE, _TWO = _F(0), _F(0.25), _F(0.5), _F(1), _F(2)
_C2 = _F(0.0009)
_BIAS = _F(0.0037930732552754493)
_BIAS_ROOT = _F(0.0037930732552754493 ** (1 / 3))
_LR, _LG, _LB = _F(0.30), _F(0.622), _F(0.078)
_MR, _MG, _MB = _F(0.23), _F(0.692), _F(0.078)
_SR, _SG, _SB = _F(0.24342268924547819), _F(0.20476744424496821), _F(0.5518098665095536)


@kernel
def linear_planes(rgb, linear, out):
    """Look up linear light f32[256] of u8[h, w, 3] into f32[3, h, w]."""
    for y in range(rgb.shape[0]):
        pixels = rgb[y]
        for c in range(3):
            row = out[c, y]
            for x in range(row.shape[0]):
                row[x] = linear[pixels[x, c]]


@kernel
def halve(planes, out):
    """Average 2x2 pixels of f32[3, h, w] into f32[3, ceil(h / 2), ceil(w / 2)], edges repeated."""
    height, width = planes.shape[1:]
    for c in range(3):
        for y in range(out.shape[1]):
            above, below = planes[c, 2 * y], planes[c, min(2 * y + 1, height - 1)]
            row = out[c, y]
            for x in range(width // 2):
                row[x] = _QUARTER * (
                    above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1]
                )
            if width % 2:
                row[width // 2] = _HALF * (above[width - 1] + below[width - 1])


@kernel
def xyb_planes(linear, out):
    """Turn linear light f32[3, h, w] into X and Y, or X, Y and B, of f32[2 or 3, h, w].

    The planes are scaled and shifted to about 0..1, and B has Y taken off.
    """
    width = linear.shape[2]
    cones = np.empty((3, width), np.float32)
    for y in range(linear.shape[1]):
        r, g, b = linear[0, y], linear[1, y], linear[2, y]
        long, middle, short = cones[0], cones[1], cones[2]
        for x in range(width):
            long[x] = _LR * r[x] + _LG * g[x] + _LB * b[x] + _BIAS
            middle[x] = _MR * r[x] + _MG * g[x] + _MB * b[x] + _BIAS
        cube_roots(long)
        cube_roots(middle)
        red_green, brightness = out[0, y], out[1, y]
        for x in range(width):
            red_green[x] = _F(7) * (long[x] - middle[x]) + _F(0.42)
            brightness[x] = _HALF * (long[x] + middle[x]) - _BIAS_ROOT + _F(0.01)
        if out.shape[0] == 3:
            for x in range(width):
                short[x] = _SR * r[x] + _SG * g[x] + _SB * b[x] + _BIAS
            cube_roots(short)
            blue = out[2, y]
            for x in range(width):
                blue[x] = short[x] - _BIAS_ROOT - brightness[x] + _F(0.01 + 0.55)


@kernel
def plane_statistics(plane, taps, mean, variance):
    """Blurred mean and variance of f32[h, w]; beyond the border all is zero."""
    height, width = plane.shape
    radius = taps.shape[0] - 1
    size = 2 * radius + 1
    row = np.zeros((2, width + 2 * radius), np.float32)
    ring = np.zeros((2, size, width), np.float32)
    for y in range(height + radius):
        if y < height:
            values = row[0, radius : radius + width]
            squares = row[1, radius : radius + width]
            source = plane[y]
            for x in range(width):
                values[x] = source[x]
                squares[x] = source[x] * source[x]
            for k in range(2):
                blur_row(row[k], taps, ring[k, y % size])
        else:
            ring[:, y % size] = _ZERO
        if y >= radius:
            means, variances = mean[y - radius], variance[y - radius]
            blur_ring(ring[0], y, taps, means)
            blur_ring(ring[1], y, taps, variances)
            for x in range(width):
                variances[x] -= means[x] * means[x]


@kernel
def plane_errors(source, mean, variance, coded, taps, top, left, tile, sums):
    """Sum the errors of a coded plane over tiles.

    Parameters
    ----------
    source, coded : f32[h, w]
    mean, variance : f32[h, w]
        What `plane_statistics` gives for the source.
    taps : f32[r + 1]
        Outermost to middle tap of the blur.
    top, left : int
        Where the first tile is.
    tile : int
        Pixels of its side.
    sums : f64[rows, columns, 2, 3]
        Is added, for each tile, the sums over its pixels of the errors and of their fourth powers:
        1 - SSIM, edges added (ringing), edges lost (blurring).
    """
    height, width = source.shape
    radius = taps.shape[0] - 1
    size = 2 * radius + 1
    row = np.zeros((3, width + 2 * radius), np.float32)
    ring = np.zeros((3, size, width), np.float32)
    blurred = np.empty((3, width), np.float32)
    error = np.empty(width, np.float32)
    columns = np.zeros((2, 3, width), np.float32)
    bottom = min(top + tile * sums.shape[0], height)
    for y in range(bottom + radius):
        if y < height:
            _products(source[y], coded[y], row[:, radius : radius + width])
            for k in range(3):
                blur_row(row[k], taps, ring[k, y % size])
        else:
            ring[:, y % size] = _ZERO
        line = y - radius
        if line < top:
            continue
        for k in range(3):
            blur_ring(ring[k], y, taps, blurred[k])
        _dissimilarity(mean[line], variance[line], blurred, error)
        _accumulate(error, columns[0, 0], columns[1, 0])
        _edge_change(source[line], mean[line], coded[line], blurred[0], error)
        _accumulate(error, columns[0, 1], columns[1, 1])
        for x in range(width):
            error[x] = -error[x]
        _accumulate(error, columns[0, 2], columns[1, 2])
        if (line - top) % tile == tile - 1 or line == bottom - 1:
            _add_columns(columns, left, tile, sums[(line - top) // tile])


@kernel
def _add_columns(columns, left, tile, sums):
    """Add up the columns f32[2, 3, w] of each tile, four at once, and set them to zero."""
    for norm in range(2):
        for kind in range(3):
            column = columns[norm, kind]
            for i in range(sums.shape[0]):
                first = left + i * tile
                count = min(tile, column.shape[0] - first)
                part = column[first : first + count]
                a = b = c = d = 0.0
                for x in range(0, count - 3, 4):
                    a += part[x]
                    b += part[x + 1]
                    c += part[x + 2]
                    d += part[x + 3]
                for x in range(count // 4 * 4, count):
                    a += part[x]
                sums[i, norm, kind] += (a + b) + (c + d)
            column[:] = _ZERO


@kernel
def _products(source, coded, out):
    values, squares, products = out[0], out[1], out[2]
    for x in range(coded.shape[0]):
        values[x] = coded[x]
        squares[x] = coded[x] * coded[x]
        products[x] = source[x] * coded[x]


@kernel(error_model="numpy")
def _dissimilarity(mean, variance, blurred, out):
    means, squares, products = blurred[0], blurred[1], blurred[2]
    for x in range(out.shape[0]):
        a, b = mean[x], means[x]
        brightness = _ONE - (a - b) * (a - b)
        variances = variance[x] + (squares[x] - b * b)
        structure = (_TWO * (products[x] - a * b) + _C2) / (variances + _C2)
        out[x] = _ONE - brightness * structure


@kernel(error_model="numpy")
def _edge_change(source, source_mean, coded, coded_mean, out):
    for x in range(out.shape[0]):
        theirs = _ONE + abs(source[x] - source_mean[x])
        out[x] = (_ONE + abs(coded[x] - coded_mean[x])) / theirs - _ONE


@kernel
def _accumulate(error, total, total_of_fourth_powers):
    """Add what is above 0 of an error, and its fourth power, for each column."""
    for x in range(error.shape[0]):
        positive = max(error[x], _ZERO)
        square = positive * positive
        total[x] += positive
        total_of_fourth_powers[x] += square * square
