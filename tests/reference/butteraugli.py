"""Butteraugli as libjxl 0.11 defines it, plane by plane in float64 with whole-plane numpy."""

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


def diffmap(source, picture):
    """f64[h, w] of u8[h, w, 3], at 80 nits."""
    height, width = source.shape[:2]
    pads = [max(0, 8 - side) for side in (height, width)]
    before = [pad // 2 for pad in pads]
    around = [(b, pad - b) for b, pad in zip(before, pads, strict=True)]
    linear = [linear_light(np.pad(p, (*around, (0, 0)), "edge")) for p in (source, picture)]
    out = _one_scale(*linear)
    halves = [_halved(p) for p in linear]
    if min(halves[0].shape[:2]) >= 8:
        coarse = np.repeat(np.repeat(_one_scale(*halves), 2, axis=0), 2, axis=1)
        out = 0.85 * out + 0.5 * coarse[: out.shape[0], : out.shape[1]]
    return out[before[0] : before[0] + height, before[1] : before[1] + width]


def norm3(errors):
    return np.mean([(errors**p).mean() ** (1 / p) for p in (3, 6, 12)])


def _one_scale(source, picture):
    a, b = _bands(source), _bands(picture)
    low = sum(
        weight * (p - q) ** 2
        for weight, p, q in zip(
            (29.2353797994, 0.844626970982, 0.703646627719), a[0], b[0], strict=False
        )
    )
    high = sum(
        weight * (p - q) ** 2
        for weight, p, q in zip((2150.0, 10.6195433239, 16.2176043152), a[1], b[1], strict=False)
    )
    for (weight, norm), p, q in zip(
        ((8246.75321353, 1009002.70582), (37.0819870399, 130262059.556)), a[1], b[1], strict=False
    ):
        high += _malta(p, q, weight, norm, SPARSE, 0.611612573796)
    for (weight, norm), p, q in zip(
        ((6923.99476109, 8051.15833247), (18.7237414387, 4498534.45232)), a[2], b[2], strict=False
    ):
        high += _malta(p, q, weight, norm, SPARSE, 0.611612573796)
    for (weight, norm), p, q in zip(
        ((173.5, 5.0), (1.10039032555, 71.7800275169)), a[3], b[3], strict=False
    ):
        high += _malta(p, q, weight, norm, LONG, 0.39905817637)
    for weight, p, q in zip((400.0, 1.50815703118), a[2], b[2], strict=False):
        high += 0.8 * weight * ((p - q) ** 2 + _one_sided(p, q, 0.4, 1.0) ** 2)
    activity = [_activity(bands) for bands in (a, b)]
    high += 10 * (activity[0] - activity[1]) ** 2
    mask = _eroded(activity[0])
    low *= ((1 + 0.505054525019 / (3.87449418804 * mask + 0.20025578522)) / GOOD) ** 2
    high *= ((1 + 2.5485944793 / (0.451936922203 * mask + 0.829591754942)) / GOOD) ** 2
    return np.sqrt(low + high)


def _bands(linear):
    """Low [X Y B], middle [X Y B], high [X Y] and ultra-high [X Y] frequencies."""
    xyb = _opsin_dynamics(linear)
    low = [_blur(p, 7.15593339443) for p in xyb]
    rest = [p - q for p, q in zip(xyb, low, strict=False)]
    middle = [_blur(p, 3.22489901262) for p in rest]
    high = [p - q for p, q in zip(rest[:2], middle[:2], strict=False)]
    high[0] *= 0.653020556257 + (1 - 0.653020556257) * 46 / (46 + high[1] ** 2)
    blurred = [_blur(p, 1.56416327805) for p in high]
    blurred[1] = _clamped(blurred[1], 28.4691806922)
    ultra = [p - q for p, q in zip(high, blurred, strict=False)]
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
    """Gaussian cut off at 2.25 sigma; at the border what is inside weighs the more."""
    radius = int(2.25 * sigma)
    taps = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    for _ in range(2):
        inside = np.pad(np.ones_like(plane), ((radius, radius), (0, 0)))
        padded = np.pad(plane, ((radius, radius), (0, 0)))
        rows = [slice(k, k + len(plane)) for k in range(len(taps))]
        weight = sum(t * inside[r] for t, r in zip(taps, rows, strict=False))
        plane = (sum(t * padded[r] for t, r in zip(taps, rows, strict=False)) / weight).T
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


def _malta(p, q, weight, norm, lines, scale):
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
    """Mean of the three least values among the pixel and those 3 px away."""
    height, width = plane.shape
    out = np.empty_like(plane)
    for y in range(height):
        for x in range(width):
            least = [plane[y, x], 2 * plane[y, x], 2 * plane[y, x]]
            for v in (y - 3, y, y + 3):
                for u in (x - 3, x, x + 3):
                    if 0 <= v < height and 0 <= u < width and (v, u) != (y, x):
                        least.append(plane[v, u])
            out[y, x] = np.dot(sorted(least)[:3], (0.45, 0.3, 0.25))
    return out


def _halved(picture):
    odd = [(0, size % 2) for size in picture.shape[:2]]
    p = np.pad(picture, (*odd, (0, 0)), mode="edge")
    return (p[::2, ::2] + p[1::2, ::2] + p[::2, 1::2] + p[1::2, 1::2]) / 4
