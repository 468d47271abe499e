"""What tells scenes apart: the colours of a few of their frames."""

from __future__ import annotations

import numpy as np

from ssimgif.image import histogram_distance
from ssimgif.lookahead import HISTOGRAM_SIZE, ClipFeatures
from ssimgif.model import F32, Scene

# Frames of a scene whose colours make its fingerprint.
LOOKED_AT = 4
# Mean share of the pixels that differ in colour, up to which scenes are taken for the same.
ALIKE = 0.06


def fingerprint(analysis: ClipFeatures, scene: Scene) -> F32:
    """Return the shares of colours in a few frames of a scene, f32[4 * HISTOGRAM_SIZE]."""
    at = np.linspace(scene.start, scene.stop - 1, LOOKED_AT).round().astype(np.intp)
    return np.ascontiguousarray(analysis.histograms[at].reshape(-1), np.float32)


def distance(a: F32, b: F32) -> float:
    """Return the mean share of pixels whose colours differ between two fingerprints, 0..1."""
    frames = (LOOKED_AT, HISTOGRAM_SIZE)
    return float(histogram_distance(a.reshape(frames), b.reshape(frames)).mean())


def same(a: F32, b: F32) -> bool:
    """Tell whether two fingerprints may be of the same scene."""
    return a.shape == b.shape == (LOOKED_AT * HISTOGRAM_SIZE,) and distance(a, b) <= ALIKE
