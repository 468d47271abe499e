"""Butteraugli as libjxl 0.11 defines it, in float64 with whole planes.

Low frequencies may be found at half the size instead, as the kernels do.
"""

import numpy as np

from reference.quality import linear_light

GOOD = 17.83 * 0.79079917404
TO_OPSIN = np.array(
    [
        [0.29956550340058319, 0.63373087833825936, 0.077705617820981968],
        [0.22158691104574774, 0.69391388044116142, 0.0987313588422],
        [0.02, 0.02, 0.20480129041026129],
    ]
)
OPSIN_BIAS = np.array([1.7557483643287353, 1.7557483643287353, 12.226454707163354])
# The places of each line (down, right), all through the pixel; those against the centre are added.
LONG = [
    [(0, 1), (0, 2), (0, 3), (0, 4)],
    [(1, 0), (2, 0), (3, 0), (4, 0)],
    [(1, 1), (2, 2), (3, 3)],
    [(1, -1), (2, -2), (3, -3)],
    [(1, 0), (2, -1), (3, -1), (4, -1)],
    [(1, 0), (2, 1), (3, 1), (4, 1)],
    [(0, 1), (1, 2), (1, 3), (1, 4)],
    [(0, 1), (-1, 2), (-1, 3), (-1, 4)],
    [(1, 1), (2, 1), (3, 2)],
    [(1, -1), (2, -1), (3, -2)],
    [(1, 1), (1, 2), (2, 3)],
    [(1, -1), (1, -2), (2, -3)],
    [(0, 1), (-1, 2), (-1, 3), (-1, 4)],
    [(0, 1), (1, 2), (1, 3), (1, 4)],
    [(1, 0), (2, 1), (3, 1), (4, 1)],
    [(1, 0), (2, -1), (3, -1), (4, -1)],
]
SPARSE = [
    [(0, 2), (0, 4)],
    [(2, 0), (4, 0)],
    [(2, 2), (3, 3)],
    [(2, -2), (3, -3)],
    [(2, -1), (4, -1)],
    [(2, 1), (4, 1)],
    [(1, 2), (1, 4)],
    [(-1, 2), (-1, 4)],
    [(2, 1), (3, 2)],
    [(2, -1), (3, -2)],
    [(1, 2), (2, 3)],
    [(1, -2), (2, -3)],
    [(1, -2), (2, -4)],
    [(1, 2), (2, 4)],
    [(2, 1), (4, 2)],
    [(2, -1), (4, -2)],
]


LOW, MIDDLE, HIGH, ULTRA = range(4)
# Band; what its lines are scaled by; weight and norm of X and of Y.
MALTA = [
    (
        MIDDLE,
        SPARSE,
        0.611612573796,
        (8246.75321353, 1009002.70582),
        (37.0819870399, 130262059.556),
    ),
    (HIGH, SPARSE, 0.611612573796, (6923.99476109, 8051.15833247), (18.7237414387, 4498534.45232)),
    (ULTRA, LONG, 0.39905817637, (173.5, 5.0), (1.10039032555, 71.7800275169)),
]


def low_as_defined(plane):
    """Low frequencies, and what is taken off the others."""
    low = _blur(plane, 7.15593339443)
    return low, low


def low_at_half_size(plane):
    height, width = plane.shape
    even = ((0, height % 2), (0, width % 2))
    inside = _quartered(np.pad(np.ones_like(plane), even))
    low = _gaussian(_quartered(np.pad(plane, even)), 3.56) / _gaussian(inside, 3.56)
    repeated = np.repeat(np.repeat(low, 2, axis=0), 2, axis=1)
    return repeated[:height, :width], _doubled(_doubled(low).T).T[:height, :width]


def _quartered(plane):
    return (plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2] + plane[1::2, 1::2]) / 4


def _doubled(plane):
    """Twice the rows, interpolated; extrapolated at the border."""
    padded = np.pad(plane, ((1, 1), (0, 0)), "reflect", reflect_type="odd")
    above, here, below = padded[:-2], padded[1:-1], padded[2:]
    rows = np.stack([0.75 * here + 0.25 * above, 0.75 * here + 0.25 * below], axis=1)
    return rows.reshape(-1, plane.shape[1])


