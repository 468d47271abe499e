"""What errors cost: more where the eye sees them, whatever the variance around says."""

import numpy as np
import pytest

from ssimgif.metrics.error_weights import error_weights, fine_variance
from ssimgif.metrics.missed import MissedReference
from ssimgif.metrics.ssim import SsimReference
from ssimgif.model import F32, U8


def weights(luma: U8) -> F32:
    return error_weights(SsimReference(luma), None).luma


def noise(seed: int = 2) -> U8:
    return np.random.default_rng(seed).integers(40, 216, (64, 80), np.uint8)


def test_the_fine_variance_is_that_of_nine_pixels() -> None:
    luma = noise()
    found = fine_variance(luma)
    padded = np.pad(luma.astype(float), 1, mode="edge")
    for y, x in [(0, 0), (0, 40), (30, 79), (63, 79), (20, 20)]:
        assert found[y, x] == pytest.approx(padded[y : y + 3, x : x + 3].var(), rel=1e-3)
    assert not fine_variance(np.full((16, 16), 200, np.uint8)).any()


def test_errors_in_a_small_flat_place_cost_more_than_in_texture_as_strong() -> None:
    cursor = np.full((64, 80), 24, np.uint8)
    cursor[20:40, 30:41] = 255
    ssim = SsimReference(cursor)
    assert ssim.variance[30, 32] > 1000, "an edge is within the window"
    assert weights(cursor)[30, 32] > 3 * ssim.weights[30, 32]
    assert weights(cursor)[30, 35] > 2 * ssim.weights[30, 35]
    texture = noise()
    assert np.median(weights(texture) / SsimReference(texture).weights) < 1.5


def test_errors_beside_an_edge_cost_more_than_in_texture() -> None:
    edge = np.full((64, 80), 60, np.uint8)
    edge[:, 40:] = 190
    texture = noise()
    beside = (weights(edge) / SsimReference(edge).weights)[32, 36:44]
    within = np.median(weights(texture) / SsimReference(texture).weights)
    assert beside.max() > 3 * within


def test_no_error_costs_less_than_by_ssim() -> None:
    for luma in (noise(), np.full((32, 32), 9, np.uint8)):
        assert (weights(luma) >= SsimReference(luma).weights).all()


def test_chroma_costs_more_where_luma_does() -> None:
    edge = np.full((64, 80), 60, np.uint8)
    edge[:, 40:] = 190
    luma, chroma, _ = error_weights(SsimReference(edge), None)
    assert chroma[32, 44] > 1
    assert chroma.min() >= 1
    assert np.allclose(chroma**2, luma / SsimReference(edge).weights, rtol=1e-4)


def test_a_strong_change_costs_a_fixed_price_at_least() -> None:
    before, luma = noise(), noise(3)
    changes = MissedReference(before, luma)
    plain, priced = weights(luma), error_weights(SsimReference(luma), changes).luma
    steps = changes.steps.astype(float)
    cost = priced.ravel()[changes.places] * steps**2
    assert cost.min() >= 12 * (1 - 1e-5)
    others = np.ones(luma.size, bool)
    others[changes.places] = False
    assert np.array_equal(priced.ravel()[others], plain.ravel()[others])
