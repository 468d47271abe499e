"""The inner loops, compiled by numba: arrays in, arrays out."""

from __future__ import annotations

import sys


def _load_numba() -> None:
    """Import numba's arrays while SciPy can't be found.

    They look for its BLAS at once, which takes a tenth of a second. Without it ``np.convolve`` sums
    in a loop; whatever else needs it asks again.
    """
    name = "scipy.linalg"
    if name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules[name]


_load_numba()
