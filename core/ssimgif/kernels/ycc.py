"""BT.601 Y Cb Cr of pictures, and how near a palette comes to them there."""

from __future__ import annotations

import numpy as np

from ssimgif.kernels.jit import helper, kernel

_F = np.float32
# Pixels worked on at once: with a size that is a constant, compilers make vector code of the loop.
SPAN = 32
# Colours that are taken together.
GROUP = 8


@helper
def ycc(rgb, i):
    """Y, Cb and Cr, full range and centred on 0, of pixel ``i`` of u8[3 * n]."""
    r, g, b = _F(rgb[3 * i]), _F(rgb[3 * i + 1]), _F(rgb[3 * i + 2])
    y = r * _F(0.299) + g * _F(0.587) + b * _F(0.114)
    cb = r * _F(-0.168736) + g * _F(-0.331264) + b * _F(0.5)
    cr = r * _F(0.5) + g * _F(-0.418688) + b * _F(-0.081312)
    return y, cb, cr


@kernel
def ycc_planes(rgb, out):
    """Write Y, Cb and Cr of u8[3 * n] to f32[3, n]."""
    planes_y, planes_cb, planes_cr = out[0], out[1], out[2]
    for i in range(planes_y.size):
        planes_y[i], planes_cb[i], planes_cr[i] = ycc(rgb, i)


@kernel
def source_rows(rgb, luma_weight, chroma_weight, colors, out):
    """Lay out the source of a `ssimgif.kernels.phrase_search.Picture`.

    For the least error that a palette leaves at each pixel, its colours are taken in groups, from
    the luma of the pixels on, up and down, until luma alone makes them worse at every pixel.

    Parameters
    ----------
    rgb : u8[3 * n]
    luma_weight, chroma_weight : f32[n]
    colors : f32[3, k]
        Y, Cb, Cr of the palette, from dark to light.
    out : f32[6 * n]
    """
    count = luma_weight.size
    part = np.zeros((6, SPAN), np.float32)
    for start in range(0, count, SPAN):
        length = min(SPAN, count - start)
        # What is beyond the end asks for nothing.
        part[5] = -1
        for i in range(length):
            part[0, i], part[1, i], part[2, i] = ycc(rgb, start + i)
            part[3, i] = luma_weight[start + i]
            part[4, i] = chroma_weight[start + i]
            part[5, i] = np.inf
        _lower_least_errors(part, colors, part[0, length // 2])
        for i in range(length):
            for j in range(6):
                out[6 * (start + i) + j] = part[j, i]


@helper
def _lower_least_errors(part, colors, middle):
    """Lower the least errors, ``part[5]``, by all colours that can, from a luma on."""
    groups = (colors.shape[1] + GROUP - 1) // GROUP
    first = 0
    while first < groups - 1 and colors[0, first * GROUP + GROUP - 1] < middle:
        first += 1
    _take_group(part, colors, first)
    for g in range(first + 1, groups):
        if not _may_help(part, colors[0, g * GROUP], _F(1)):
            break
        _take_group(part, colors, g)
    for g in range(first - 1, -1, -1):
        if not _may_help(part, colors[0, g * GROUP + GROUP - 1], _F(-1)):
            break
        _take_group(part, colors, g)


@helper
def _take_group(part, colors, group):
    """Lower the least errors by the colours of a group."""
    y, cb, cr, luma, chroma, least = part[0], part[1], part[2], part[3], part[4], part[5]
    for s in range(group * GROUP, min(group * GROUP + GROUP, colors.shape[1])):
        color_y, color_cb, color_cr = colors[0, s], colors[1, s], colors[2, s]
        for i in range(SPAN):
            dy = y[i] - color_y
            db = cb[i] - color_cb
            dr = cr[i] - color_cr
            error = luma[i] * (dy * dy) + chroma[i] * (db * db + dr * dr)
            least[i] = error if error < least[i] else least[i]


@helper
def _may_help(part, luma, way):
    """Tell whether colours of this luma, or farther that way, may lower any of the least errors."""
    y, weight, least = part[0], part[3], part[5]
    found = 0
    for i in range(SPAN):
        gap = max((luma - y[i]) * way, _F(0))
        found += weight[i] * (gap * gap) < least[i]
    return found > 0
