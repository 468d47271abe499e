"""PaletteNet's attention: how much each colour of a palette takes of each bin of a histogram.

Bins and colours are planes, f32[3, n] and f32[3, k], so that the innermost loops run over colours.
"""

import numpy as np
from numba import njit

# Added to a squared distance that is divided by.
LEAST_SQUARE = np.float32(0.01)


@njit(cache=True, nogil=True)
def weigh_colors(bins, palette, sharpness, bias, logits, least, nearest):
    """Compare every bin with every colour.

    Parameters
    ----------
    bins : f32[3, n]
    palette : f32[3, k]
    sharpness, bias : f32[k]
        Of each colour.
    logits : f32[n, k]
        Filled with bias - sharpness * distance / (least + LEAST_SQUARE), less the greatest of
        the row; distances are squared.
    least : f32[n]
        Filled with the distance to the nearest colour.
    nearest : i32[n]
        Filled with its index.
    """
    count = palette.shape[1]
    red, green, blue = palette[0], palette[1], palette[2]
    for i in range(bins.shape[1]):
        row = logits[i]
        r, g, b = bins[0, i], bins[1, i], bins[2, i]
        for k in range(count):
            dr = r - red[k]
            dg = g - green[k]
            db = b - blue[k]
            row[k] = dr * dr + dg * dg + db * db
        best = 0
        for k in range(1, count):
            if row[k] < row[best]:
                best = k
        nearest[i] = best
        least[i] = row[best]
        scale = np.float32(1) / (row[best] + LEAST_SQUARE)
        for k in range(count):
            row[k] = bias[k] - sharpness[k] * (row[k] * scale)
        top = row[0]
        for k in range(1, count):
            top = max(top, row[k])
        for k in range(count):
            row[k] -= top


@njit(cache=True, nogil=True)
def gather(shares, bins, weights, least, nearest, own, soft, far):
    """Add up what each colour takes of the bins.

    Parameters
    ----------
    shares : f32[n, k]
        Each bin's, in any unit.
    bins : f32[3, n]
    weights, least : f32[n]
        Weight of each bin, and its squared distance to the nearest colour.
    nearest : i32[n]
    own, soft, far : f32[5, k]
        Set to the sums of red, green, blue, 1 and the squared distance: of the bins that are
        nearest to the colour; of the shares; and of the shares times the squared distance.
    """
    count = shares.shape[1]
    own[:] = 0
    soft[:] = 0
    far[:] = 0
    values = np.empty(5, np.float32)
    values[3] = 1
    for i in range(bins.shape[1]):
        row = shares[i]
        total = np.float32(0)
        for k in range(count):
            total += row[k]
        values[0], values[1], values[2] = bins[0, i], bins[1, i], bins[2, i]
        values[4] = least[i]
        scale = weights[i] / total
        for j in range(5):
            own[j, nearest[i]] += weights[i] * values[j]
            near = scale * values[j]
            distant = near * least[i]
            sums = soft[j]
            distant_sums = far[j]
            for k in range(count):
                sums[k] += near * row[k]
                distant_sums[k] += distant * row[k]


@njit(cache=True, nogil=True)
def nearest_other(palette, spacing):
    """Set f32[k] to the squared distance of each colour of f32[3, k] to the nearest other one."""
    count = palette.shape[1]
    spacing[:] = np.inf
    for i in range(count):
        for k in range(i):
            d = np.float32(0)
            for c in range(3):
                d += (palette[c, i] - palette[c, k]) ** 2
            spacing[i] = min(spacing[i], d)
            spacing[k] = min(spacing[k], d)
