"""CIELAB of slightly blurred pictures, and CIEDE2000 between two of them.

All arithmetic is float32, in loops without branches where possible: those become vector code.
"""

import numpy as np

from ssimgif.kernels.cube_root import cube_roots
from ssimgif.kernels.jit import kernel

_F = np.float32
_ZERO, _QUARTER, _HALF, _ONE, _TWO = _F(0), _F(0.25), _F(0.5), _F(1), _F(2)
_TINY = _F(1e-20)

# Pixels worked on at once: with a size and offsets that are constants, compilers see that the
# loop below can be turned into vector code.
SPAN = 64

# sRGB to XYZ (D65), each row divided by the white point's X, Y or Z.
_XR, _XG, _XB = _F(0.4124564 / 0.95047), _F(0.3575761 / 0.95047), _F(0.1804375 / 0.95047)
_YR, _YG, _YB = _F(0.2126729), _F(0.7151522), _F(0.0721750)
_ZR, _ZG, _ZB = _F(0.0193339 / 1.08883), _F(0.1191920 / 1.08883), _F(0.9503041 / 1.08883)
_EPSILON, _SLOPE, _OFFSET = _F(216 / 24389), _F(24389 / 27 / 116), _F(16 / 116)

_C7 = _F(25.0**7)
_COS30, _SIN30 = _F(np.cos(np.pi / 6)), _F(0.5)
_COS6, _SIN6 = _F(np.cos(np.pi / 30)), _F(np.sin(np.pi / 30))
_COS63, _SIN63 = _F(np.cos(np.deg2rad(63))), _F(np.sin(np.deg2rad(63)))
_COS275, _SIN275 = _F(np.cos(np.deg2rad(275))), _F(np.sin(np.deg2rad(275)))


@kernel(error_model="numpy")
def _linear_row(pixels, linear, out):
    """Turn u8[w, 3] into linear light f32[3, w + 2], the border pixels repeated."""
    width = pixels.shape[0]
    for c in range(3):
        row = out[c]
        inside = row[1 : width + 1]
        for x in range(width):
            inside[x] = linear[pixels[x, c]]
        row[0] = row[1]
        row[width + 1] = row[width]


@kernel(error_model="numpy")
def _blurred_row(above, middle, below, mixed, out):
    """Blur three rows f32[3, w + 2] with [1 2 1] / 4 both ways into f32[3, w]."""
    for c in range(3):
        row_above, row_middle, row_below = above[c], middle[c], below[c]
        for x in range(mixed.shape[0]):
            mixed[x] = _QUARTER * (row_above[x] + row_below[x]) + _HALF * row_middle[x]
        row = out[c]
        width = row.shape[0]
        left, centre, right = mixed[:width], mixed[1 : width + 1], mixed[2 : width + 2]
        for x in range(width):
            row[x] = _QUARTER * (left[x] + right[x]) + _HALF * centre[x]


@kernel(error_model="numpy")
def _lightness(values, roots):
    """Put CIELAB's f of f32[n] into ``roots``."""
    for x in range(values.shape[0]):
        roots[x] = max(values[x], _TINY)
    cube_roots(roots)
    for x in range(values.shape[0]):
        value = values[x]
        roots[x] = roots[x] if value > _EPSILON else value * _SLOPE + _OFFSET


@kernel(error_model="numpy")
def _lab_row(rgb, work, out):
    """Turn linear light f32[3, w] into L, a, b in out f32[3, w]; work f32[2, 3, w]."""
    r, g, b = rgb[0], rgb[1], rgb[2]
    xs, ys, zs = work[0, 0], work[0, 1], work[0, 2]
    for x in range(r.shape[0]):
        xs[x] = _XR * r[x] + _XG * g[x] + _XB * b[x]
        ys[x] = _YR * r[x] + _YG * g[x] + _YB * b[x]
        zs[x] = _ZR * r[x] + _ZG * g[x] + _ZB * b[x]
    for c in range(3):
        _lightness(work[0, c], work[1, c])
    fx, fy, fz = work[1, 0], work[1, 1], work[1, 2]
    lightness, green_red, blue_yellow = out[0], out[1], out[2]
    for x in range(r.shape[0]):
        lightness[x] = _F(116) * fy[x] - _F(16)
        green_red[x] = _F(500) * (fx[x] - fy[x])
        blue_yellow[x] = _F(200) * (fy[x] - fz[x])


