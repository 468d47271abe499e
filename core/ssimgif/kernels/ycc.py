"""BT.601 Y Cb Cr of pictures, and how near a palette comes to them there."""

from __future__ import annotations

import numpy as np
from numba import njit

_F = np.float32
# Pixels worked on at once: with a size that is a constant, compilers make vector code of the loop.
SPAN = 64


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

    Parameters
    ----------
    planes : f32[3, n]
        Y, Cb, Cr.
    luma_weight, chroma_weight : f32[n]
    colors : f32[3, k]
        The palette.
    out : f32[n]
    """
    count = out.size
    part = np.zeros((6, SPAN), np.float32)
    y, cb, cr, luma, chroma, least = part[0], part[1], part[2], part[3], part[4], part[5]
    for start in range(0, count, SPAN):
        length = min(SPAN, count - start)
        for i in range(length):
            y[i] = planes[0, start + i]
            cb[i] = planes[1, start + i]
            cr[i] = planes[2, start + i]
            luma[i] = luma_weight[start + i]
            chroma[i] = chroma_weight[start + i]
        least[:] = np.inf
        for s in range(colors.shape[1]):
            color_y, color_cb, color_cr = colors[0, s], colors[1, s], colors[2, s]
            for i in range(SPAN):
                dy = y[i] - color_y
                db = cb[i] - color_cb
                dr = cr[i] - color_cr
                error = luma[i] * (dy * dy) + chroma[i] * (db * db + dr * dr)
                least[i] = error if error < least[i] else least[i]
        for i in range(length):
            out[start + i] = least[i]
