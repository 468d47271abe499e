"""Cube roots, many at a time."""

import numpy as np

from ssimgif.kernels.jit import kernel

_TWO = np.float32(2)
_THIRD_OF_EXPONENT = np.int32(709921077)


@kernel(error_model="numpy")
def cube_roots(values):
    """Replace f32[n], all above 0, by their cube roots, to about 1e-7 of them.

    The exponent bits divided by three are the first guess (W. Kahan); Halley's method follows.
    """
    bits = values.view(np.int32)
    for x in range(values.shape[0]):
        value = values[x]
        bits[x] = bits[x] // np.int32(3) + _THIRD_OF_EXPONENT
        root = values[x]
        for _ in range(2):
            cube = root * root * root
            root *= (cube + _TWO * value) / (_TWO * cube + value)
        values[x] = root
