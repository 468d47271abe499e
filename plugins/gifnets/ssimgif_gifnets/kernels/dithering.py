"""What surrounds DitherNet: its inputs, its error, and the projection onto a palette."""

import numpy as np
from numba import njit

# 1 / 255, from 8-bit levels to 0..1.
LEVEL = np.float32(1 / 255)


@njit(cache=True, nogil=True)
def project(wanted, colors, rows):
    """Find the nearest colours.

    Colours are visited outwards from the pixel's own green, and the search ends when green alone
    is farther away than the best colour, so it is exact.

    Parameters
    ----------
    wanted : f32[h, w, 3]
    colors : f32[k, 3]
        By rising green.
    rows : u8[h, w]
        Filled with rows of ``colors``.
    """
    count = colors.shape[0]
    red = colors[:, 0].copy()
    green = colors[:, 1].copy()
    blue = colors[:, 2].copy()
    for y in range(wanted.shape[0]):
        best = 0
        for x in range(wanted.shape[1]):
            r = wanted[y, x, 0]
            g = wanted[y, x, 1]
            b = wanted[y, x, 2]
            # The colour of the pixel to the left is a good one to begin with.
            least = (red[best] - r) ** 2 + (green[best] - g) ** 2 + (blue[best] - b) ** 2
            above = np.searchsorted(green, g)
            below = above - 1
            while above < count:
                d = green[above] - g
                if d * d >= least:
                    break
                d = d * d + (red[above] - r) ** 2 + (blue[above] - b) ** 2
                if d < least:
                    least = d
                    best = above
                above += 1
            while below >= 0:
                d = green[below] - g
                if d * d >= least:
                    break
                d = d * d + (red[below] - r) ** 2 + (blue[below] - b) ** 2
                if d < least:
                    least = d
                    best = below
                below -= 1
            rows[y, x] = best


@njit(cache=True, nogil=True)
def dither_inputs(pixels, rows, colors, spacing, noise, offset, planes):
    """Fill DitherNet's inputs; beyond the picture its last row and column repeat.

    Parameters
    ----------
    pixels : u8[h, w, 3]
    rows : u8[h, w]
        Of the nearest of ``colors``.
    colors : f32[k, 3]
    spacing : f32[k]
        Distance of each colour to the nearest other one, 0..442.
    noise : f32[t, t]
        -0.5..0.5.
    offset : i64[2]
        Where the picture begins in the noise, which is repeated: row, column.
    planes : f32[8, H + 2, W + 2]
        Filled inside the ring: the picture, its error as a share of the spacing, noise and
        spacing, scaled as trained.
    """
    height, width = rows.shape
    tile = noise.shape[0]
    half = np.float32(0.5)
    one = np.float32(1)
    two = np.float32(2)
    eight = np.float32(8)
    for y in range(planes.shape[1] - 2):
        inside = min(y, height - 1)
        for x in range(planes.shape[2] - 2):
            at = min(x, width - 1)
            row = rows[inside, at]
            scale = two / max(spacing[row], one)
            for c in range(3):
                value = np.float32(pixels[inside, at, c]) * LEVEL
                planes[c, y + 1, x + 1] = value - half
                away = np.float32(pixels[inside, at, c]) - colors[row, c]
                planes[3 + c, y + 1, x + 1] = scale * away
            threshold = noise[(y + offset[0]) % tile, (x + offset[1]) % tile]
            planes[6, y + 1, x + 1] = two * threshold
            planes[7, y + 1, x + 1] = eight * LEVEL * spacing[row]


@njit(cache=True, nogil=True)
def error_levels(outputs, inputs, error):
    """Make DitherNet's error image of its last layer's plane: spacing * strength * noise.

    Parameters
    ----------
    outputs : f32[1, H + 2, W + 2]
        The strength before the sigmoid.
    inputs : f32[8, H + 2, W + 2]
        As `dither_inputs` fills them.
    error : f32[h, w]
        Filled, in 8-bit levels.
    """
    one = np.float32(1)
    half = np.float32(0.5)
    levels = np.float32(255 / 8)
    for y in range(error.shape[0]):
        for x in range(error.shape[1]):
            strength = one / (one + np.exp(-outputs[0, y + 1, x + 1]))
            noise = half * inputs[6, y + 1, x + 1]
            spacing = levels * inputs[7, y + 1, x + 1]
            error[y, x] = spacing * noise * strength
