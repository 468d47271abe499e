"""What butteraugli sees in a picture: opponent colours in bands of frequency.

Constants and formulae are those of libjxl 0.11; metrics/local.py explains.
"""

import numpy as np

from ssimgif.kernels.blur import blur_ring, blur_row
from ssimgif.kernels.jit import helper, kernel
from ssimgif.kernels.logarithm import logarithms

_F = np.float32
_ZERO = _F(0)
# Of red, green and blue at 80 nits.
_LONG = _F(80 * 0.29956550340058319), _F(80 * 0.63373087833825936), _F(80 * 0.077705617820981968)
_MIDDLE = _F(80 * 0.22158691104574774), _F(80 * 0.69391388044116142), _F(80 * 0.0987313588422)
_SHORT = _F(80 * 0.02), _F(80 * 0.02), _F(80 * 0.20480129041026129)
_BIAS = _F(1.7557483643287353)
_SHORT_BIAS = _F(12.226454707163354)
_LEAST_SENSITIVITY = _F(1e-4)
_LOUDNESS = _F(6.19424080439)
_LOUDNESS_BIAS = _F(6.19424080439 * 12.61050594197)
_LOUDNESS_BIAS_ROOT = _F(np.sqrt(6.19424080439 * 12.61050594197))


@kernel
def opsin_dynamics(planes, taps):
    """Replace red, green and blue of linear light f32[3, h, w] by X, Y and B of an adapted eye.

    ``taps`` f32[r + 1] are the outermost to the middle tap of the surroundings that it adapts to;
    beyond the border the picture is reflected. No side may be shorter than r.
    """
    height, width = planes.shape[1:]
    radius = taps.shape[0] - 1
    size = 2 * radius + 1
    row = np.empty(width + 2 * radius, np.float32)
    ring = np.empty((3, size, width), np.float32)
    blurred = np.empty((3, width), np.float32)
    cones = np.empty((3, width), np.float32)
    sensitivity = np.empty((3, width), np.float32)
    for y in range(height + radius):
        for c in range(3):
            if y < height:
                _reflected_row(planes[c, y], radius, row)
                blur_row(row, taps, ring[c, y % size])
            else:
                ring[c, y % size] = ring[c, (2 * height - 1 - y) % size]
            if y < radius:
                ring[c, (-1 - y) % size] = ring[c, y]
        if y < radius:
            continue
        for c in range(3):
            blur_ring(ring[c], y, taps, blurred[c])
        line = y - radius
        _absorb(blurred[0], blurred[1], blurred[2], cones)
        for c in range(3):
            _sensitivity(cones[c], _SHORT_BIAS if c == 2 else _BIAS, sensitivity[c])
        _absorb(planes[0, line], planes[1, line], planes[2, line], cones)
        for c in range(3):
            _adapt(cones[c], sensitivity[c], _SHORT_BIAS if c == 2 else _BIAS)
        _opponents(cones, planes[0, line], planes[1, line])
        planes[2, line] = cones[2]


@helper
def _reflected_row(source, radius, out):
    width = source.shape[0]
    for x in range(width):
        out[radius + x] = source[x]
    for k in range(radius):
        out[radius - 1 - k] = source[k]
        out[radius + width + k] = source[width - 1 - k]


@helper
def _absorb(red, green, blue, cones):
    """What the three kinds of cones take of light f32[w]."""
    _mix(red, green, blue, _LONG, _BIAS, cones[0])
    _mix(red, green, blue, _MIDDLE, _BIAS, cones[1])
    _mix(red, green, blue, _SHORT, _SHORT_BIAS, cones[2])


@helper
def _mix(red, green, blue, weights, bias, out):
    r, g, b = weights
    for x in range(out.shape[0]):
        out[x] = r * red[x] + g * green[x] + b * blue[x] + bias