@kernel(error_model="numpy")
def blurred_lab(rgb, linear, step, out):
    """CIELAB of every ``step``-th row after a 3x3 binomial blur in linear light.

    Parameters
    ----------
    rgb : u8[h, w, 3]
    linear : f32[256]
        Linear light of each sRGB level.
    step : int
    out : f32[ceil(h / step), 3, w]
    """
    height, width = rgb.shape[:2]
    rows = np.empty((3, 3, width + 2), np.float32)
    mixed = np.empty(width + 2, np.float32)
    blurred = np.empty((3, width), np.float32)
    work = np.empty((2, 3, width), np.float32)
    done = -1
    for k in range(out.shape[0]):
        y = k * step
        last = min(y + 1, height - 1)
        for i in range(max(done + 1, y - 1), last + 1):
            _linear_row(rgb[i], linear, rows[i % 3])
        done = last
        _blurred_row(rows[max(y - 1, 0) % 3], rows[y % 3], rows[last % 3], mixed, blurred)
        _lab_row(blurred, work, out[k])


@kernel(error_model="numpy")
def rotation_table(size):
    """Sine of twice CIEDE2000's rotation angle over the sine of (hue - 275 degrees), f32[size]."""
    out = np.empty(size, np.float32)
    for i in range(size):
        away = np.rad2deg(np.arcsin(-1.0 + 2.0 * i / (size - 1)))
        out[i] = np.sin(np.deg2rad(60.0) * np.exp(-((away / 25.0) ** 2)))
    return out


@kernel(error_model="numpy")
def _terms(block):
    """Work out CIEDE2000 but for the blues' rotation.

    Hue angles are never formed: the mean hue is the bisector of the two hue vectors, and its
    multiples follow from its sine and cosine.

    ``block`` f32[10 * SPAN] holds SPAN values each of L, a, b of the one, L, a, b of the other
    picture, and is given: the sum of the three squared terms; what the rotation's sine
    multiplies; cosine and sine of the mean hue less 275 degrees.
    """
    for x in range(SPAN):
        l1, a1, b1 = block[x], block[x + SPAN], block[x + 2 * SPAN]
        l2, a2, b2 = block[x + 3 * SPAN], block[x + 4 * SPAN], block[x + 5 * SPAN]
        chroma = _HALF * (np.sqrt(a1 * a1 + b1 * b1) + np.sqrt(a2 * a2 + b2 * b2))
        c7 = chroma * chroma * chroma
        c7 = c7 * c7 * chroma
        stretch = _ONE + _HALF * (_ONE - np.sqrt(c7 / (c7 + _C7)))
        a1 *= stretch
        a2 *= stretch
        c1, c2 = np.sqrt(a1 * a1 + b1 * b1), np.sqrt(a2 * a2 + b2 * b2)
        chroma = _HALF * (c1 + c2)

        # The hue difference, 2 sqrt(c1 c2) sin(dh / 2), and the mean hue: each in a form for
        # hues less and one for hues more than 90 degrees apart, so that nothing cancels.
        both, dot, cross = c1 * c2, a1 * a2 + b1 * b2, a1 * b2 - a2 * b1
        backward = (cross < _ZERO) | ((cross == _ZERO) & (b1 < _ZERO))
        sign = -_ONE if backward else _ONE
        near = cross * np.sqrt(_TWO / max(both + dot, _TINY))
        far = sign * np.sqrt(max(_TWO * (both - dot), _ZERO))
        d_h = far if dot < _ZERO else near
        i1, i2 = _ONE / max(c1, _TINY), _ONE / max(c2, _TINY)
        cos1 = sign * (b2 * i2 - b1 * i1) if dot < _ZERO else a1 * i1 + a2 * i2
        sin1 = sign * (a1 * i1 - a2 * i2) if dot < _ZERO else b1 * i1 + b2 * i2
        norm = _ONE / max(np.sqrt(cos1 * cos1 + sin1 * sin1), _TINY)
        cos1 *= norm
        sin1 *= norm
        cos2, sin2 = cos1 * cos1 - sin1 * sin1, _TWO * cos1 * sin1
        cos3, sin3 = cos2 * cos1 - sin2 * sin1, sin2 * cos1 + cos2 * sin1
        cos4, sin4 = cos2 * cos2 - sin2 * sin2, _TWO * cos2 * sin2
        t = _ONE - _F(0.17) * (cos1 * _COS30 + sin1 * _SIN30) + _F(0.24) * cos2
        t += _F(0.32) * (cos3 * _COS6 - sin3 * _SIN6)
        t -= _F(0.20) * (cos4 * _COS63 + sin4 * _SIN63)

        middle = _HALF * (l1 + l2) - _F(50)
        middle *= middle
        d_l = (l2 - l1) / (_ONE + _F(0.015) * middle / np.sqrt(_F(20) + middle))
        d_c = (c2 - c1) / (_ONE + _F(0.045) * chroma)
        d_h /= _ONE + _F(0.015) * chroma * t
        c7 = chroma * chroma * chroma
        c7 = c7 * c7 * chroma
        block[x + 6 * SPAN] = d_l * d_l + d_c * d_c + d_h * d_h
        block[x + 7 * SPAN] = _TWO * np.sqrt(c7 / (c7 + _C7)) * d_c * d_h
        block[x + 8 * SPAN] = cos1 * _COS275 + sin1 * _SIN275
        block[x + 9 * SPAN] = sin1 * _COS275 - cos1 * _SIN275


