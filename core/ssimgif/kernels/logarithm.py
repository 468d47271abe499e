"""Natural logarithms, many at a time."""

import numpy as np

from ssimgif.kernels.jit import helper

_F = np.float32
_TWO_THIRDS = np.int32(0x3F2AAAAB)
_LN2 = _F(np.log(2))


@helper(error_model="numpy")
def logarithms(values):
    """Replace f32[n], all above 0, by their natural logarithms, to about 3e-7.

    The exponent is taken off so that 2/3..4/3 remain; for them the series of the inverse
    hyperbolic tangent, ln m = 2 artanh((m - 1) / (m + 1)), is short.
    """
    bits = values.view(np.int32)
    for x in range(values.shape[0]):
        exponent = (bits[x] - _TWO_THIRDS) >> np.int32(23)
        bits[x] -= exponent << np.int32(23)
        mantissa = values[x]
        t = (mantissa - _F(1)) / (mantissa + _F(1))
        s = t * t
        series = _F(1) + s * (_F(1 / 3) + s * (_F(1 / 5) + s * _F(1 / 7)))
        values[x] = _F(exponent) * _LN2 + _F(2) * t * series
