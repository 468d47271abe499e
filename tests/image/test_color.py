"""Colour spaces, against their definitions."""

from __future__ import annotations

import numpy as np

from reference.oklab import oklab
from ssimgif.image.color import oklab_from_rgb


def test_oklab_is_that_of_its_author() -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (500, 3)).astype(np.uint8)
    assert np.allclose(oklab_from_rgb(rgb), oklab(rgb), atol=2e-6)
    # The table in https://bottosson.github.io/posts/oklab/ maps D65 white to (1, 0, 0).
    assert np.allclose(oklab_from_rgb(np.array([255, 255, 255], np.uint8)), (1, 0, 0), atol=1e-4)
