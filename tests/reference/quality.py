"""Slow, obvious twins of the quality kernels, by scipy and scikit-image."""

import numpy as np
from scipy import ndimage
from skimage.color import deltaE_ciede2000

GAUSSIAN = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
GAUSSIAN /= GAUSSIAN.sum()
BINOMIAL3 = np.array([1, 2, 1]) / 4
BINOMIAL5 = np.array([1, 4, 6, 4, 1]) / 16


def blur(plane, taps, mode="reflect"):
    return ndimage.correlate1d(ndimage.correlate1d(plane, taps, 0, mode=mode), taps, 1, mode=mode)


def linear_light(rgb):
    levels = rgb / 255.0
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def ssim_weights(luma):
    plane = luma.astype(float)
    variance = blur(plane**2, GAUSSIAN) - blur(plane, GAUSSIAN) ** 2
    return blur(1 / (2 * variance + (0.03 * 255) ** 2), GAUSSIAN)


def color_difference(source, picture):
    return deltaE_ciede2000(_blurred_lab(source), _blurred_lab(picture))


def _blurred_lab(rgb):
    linear = blur(linear_light(rgb), BINOMIAL3)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    x, y, z = np.moveaxis(linear @ to_xyz.T / [0.95047, 1.0, 1.08883], 2, 0)
    x, y, z = (
        np.where(v > 216 / 24389, np.cbrt(v), (v * 24389 / 27 + 16) / 116) for v in (x, y, z)
    )
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=2)


def false_contours(source, picture):
    span = ndimage.maximum_filter(source, 5).astype(int) - ndimage.minimum_filter(source, 5)
    return (span <= 3) & (_steps(picture) - _steps(source) >= 1)


def _steps(luma):
    plane = blur(luma.astype(float), BINOMIAL5)
    across = np.abs(np.diff(plane, axis=1, append=plane[:, -1:]))
    down = np.abs(np.diff(plane, axis=0, append=plane[-1:]))
    return np.maximum(across, down)


def looks(source, picture, weights):
    """SSIMULACRA2 with all its weights, f64[108]."""
    pictures = [linear_light(p) for p in (source, picture)]
    norms = []
    for scale in range(6):
        if min(pictures[0].shape[:2]) < 8:
            break
        if scale:
            pictures = [_halved(p) for p in pictures]
        norms.append(_norms(*(_xyb(p) for p in pictures)))
    error = (weights[: 18 * len(norms)] * np.stack(norms, axis=1).ravel()).sum()
    error *= 0.9562382616834844
    error = (
        2.326765642916932 * error
        - 0.020884521182843837 * error**2
        + 6.248496625763138e-05 * error**3
    )
    return 100 - 10 * error**0.6276336467831387 if error > 0 else 100.0


def _halved(picture):
    odd = [(0, size % 2) for size in picture.shape[:2]]
    p = np.pad(picture, (*odd, (0, 0)), mode="edge")
    return (p[::2, ::2] + p[1::2, ::2] + p[::2, 1::2] + p[1::2, 1::2]) / 4


def _xyb(linear):
    bias = 0.0037930732552754493
    to_cones = np.array(
        [
            [0.30, 0.622, 0.078],
            [0.23, 0.692, 0.078],
            [0.24342268924547819, 0.20476744424496821, 0.5518098665095536],
        ]
    )
    long, middle, short = np.moveaxis(np.cbrt(linear @ to_cones.T + bias) - np.cbrt(bias), 2, 0)
    x, y = (long - middle) / 2, (long + middle) / 2
    return x * 14 + 0.42, y + 0.01, short - y + 0.55


def _norms(source, picture):
    """[component, norm, kind]"""
    return np.array([_plane_norms(a, b) for a, b in zip(source, picture, strict=True)])


def _plane_norms(a, b):
    half = [0.00941436781, 0.0360111147, 0.109335373, 0.212928592]
    taps = [*half, 0.264621105, *half[::-1]]

    def mean(plane):
        return blur(plane, taps, mode="constant")

    ma, mb = mean(a), mean(b)
    covariance = mean(a * b) - ma * mb
    variances = mean(a * a) - ma * ma + mean(b * b) - mb * mb
    similarity = (1 - (ma - mb) ** 2) * (2 * covariance + 0.0009) / (variances + 0.0009)
    edges = (1 + np.abs(b - mb)) / (1 + np.abs(a - ma)) - 1
    kinds = [np.maximum(e, 0) for e in (1 - similarity, edges, -edges)]
    return [[e.mean() for e in kinds], [(e**4).mean() ** 0.25 for e in kinds]]


def missed_changes(before, after, shown):
    """How many pixels that change by more than 24 levels are shown by less than half, of how many.

    All f64[h, w] or u8[h, w] luma.
    """
    before, after, shown = (plane.astype(float) for plane in (before, after, shown))
    step = np.abs(after - before)
    strong = step > 24
    return int((np.abs(shown - after)[strong] > step[strong] / 2).sum()), int(strong.sum())
