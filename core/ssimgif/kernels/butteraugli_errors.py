"""What butteraugli finds between the bands of two pictures; metrics/local.py explains."""

import numpy as np

from ssimgif.kernels.jit import helper, kernel

_F = np.float32
_ZERO = _F(0)
# How far the lines reach, and columns and rows that are taken together.
_REACH = 4
_COLUMNS = 512
_ROWS = 48
_GOOD = _F(1 / (17.83 * 0.79079917404))


@kernel
def squared_errors(source, coded, weights, out):
    """Add the weighted squared differences of f32[n, h, w] to f32[h, w]."""
    for y in range(out.shape[0]):
        for c in range(source.shape[0]):
            _add_squares(source[c, y], coded[c, y], weights[c], out[y])


@helper
def _add_squares(source, coded, weight, out):
    for x in range(out.shape[0]):
        error = source[x] - coded[x]
        out[x] += weight * (error * error)


@kernel
def malta_sparse(source, coded, square, one_sided, both, beyond, norm, out):
    """Add squared differences, and those along 16 lines of five pixels, to f32[h, w].

    Parameters
    ----------
    source, coded : f32[h, w]
    square, one_sided : f32
        Weights of the squared difference, and of the square of what is too weak or too strong.
    both, beyond, norm : f32
        Along lines, weights of the difference and of its part that is too weak or too strong, and
        the size of values at which they halve.
    out : f32[h, w]
    """
    height, width = source.shape
    rows = np.empty((_ROWS + 2 * _REACH, _COLUMNS + 2 * _REACH), np.float32)
    differs = np.empty((_ROWS + 2 * _REACH, 2), np.int64)
    for top in range(0, height, _ROWS):
        for left in range(0, width, _COLUMNS):
            _differences(source, coded, both, beyond, norm, top, left, rows, differs)
            for y in range(min(_ROWS, height - top)):
                near = differs[y : y + 2 * _REACH + 1]
                first, last = near[:, 0].min(), min(near[:, 1].max(), width - left)
                if first >= last:
                    continue
                row = out[top + y, left + first : left + last]
                _add_sparse_lines(rows[:, first:], y, row)
                if square > _ZERO:
                    theirs = source[top + y, left + first : left + last]
                    ours = coded[top + y, left + first : left + last]
                    _add_one_sided(theirs, ours, square, one_sided, row)


@kernel
def malta_long(source, coded, square, one_sided, both, beyond, norm, out):
    """Add squared differences, and those along 16 lines of seven or nine pixels, to f32[h, w].

    The parameters are those of `malta_sparse`.
    """
    height, width = source.shape
    rows = np.empty((_ROWS + 2 * _REACH, _COLUMNS + 2 * _REACH), np.float32)
    differs = np.empty((_ROWS + 2 * _REACH, 2), np.int64)
    for top in range(0, height, _ROWS):
        for left in range(0, width, _COLUMNS):
            _differences(source, coded, both, beyond, norm, top, left, rows, differs)
            for y in range(min(_ROWS, height - top)):
                near = differs[y : y + 2 * _REACH + 1]
                first, last = near[:, 0].min(), min(near[:, 1].max(), width - left)
                if first >= last:
                    continue
                row = out[top + y, left + first : left + last]
                _add_long_lines(rows[:, first:], y, row)
                if square > _ZERO:
                    theirs = source[top + y, left + first : left + last]
                    ours = coded[top + y, left + first : left + last]
                    _add_one_sided(theirs, ours, square, one_sided, row)


@helper
def _add_one_sided(source, coded, square, one_sided, out):
    for x in range(out.shape[0]):
        p, q = source[x], coded[x]
        size = abs(p)
        along = -q if p < _ZERO else q
        error = p - q
        weak = max(_F(0.4) * size - along, _ZERO)
        strong = max(along - size, _ZERO)
        out[x] += square * (error * error) + one_sided * (weak * weak + strong * strong)


@kernel
def _differences(source, coded, both, beyond, norm, top, left, out, differs):
    """Lay out the weighted differences around a tile, and between which columns lines meet them.

    Beyond the border there are none. Of a row without differences the first column is behind the
    last one.
    """
    height, width = source.shape
    first, last = max(left - _REACH, 0), min(left + _COLUMNS + _REACH, width)
    offset = first - left + _REACH
    for i in range(min(_ROWS, height - top) + 2 * _REACH):
        row, y = out[i], top + i - _REACH
        row[:offset] = _ZERO
        row[offset + last - first :] = _ZERO
        differs[i, 0], differs[i, 1] = _COLUMNS, 0
        if 0 <= y < height and _differ(source[y, first:last], coded[y, first:last]):
            theirs, ours = source[y, first:last], coded[y, first:last]
            _difference_row(theirs, ours, both, beyond, norm, row[offset:])
            # What is in row[x] is met by the lines of columns x - 2 * _REACH to x.
            differs[i, 0] = max(offset + _first_difference(theirs, ours) - 2 * _REACH, 0)
            back = _first_difference(theirs[::-1], ours[::-1])
            differs[i, 1] = min(offset + last - first - back, _COLUMNS)
        else:
            row[:] = _ZERO


