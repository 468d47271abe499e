"""SSIM of 8-bit planes (Wang et al. 2004) against a reference whose statistics are known."""

import numpy as np

from ssimgif.kernels.blur import blur_ring, blur_row
from ssimgif.kernels.jit import kernel

_RED = np.float32(0.299)
_GREEN = np.float32(0.587)
_BLUE = np.float32(0.114)


@kernel(error_model="numpy")
def luma_bt601(rgb, out):
    """Round BT.601 luma of u8[3 * n] to u8[n]; float32 in this very order, no fusing.

    Pixels are a constant number of bytes apart: vector code can be made of that.
    """
    for i in range(out.size):
        luma = _RED * np.float32(rgb[3 * i]) + _GREEN * np.float32(rgb[3 * i + 1])
        out[i] = np.uint8(np.int32(np.rint(luma + _BLUE * np.float32(rgb[3 * i + 2]))))


@kernel(error_model="numpy")
def local_statistics(plane, taps, mean, variance):
    """Gaussian-weighted mean and variance of u8[h + 10, w + 10] into f64[h, w]."""
    size = 2 * taps.shape[0] - 1
    row = np.empty((2, plane.shape[1]), np.float64)
    ring = np.empty((2, size, mean.shape[1]), np.float64)
    for y in range(plane.shape[0]):
        for x in range(plane.shape[1]):
            value = float(plane[y, x])
            row[0, x] = value
            row[1, x] = value * value
        blur_row(row[0], taps, ring[0, y % size])
        blur_row(row[1], taps, ring[1, y % size])
        if y >= size - 1:
            means = mean[y - size + 1]
            variances = variance[y - size + 1]
            blur_ring(ring[0], y, taps, means)
            blur_ring(ring[1], y, taps, variances)
            for x in range(means.shape[0]):
                variances[x] -= means[x] * means[x]


@kernel(error_model="numpy")
def ssim_map(reference, mean, variance, plane, taps, c1, c2, most_loss, out):
    """SSIM at each pixel; stop and return False once the sum of 1 - SSIM exceeds ``most_loss``.

    Parameters
    ----------
    reference, plane : u8[h + 10, w + 10]
    mean, variance : f64[h, w]
        What `local_statistics` gives for the reference.
    taps : f64[6]
        Outermost to middle tap of the window.
    c1, c2, most_loss : float
    out : f32[h, w]
    """
    size = 2 * taps.shape[0] - 1
    width = out.shape[1]
    row = np.empty((3, plane.shape[1]), np.float64)
    ring = np.empty((3, size, width), np.float64)
    blurred = np.empty((3, width), np.float64)
    losses = np.zeros(width, np.float64)
    for y in range(plane.shape[0]):
        values, squares, products = row[0], row[1], row[2]
        theirs, ours = reference[y], plane[y]
        for x in range(plane.shape[1]):
            value = float(ours[x])
            values[x] = value
            squares[x] = value * value
            products[x] = value * float(theirs[x])
        for k in range(3):
            blur_row(row[k], taps, ring[k, y % size])
        if y < size - 1:
            continue
        for k in range(3):
            blur_ring(ring[k], y, taps, blurred[k])
        found = out[y - size + 1]
        _ssim_row(mean[y - size + 1], variance[y - size + 1], blurred, c1, c2, found)
        for x in range(width):
            losses[x] += 1.0 - found[x]
        if y % size == 0 and losses.sum() > most_loss:
            return False
    return losses.sum() <= most_loss


@kernel(error_model="numpy")
def _ssim_row(mean, variance, blurred, c1, c2, out):
    means, squares, products = blurred[0], blurred[1], blurred[2]
    for x in range(out.shape[0]):
        a, b = mean[x], means[x]
        covariance = products[x] - a * b
        variances = variance[x] + squares[x] - b * b
        structure = (2.0 * covariance + c2) / (variances + c2)
        out[x] = structure * (2.0 * a * b + c1) / (a * a + b * b + c1)
