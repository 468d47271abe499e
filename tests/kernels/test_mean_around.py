"""Means over squares around pixels."""

from __future__ import annotations

import numpy as np
import pytest

from reference.means import slow_mean_around
from ssimgif.kernels.mean_around import mean_around


@pytest.mark.parametrize("shape", [(40, 57), (13, 13), (1, 1), (3, 30), (30, 2)])
@pytest.mark.parametrize("radius", [1, 6, 12])
def test_means_are_those_of_the_squares(shape: tuple[int, int], radius: int) -> None:
    rng = np.random.default_rng(radius)
    for plane in (rng.random(shape).astype(np.float32), (rng.random(shape) < 0.2).view(np.uint8)):
        out = np.empty(shape, np.float32)
        mean_around(plane, radius, out)
        np.testing.assert_allclose(out, slow_mean_around(plane, radius), rtol=1e-5, atol=1e-7)