@helper
def _differ(source, coded):
    count = 0
    for x in range(source.shape[0]):
        count += source[x] != coded[x]
    return count > 0


@helper
def _first_difference(source, coded):
    x = 0
    while source[x] == coded[x]:
        x += 1
    return x


@helper(error_model="numpy")
def _difference_row(source, coded, both, beyond, norm, out):
    for x in range(source.shape[0]):
        p, q = source[x], coded[x]
        size = abs(p)
        along = -q if p < _ZERO else q
        away = max(_F(0.55) * size - along, _ZERO) - max(along - _F(1.05) * size, _ZERO)
        away = -away if p < _ZERO else away
        scale = norm / (norm + _F(0.5) * (size + abs(q)))
        out[x] = scale * (both * (p - q) + beyond * away)


@helper
def _pair(rows, y, x, down, right):
    """What lies on both sides of a pixel.

    Indices without a sign: that none of them counts from the end is not known before it is inlined,
    and to ask it of each would keep its loops from being vectorised.
    """
    there = rows[np.uintp(y + (_REACH + down)), np.uintp(x + (_REACH + right))]
    return there + rows[np.uintp(y + (_REACH - down)), np.uintp(x + (_REACH - right))]


@helper
def _add_sparse_lines(rows, y, out):
    for x in range(out.shape[0]):
        centre = rows[y + _REACH, x + _REACH]
        s = centre + _pair(rows, y, x, 0, 2) + _pair(rows, y, x, 0, 4)
        total = s * s
        s = centre + _pair(rows, y, x, 2, 0) + _pair(rows, y, x, 4, 0)
        total += s * s
        s = centre + _pair(rows, y, x, 2, 2) + _pair(rows, y, x, 3, 3)
        total += s * s
        s = centre + _pair(rows, y, x, 2, -2) + _pair(rows, y, x, 3, -3)
        total += s * s
        near = centre + _pair(rows, y, x, 2, 1)
        s = near + _pair(rows, y, x, 4, 1)
        total += s * s
        s = near + _pair(rows, y, x, 3, 2)
        total += s * s
        s = near + _pair(rows, y, x, 4, 2)
        total += s * s
        near = centre + _pair(rows, y, x, 2, -1)
        s = near + _pair(rows, y, x, 4, -1)
        total += s * s
        s = near + _pair(rows, y, x, 3, -2)
        total += s * s
        s = near + _pair(rows, y, x, 4, -2)
        total += s * s
        near = centre + _pair(rows, y, x, 1, 2)
        s = near + _pair(rows, y, x, 1, 4)
        total += s * s
        s = near + _pair(rows, y, x, 2, 3)
        total += s * s
        s = near + _pair(rows, y, x, 2, 4)
        total += s * s
        near = centre + _pair(rows, y, x, 1, -2)
        s = near + _pair(rows, y, x, 1, -4)
        total += s * s
        s = near + _pair(rows, y, x, 2, -3)
        total += s * s
        s = near + _pair(rows, y, x, 2, -4)
        total += s * s
        out[x] += total


@helper
def _add_long_lines(rows, y, out):
    """Four of the lines are there twice."""
    for x in range(out.shape[0]):
        centre = rows[y + _REACH, x + _REACH]
        across = centre + _pair(rows, y, x, 0, 1)
        s = across + _pair(rows, y, x, 0, 2) + _pair(rows, y, x, 0, 3) + _pair(rows, y, x, 0, 4)
        once = s * s
        s = across + _pair(rows, y, x, 1, 2) + _pair(rows, y, x, 1, 3) + _pair(rows, y, x, 1, 4)
        twice = s * s
        s = across + _pair(rows, y, x, 1, -2) + _pair(rows, y, x, 1, -3) + _pair(rows, y, x, 1, -4)
        twice += s * s
        down = centre + _pair(rows, y, x, 1, 0)
        s = down + _pair(rows, y, x, 2, 0) + _pair(rows, y, x, 3, 0) + _pair(rows, y, x, 4, 0)
        once += s * s
        s = down + _pair(rows, y, x, 2, 1) + _pair(rows, y, x, 3, 1) + _pair(rows, y, x, 4, 1)
        twice += s * s
        s = down + _pair(rows, y, x, 2, -1) + _pair(rows, y, x, 3, -1) + _pair(rows, y, x, 4, -1)
        twice += s * s
        falling = centre + _pair(rows, y, x, 1, 1)
        s = falling + _pair(rows, y, x, 2, 2) + _pair(rows, y, x, 3, 3)
        once += s * s
        s = falling + _pair(rows, y, x, 2, 1) + _pair(rows, y, x, 3, 2)
        once += s * s
        s = falling + _pair(rows, y, x, 1, 2) + _pair(rows, y, x, 2, 3)
        once += s * s
        rising = centre + _pair(rows, y, x, 1, -1)
        s = rising + _pair(rows, y, x, 2, -2) + _pair(rows, y, x, 3, -3)
        once += s * s
        s = rising + _pair(rows, y, x, 2, -1) + _pair(rows, y, x, 3, -2)
        once += s * s
        s = rising + _pair(rows, y, x, 1, -2) + _pair(rows, y, x, 2, -3)
        once += s * s
        out[x] += once + _F(2) * twice


