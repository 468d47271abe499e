"""Colours are counted exactly where they are few, and closely where they are many."""

from __future__ import annotations

import numpy as np

from pictures import ones
from ssimgif.image.histogram import bins_of


def test_few_colours_are_met_exactly_and_many_closely() -> None:
    dark = np.random.default_rng(10).integers(0, 24, (80, 90, 3)).astype(np.uint8)
    means, weights = bins_of([dark, dark], [ones(dark)] * 2)
    whole, counts = np.unique(dark.reshape(-1, 3), axis=0, return_counts=True)
    order = np.lexsort(means.T[::-1])
    assert np.array_equal(means[order], whole)
    assert np.array_equal(weights[order], 2 * counts)
    noise = np.random.default_rng(11).integers(0, 256, (300, 300, 3)).astype(np.uint8)
    means, weights = bins_of([noise], [ones(noise)])
    assert 1000 < len(means) <= 12_000
    assert weights.sum() == noise[..., 0].size
    assert np.allclose(np.average(means, axis=0, weights=weights), noise.mean(axis=(0, 1)))