@helper(error_model="numpy")
def _sensitivity(cone, least, out):
    """What a cone answers to its surroundings, by their light."""
    for x in range(cone.shape[0]):
        cone[x] = max(cone[x], least)
        out[x] = cone[x] + _F(9.9710635769299145)
    logarithms(out)
    for x in range(cone.shape[0]):
        answer = _F(19.245013259874995) * out[x] - _F(23.16046239805755)
        out[x] = max(answer / cone[x], _LEAST_SENSITIVITY)


@helper
def _adapt(cone, sensitivity, least):
    for x in range(cone.shape[0]):
        cone[x] = max(cone[x] * sensitivity[x], least)


@helper
def _opponents(cones, red_green, brightness):
    long, middle = cones[0], cones[1]
    for x in range(red_green.shape[0]):
        red_green[x] = long[x] - middle[x]
        brightness[x] = long[x] + middle[x]


@kernel
def blur_inside(planes, taps, across, down, out):
    """Blur f32[n, h, w] by what lies within its borders; ``out`` may be the same.

    Parameters
    ----------
    planes, out : f32[n, h, w]
    taps : f32[r + 1]
        Outermost to middle tap.
    across, down : f32[w], f32[h]
        One over the taps' sum within the borders, at each column and row.
    """
    radius = taps.shape[0] - 1
    row, rings = _blur_memory(planes, radius)
    for y in range(planes.shape[1] + radius):
        _blur_rows(planes, y, taps, across, down, row, rings, out)


@kernel
def _blur_memory(planes, radius):
    """Return a padded row and a ring of rows for each plane, of zeros."""
    count, _, width = planes.shape
    row = np.zeros(width + 2 * radius, np.float32)
    return row, np.zeros((count, 2 * radius + 1, width), np.float32)


@helper
def _blur_rows(planes, y, taps, across, down, row, rings, out):
    """Take row ``y`` of all planes into their rings, and blur the row ``r`` rows above."""
    radius = taps.shape[0] - 1
    for c in range(planes.shape[0]):
        newest = rings[c, y % (2 * radius + 1)]
        if y < planes.shape[1]:
            _copy(planes[c, y], row[radius:])
            blur_row(row, taps, newest)
        else:
            newest[:] = _ZERO
        if y >= radius:
            blurred = out[c, y - radius]
            blur_ring(rings[c], y, taps, blurred)
            _scale(blurred, across, down[y - radius])


@helper
def _copy(row, out):
    for x in range(row.shape[0]):
        out[x] = row[x]


@helper
def _scale(row, across, down):
    for x in range(row.shape[0]):
        row[x] *= across[x] * down


@kernel
def split_low(xyb, low):
    """Take the low frequencies off f32[3, h, w], and scale them to what is seen.

    They are f32[3, ceil(h / 2), ceil(w / 2)], and interpolated.
    """
    height, width = low.shape[1:]
    row = np.empty(width + 2, np.float32)
    for y in range(xyb.shape[1]):
        near, far, share = y // 2, y // 2 - 1 + y % 2 * 2, _F(0.25)
        if far < 0 or far == height:
            far, share = 2 * near - far, _F(-0.25)
        for c in range(3):
            _between(low[c, near], low[c, far], share, row)
            _subtract_doubled(xyb[c, y], row)
    for y in range(height):
        _low_to_values(low[0, y], low[1, y], low[2, y])


@helper
def _between(near, far, share, out):
    """Interpolate rows f32[w] into f32[w + 2], extrapolated by one pixel on both sides."""
    width = near.shape[0]
    for x in range(width):
        out[x + 1] = (_F(1) - share) * near[x] + share * far[x]
    out[0] = _F(2) * out[1] - out[2]
    out[width + 1] = _F(2) * out[width] - out[width - 1]