def diffmap(source, picture, low=low_as_defined):
    """f64[h, w] of u8[h, w, 3], at 80 nits."""
    height, width = source.shape[:2]
    pads = [max(0, 8 - side) for side in (height, width)]
    before = [pad // 2 for pad in pads]
    around = [(b, pad - b) for b, pad in zip(before, pads, strict=True)]
    linear = [linear_light(np.pad(p, (*around, (0, 0)), "edge")) for p in (source, picture)]
    out = _one_scale(*linear, low)
    halves = [_halved(p) for p in linear]
    if min(halves[0].shape[:2]) >= 8:
        coarse = np.repeat(np.repeat(_one_scale(*halves, low), 2, axis=0), 2, axis=1)
        out = 0.85 * out + 0.5 * coarse[: out.shape[0], : out.shape[1]]
    return out[before[0] : before[0] + height, before[1] : before[1] + width]


def norm3(errors):
    return np.mean([(errors**p).mean() ** (1 / p) for p in (3, 6, 12)])


def _one_scale(source, picture, low):
    a, b = _bands(source, low), _bands(picture, low)
    low = _squares(a[LOW], b[LOW], (29.2353797994, 0.844626970982, 0.703646627719))
    high = _squares(a[MIDDLE], b[MIDDLE], (2150.0, 10.6195433239, 16.2176043152))
    for band, lines, scale, *parameters in MALTA:
        for p, q, (weight, norm) in zip(a[band][:2], b[band][:2], parameters, strict=True):
            high += _malta(p, q, weight, norm, scale, lines)
    weights = (0.8 * 400.0, 0.8 * 1.50815703118)
    high += _squares(a[HIGH], b[HIGH], weights)
    for p, q, weight in zip(a[HIGH], b[HIGH], weights, strict=True):
        high += weight * _one_sided(p, q, 0.4, 1.0) ** 2
    activity = [_activity(bands) for bands in (a, b)]
    high += 10 * (activity[0] - activity[1]) ** 2
    mask = _eroded(activity[0])
    low *= ((1 + 0.505054525019 / (3.87449418804 * mask + 0.20025578522)) / GOOD) ** 2
    high *= ((1 + 2.5485944793 / (0.451936922203 * mask + 0.829591754942)) / GOOD) ** 2
    return np.sqrt(low + high)


def _squares(a, b, weights):
    return sum(w * (p - q) ** 2 for p, q, w in zip(a, b, weights, strict=True))


def _bands(linear, find_low):
    """Low [X Y B], middle [X Y B], high [X Y] and ultra-high [X Y] frequencies."""
    xyb = _opsin_dynamics(linear)
    low, taken = zip(*(find_low(p) for p in xyb), strict=True)
    rest = [p - q for p, q in zip(xyb, taken, strict=True)]
    middle = [_blur(p, 3.22489901262) for p in rest]
    high = [p - q for p, q in zip(rest[:2], middle[:2], strict=True)]
    high[0] *= 0.653020556257 + (1 - 0.653020556257) * 46 / (46 + high[1] ** 2)
    blurred = [_blur(p, 1.56416327805) for p in high]
    blurred[1] = _clamped(blurred[1], 28.4691806922)
    ultra = [p - q for p, q in zip(high, blurred, strict=True)]
    ultra = [_shrunk(ultra[0], 0.04), 2.69313763794 * _clamped(ultra[1], 5.19175294647)]
    high = [_shrunk(blurred[0], 1.5), _grown(2.155 * blurred[1], 0.132)]
    middle = [_shrunk(middle[0], 0.29), _grown(middle[1], 0.1), middle[2]]
    low = [
        33.832837186260 * low[0],
        14.458268100570 * low[1],
        49.87984651440 * (low[2] - 0.362267051518 * low[1]),
    ]
    return low, middle, high, ultra


def _opsin_dynamics(linear):
    nits = 80 * linear
    taps = np.exp(-(np.arange(-2, 3) ** 2) / (2 * 1.2**2))
    taps /= taps.sum()
    blurred = np.pad(nits, ((2, 2), (2, 2), (0, 0)), "symmetric")
    blurred = sum(t * blurred[k : k + nits.shape[0]] for k, t in enumerate(taps))
    blurred = sum(t * blurred[:, k : k + nits.shape[1]] for k, t in enumerate(taps))
    adapted = np.maximum(blurred @ TO_OPSIN.T + OPSIN_BIAS, OPSIN_BIAS)
    gamma = 19.245013259874995 * np.log(adapted + 9.9710635769299145) - 23.16046239805755
    cones = (nits @ TO_OPSIN.T + OPSIN_BIAS) * np.maximum(gamma / adapted, 1e-4)
    long, middle, short = np.moveaxis(np.maximum(cones, OPSIN_BIAS), 2, 0)
    return long - middle, long + middle, short


def _blur(plane, sigma):
    """Blur; at the border what is inside weighs the more."""
    return _gaussian(plane, sigma) / _gaussian(np.ones_like(plane), sigma)


def _gaussian(plane, sigma):
    """Sum within a Gaussian that is cut off at 2.25 sigma; there is nothing beyond the border."""
    radius = int(2.25 * sigma)
    for _ in range(2):
        padded, rows = np.pad(plane, ((radius, radius), (0, 0))), len(plane)
        taps = enumerate(np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2)))
        plane = sum(t * padded[k : k + rows] for k, t in taps).T
    return plane