@kernel
def erode(plane, out):
    """Weighted mean of the three least of a pixel of f32[h, w] and of those 3 px away."""
    height, width = plane.shape
    padded = np.full(width + 6, np.float32(np.inf), np.float32)
    least = np.empty((3, width), np.float32)
    for y in range(height):
        row = plane[y]
        _begin(row, least[0], least[1], least[2])
        for v in range(y - 3, y + 4, 3):
            if v < 0 or v >= height:
                continue
            padded[3 : width + 3] = plane[v]
            _take(padded, least[0], least[1], least[2])
            if v != y:
                _take(padded[3:], least[0], least[1], least[2])
            _take(padded[6:], least[0], least[1], least[2])
        _mean_of_least(least[0], least[1], least[2], out[y])


@helper
def _begin(row, first, second, third):
    for x in range(row.shape[0]):
        first[x] = row[x]
        second[x] = third[x] = _F(2) * row[x]


@helper
def _take(row, first, second, third):
    """Keep the three least values of each column, in order."""
    for x in range(first.shape[0]):
        value = row[x]
        larger = max(first[x], value)
        first[x] = min(first[x], value)
        third[x] = min(third[x], max(second[x], larger))
        second[x] = min(second[x], larger)


@helper
def _mean_of_least(first, second, third, out):
    for x in range(out.shape[0]):
        out[x] = _F(0.45) * first[x] + _F(0.3) * second[x] + _F(0.25) * third[x]


@kernel
def mask_errors(low, high, mask):
    """Turn squared errors f32[h, w] into those seen where the source masks them.

    Parameters
    ----------
    low : f32[ceil(h / 2), ceil(w / 2)]
        Squared errors of low frequencies, at half the size.
    high : f32[h, w]
        Those of the others; becomes the root of the sum.
    mask : f32[h, w]
    """
    width = high.shape[1]
    row = np.empty(2 * low.shape[1], np.float32)
    for y in range(high.shape[0]):
        _repeat(low[y // 2], row)
        _mask_row(row[:width], high[y], mask[y])


@helper
def _repeat(row, out):
    for x in range(row.shape[0]):
        out[2 * x] = row[x]
        out[2 * x + 1] = row[x]


@helper(error_model="numpy")
def _mask_row(low, high, mask):
    for x in range(high.shape[0]):
        a = _F(1) + _F(0.505054525019) / (_F(3.87449418804) * mask[x] + _F(0.20025578522))
        b = _F(1) + _F(2.5485944793) / (_F(0.451936922203) * mask[x] + _F(0.829591754942))
        high[x] = _GOOD * np.sqrt(low[x] * (a * a) + high[x] * (b * b))


@kernel
def add_coarse(coarse, out):
    """Mix the errors at half the size, f32[ceil(h / 2), ceil(w / 2)], into f32[h, w]."""
    for y in range(out.shape[0]):
        row, half = out[y], coarse[y // 2]
        for x in range(row.shape[0] // 2):
            row[2 * x] = _F(0.85) * row[2 * x] + _F(0.5) * half[x]
            row[2 * x + 1] = _F(0.85) * row[2 * x + 1] + _F(0.5) * half[x]
        if row.shape[0] % 2:
            row[-1] = _F(0.85) * row[-1] + _F(0.5) * half[-1]


@kernel
def power_sums(plane, sums):
    """Sum the third, sixth and twelfth powers of each row of f32[h, w] into f64[h, 3]."""
    powers = np.empty((3, plane.shape[1]))
    for y in range(plane.shape[0]):
        _powers(plane[y], powers[0], powers[1], powers[2])
        for k in range(3):
            sums[y, k] = _sum(powers[k])


@helper
def _powers(row, third, sixth, twelfth):
    for x in range(row.shape[0]):
        value = np.float64(row[x])
        cube = value * value * value
        square = cube * cube
        third[x] = cube
        sixth[x] = square
        twelfth[x] = square * square


@helper
def _sum(row):
    """Add up a row, in four parts at once."""
    a = b = c = d = 0.0
    last = row.shape[0] // 4 * 4
    for x in range(0, last, 4):
        a += row[x]
        b += row[x + 1]
        c += row[x + 2]
        d += row[x + 3]
    for x in range(last, row.shape[0]):
        a += row[x]
    return (a + b) + (c + d)