@helper
def _subtract_doubled(row, half):
    width = row.shape[0]
    for x in range(width // 2):
        middle = _F(0.75) * half[x + 1]
        row[2 * x] -= middle + _F(0.25) * half[x]
        row[2 * x + 1] -= middle + _F(0.25) * half[x + 2]
    if width % 2:
        last = width // 2
        row[width - 1] -= _F(0.75) * half[last + 1] + _F(0.25) * half[last]


@helper
def _subtract(row, other):
    for x in range(row.shape[0]):
        row[x] -= other[x]


@helper
def _low_to_values(red_green, brightness, blue):
    for x in range(red_green.shape[0]):
        blue[x] = _F(49.87984651440) * (blue[x] - _F(0.362267051518) * brightness[x])
        red_green[x] *= _F(33.832837186260)
        brightness[x] *= _F(14.458268100570)


@kernel
def split_middle(planes, taps, across, down, middle):
    """Blur X, Y and B f32[3, h, w] to the middle frequencies, and leave the high ones in X and Y.

    The parameters are those of `blur_inside`.
    """
    radius = taps.shape[0] - 1
    row, rings = _blur_memory(planes, radius)
    for y in range(planes.shape[1] + radius):
        _blur_rows(planes, y, taps, across, down, row, rings, middle)
        if y >= radius:
            line = y - radius
            for c in range(2):
                _subtract(planes[c, line], middle[c, line])
            _suppress(planes[0, line], planes[1, line])
            _shrink(middle[0, line], _F(0.29))
            _grow(middle[1, line], _F(0.1))


@helper(error_model="numpy")
def _suppress(red_green, brightness):
    """Weaken colour where brightness changes."""
    for x in range(red_green.shape[0]):
        square = brightness[x] * brightness[x]
        red_green[x] *= _F(0.653020556257) + _F((1 - 0.653020556257) * 46) / (_F(46) + square)


@helper
def _shrink(row, width):
    for x in range(row.shape[0]):
        row[x] -= min(max(row[x], -width), width)


@helper
def _grow(row, width):
    for x in range(row.shape[0]):
        row[x] += min(max(row[x], -width), width)


@kernel
def split_high(planes, taps, across, down, high, loudness):
    """Blur X and Y f32[2, h, w] to the high frequencies, and leave the ultra-high ones.

    ``loudness`` f32[h, w] becomes what masks errors, before it spreads. The other parameters are
    those of `blur_inside`.
    """
    radius = taps.shape[0] - 1
    row, rings = _blur_memory(planes, radius)
    for y in range(planes.shape[1] + radius):
        _blur_rows(planes, y, taps, across, down, row, rings, high)
        if y >= radius:
            line = y - radius
            _split_high_row(planes[0, line], planes[1, line], high[0, line], high[1, line])
            _loudness(
                planes[0, line], high[0, line], planes[1, line], high[1, line], loudness[line]
            )


@helper
def _split_high_row(ultra_x, ultra_y, high_x, high_y):
    _clamp(high_y, _F(28.4691806922))
    _subtract(ultra_x, high_x)
    _subtract(ultra_y, high_y)
    _shrink(ultra_x, _F(0.04))
    _shrink(high_x, _F(1.5))
    _clamp(ultra_y, _F(5.19175294647))
    _times(ultra_y, _F(2.69313763794))
    _times(high_y, _F(2.155))
    _grow(high_y, _F(0.132))


@helper
def _clamp(row, most):
    """Take off a part of what is beyond."""
    for x in range(row.shape[0]):
        beyond = row[x] - min(max(row[x], -most), most)
        row[x] -= _F(1 - 0.724216145665) * beyond


@helper
def _times(row, factor):
    for x in range(row.shape[0]):
        row[x] *= factor


@helper
def _loudness(ultra_x, high_x, ultra_y, high_y, out):
    for x in range(out.shape[0]):
        red_green = _F(2.5) * (high_x[x] + ultra_x[x])
        brightness = _F(0.4) * (high_y[x] + ultra_y[x])
        loud = np.sqrt(red_green * red_green + brightness * brightness)
        out[x] = np.sqrt(_LOUDNESS * loud + _LOUDNESS_BIAS) - _LOUDNESS_BIAS_ROOT