def _shrunk(plane, width):
    return np.sign(plane) * np.maximum(np.abs(plane) - width, 0)


def _grown(plane, width):
    return plane + np.clip(plane, -width, width)


def _clamped(plane, most):
    return plane - (1 - 0.724216145665) * (plane - np.clip(plane, -most, most))


def _one_sided(p, q, low, high):
    """By how much q, seen in the direction of p, falls short of low |p| or, below 0, exceeds."""
    a, b = np.abs(p), np.where(p < 0, -q, q)
    return np.maximum(low * a - b, 0) - np.maximum(b - high * a, 0)


def _malta(p, q, weight, norm, scale, lines):
    """Squared sums of the differences along lines through each pixel."""
    size = 0.5 * (np.abs(p) + np.abs(q))
    away = np.where(p < 0, -1, 1) * _one_sided(p, q, 0.55, 1.05)
    differences = np.sqrt(0.5 * weight) * (p - q) + np.sqrt(0.33 * weight) * away
    differences *= scale / 8.5 * norm / (norm + size)
    padded = np.pad(differences, 4)
    height, width = p.shape
    total = np.zeros_like(p)
    for line in lines:
        along = differences.copy()
        for down, right in line:
            for sign in (-1, 1):
                y, x = 4 + sign * down, 4 + sign * right
                along += padded[y : y + height, x : x + width]
        total += along**2
    return total


def _activity(bands):
    _, _, high, ultra = bands
    loud = np.hypot(2.5 * (ultra[0] + high[0]), 0.4 * (ultra[1] + high[1]))
    bias = 6.19424080439 * 12.61050594197
    return _blur(np.sqrt(6.19424080439 * loud + bias) - np.sqrt(bias), 2.7)


def _eroded(plane):
    """Weighted mean of the three least of a pixel, of twice it, twice, and of those 3 px away."""
    height, width = plane.shape
    padded = np.pad(plane, 3, constant_values=np.inf)
    around = [
        padded[y : y + height, x : x + width]
        for y in (0, 3, 6)
        for x in (0, 3, 6)
        if (y, x) != (3, 3)
    ]
    first, second, third = np.sort([plane, 2 * plane, 2 * plane, *around], axis=0)[:3]
    return 0.45 * first + 0.3 * second + 0.25 * third


def _halved(picture):
    odd = [(0, size % 2) for size in picture.shape[:2]]
    p = np.pad(picture, (*odd, (0, 0)), mode="edge")
    return (p[::2, ::2] + p[1::2, ::2] + p[::2, 1::2] + p[1::2, 1::2]) / 4