@kernel
def _equal_halves(block):
    """Tell whether the two colours of all pixels of a block are the same."""
    different = 0
    for x in range(3 * SPAN):
        different += block[x] != block[x + 3 * SPAN]
    return different == 0


@kernel(error_model="numpy")
def ciede2000_row(ours, theirs, rotation, block, out):
    """CIEDE2000 (kL = kC = kH = 1) between Lab rows f32[3, w] into f32[w].

    ``rotation`` is `rotation_table`'s; ``block`` f32[10 * SPAN] is room to work in.
    """
    half_size = _F(0.5 * (rotation.shape[0] - 1))
    for start in range(0, out.shape[0], SPAN):
        count = min(SPAN, out.shape[0] - start)
        for c in range(3):
            block[c * SPAN : c * SPAN + count] = ours[c, start : start + count]
            block[(c + 3) * SPAN : (c + 3) * SPAN + count] = theirs[c, start : start + count]
        if _equal_halves(block):
            out[start : start + count] = _ZERO
            continue
        _terms(block)
        for x in range(count):
            sine = _ZERO
            if block[x + 8 * SPAN] > _ZERO:
                place = (block[x + 9 * SPAN] + _ONE) * half_size
                place = min(max(place, _ZERO), _TWO * half_size - _HALF)
                index = np.uint32(place)
                part = place - _F(index)
                sine = rotation[index] + part * (rotation[index + np.uint32(1)] - rotation[index])
            squares, product = block[x + 6 * SPAN], block[x + 7 * SPAN]
            out[start + x] = np.sqrt(max(squares - product * sine, _ZERO))


@kernel(error_model="numpy")
def difference_map(ours, theirs, rotation, out):
    """CIEDE2000 between f32[h, 3, w] and f32[h, 3, w] into f32[h, w]."""
    block = np.zeros(10 * SPAN, np.float32)
    for y in range(out.shape[0]):
        ciede2000_row(ours[y], theirs[y], rotation, block, out[y])


@kernel(error_model="numpy")
def difference_bins(ours, theirs, rotation, per_unit, out, counts):
    """Round CIEDE2000 of f32[h, 3, w] against f32[h, 3, w] to 1 / per_unit.

    ``out`` i16[h, w] is given them as whole numbers, and i64[bins] their counts are added to. What
    is beyond the last bin counts in it.
    """
    row = np.empty(theirs.shape[2], np.float32)
    block = np.zeros(10 * SPAN, np.float32)
    last = np.int32(counts.shape[0] - 1)
    for y in range(theirs.shape[0]):
        ciede2000_row(ours[y], theirs[y], rotation, block, row)
        bins = out[y]
        for x in range(row.shape[0]):
            bins[x] = np.int16(min(np.int32(row[x] * per_unit + _HALF), last))
        for x in range(row.shape[0]):
            counts[bins[x]] += 1


@kernel
def count_bins(bins, counts):
    """Add the counts of i16[h, w] to i64[bins]."""
    for y in range(bins.shape[0]):
        for x in range(bins.shape[1]):
            counts[bins[y, x]] += 1
