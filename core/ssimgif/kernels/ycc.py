"""BT.601 Y Cb Cr of pictures, and how near a palette comes to them there."""

from __future__ import annotations

import numpy as np
from numba import njit

from ssimgif.kernels.lean import LEAN

_F = np.float32
# Pixels worked on at once: with a size that is a constant, compilers make vector code of the loop.
SPAN = 32
# Colours that are taken together.
GROUP = 8


@njit(cache=True, nogil=True)
def ycc_planes(rgb, out):
    """Write Y, Cb and Cr, full range and centred on 0, of u8[n, 3] to f32[3, n]."""
    for i in range(rgb.shape[0]):
        r, g, b = _F(rgb[i, 0]), _F(rgb[i, 1]), _F(rgb[i, 2])
        out[0, i] = r * _F(0.299) + g * _F(0.587) + b * _F(0.114)
        out[1, i] = r * _F(-0.168736) + g * _F(-0.331264) + b * _F(0.5)
        out[2, i] = r * _F(0.5) + g * _F(-0.418688) + b * _F(-0.081312)


@njit(cache=True, nogil=True)
def least_errors(planes, luma_weight, chroma_weight, colors, out):
    """Write the least weighted squared error that any colour leaves at each pixel.

    Colours are taken in groups, from the luma of the pixels on, up and down, until luma alone
    makes them worse at every pixel.

    Parameters
    ----------
    planes : f32[3, n]
        Y, Cb, Cr.
    luma_weight, chroma_weight : f32[n]
    colors : f32[3, k]
        The palette, from dark to light.
    out : f32[n]
    """
    count, groups = out.size, (colors.shape[1] + GROUP - 1) // GROUP
    part = np.zeros((6, SPAN), np.float32)
    for start in range(0, count, SPAN):
        length = min(SPAN, count - start)
        for j in range(3):
            part[j, :length] = planes[j, start : start + length]
        part[3, :length] = luma_weight[start : start + length]
        part[4, :length] = chroma_weight[start : start + length]
        # What is beyond the end asks for nothing.
        part[5] = -1
        part[5, :length] = np.inf
        middle = part[0, length // 2]
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
        out[start : start + length] = part[5, :length]


@njit(**LEAN)
def _take_group(part, colors, group):
    """Lower the least errors, ``part[5]``, by the colours of a group."""
    y, cb, cr, luma, chroma, least = part[0], part[1], part[2], part[3], part[4], part[5]
    for s in range(group * GROUP, min(group * GROUP + GROUP, colors.shape[1])):
        color_y, color_cb, color_cr = colors[0, s], colors[1, s], colors[2, s]
        for i in range(SPAN):
            dy = y[i] - color_y
            db = cb[i] - color_cb
            dr = cr[i] - color_cr
            error = luma[i] * (dy * dy) + chroma[i] * (db * db + dr * dr)
            least[i] = error if error < least[i] else least[i]


@njit(**LEAN)
def _may_help(part, luma, way):
    """Tell whether colours of this luma, or farther that way, may lower any of the least errors."""
    y, weight, least = part[0], part[3], part[5]
    found = 0
    for i in range(SPAN):
        gap = max((luma - y[i]) * way, _F(0))
        found += weight[i] * (gap * gap) < least[i]
    return found > 0
