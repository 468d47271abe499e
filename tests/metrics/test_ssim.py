"""SSIM and its weights, against scikit-image."""

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

from reference import quality as reference
from ssimgif.image import luma
from ssimgif.metrics.ssim import SsimReference

RNG = np.random.default_rng(1)
PHOTO = luma(data.astronaut())
NOISE = RNG.integers(0, 256, (123, 77), np.uint8)
FLAT = np.full((40, 60), 200, np.uint8)
PAIRS = {
    "posterised": (PHOTO, PHOTO // 24 * 24 + 12),
    "fine": (PHOTO, PHOTO // 2 * 2),
    "shifted": (PHOTO, np.roll(PHOTO, 3, axis=1)),
    "noise": (NOISE, RNG.integers(0, 256, NOISE.shape, np.uint8)),
    "noise on flat": (FLAT, FLAT + RNG.integers(0, 3, FLAT.shape, np.uint8)),
    "flat": (FLAT, FLAT + np.uint8(1)),
    "black and white": (np.zeros_like(FLAT), np.full_like(FLAT, 255)),
    "as small as the window": (PHOTO[:11, :11], PHOTO[50:61, 50:61]),
}


def by_scikit_image(source, picture):
    return structural_similarity(
        source,
        picture,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
        full=True,
    )


@pytest.mark.parametrize("name", PAIRS)
def test_score_is_that_of_scikit_image(name):
    source, picture = PAIRS[name]
    expected, _ = by_scikit_image(source, picture)
    assert SsimReference(source).score(picture) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", PAIRS)
def test_map_is_that_of_scikit_image_up_to_the_border(name):
    source, picture = PAIRS[name]
    _, expected = by_scikit_image(source, picture)
    np.testing.assert_allclose(SsimReference(source).map(picture), expected, atol=1e-6)


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_reached_is_the_score(name):
    source, picture = PAIRS[name]
    compared = SsimReference(source)
    score = compared.score(picture)
    assert compared.reaches(picture, score)
    assert compared.reaches(picture, score - 0.01)
    assert not compared.reaches(picture, score + 1e-6)
    assert not compared.reaches(picture, score + 0.01)


def test_equal_pictures_score_one():
    assert SsimReference(PHOTO).score(PHOTO.copy()) == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (10, 10), (200, 7)])
def test_small_pictures_are_scored_on_all_pixels(shape):
    source = PHOTO[: shape[0], : shape[1]]
    assert SsimReference(source).score(source) == pytest.approx(1, abs=1e-7)
    bad = SsimReference(source).score(source ^ np.uint8(8))
    worse = SsimReference(source).score(255 - source)
    assert worse < bad < 1


def test_a_reference_can_be_used_again():
    reference_ = SsimReference(PHOTO)
    first = reference_.score(PHOTO // 16 * 16)
    reference_.score(PHOTO // 64 * 64)
    assert reference_.score(PHOTO // 16 * 16) == first


def test_pictures_need_not_be_contiguous():
    wide = np.repeat(PHOTO, 2, axis=1)
    assert SsimReference(wide[:, ::2]).score(wide[:, ::2]) == pytest.approx(1, abs=1e-7)


def test_weights_are_those_of_the_definition():
    weights = SsimReference(PHOTO).weights
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, reference.ssim_weights(PHOTO), rtol=1e-5)


def test_weights_foretell_the_loss_of_small_errors():
    source = np.clip(PHOTO, 8, 247)
    errors = RNG.integers(-3, 4, source.shape)
    errors -= np.roll(errors, 1, axis=1)
    picture = (source + errors).astype(np.uint8)
    ssim = SsimReference(source)
    assert (ssim.weights * errors**2.0).mean() == pytest.approx(1 - ssim.score(picture), rel=0.2)


def test_luma_is_bt601_rounded():
    rgb = RNG.integers(0, 256, (500, 500, 3), np.uint8)
    red, green, blue = np.moveaxis(rgb.astype(np.float32), 2, 0)
    np.testing.assert_array_equal(luma(rgb), np.rint(0.299 * red + 0.587 * green + 0.114 * blue))


@pytest.mark.parametrize("wrong", [PHOTO[:-1], PHOTO.astype(np.float32), PHOTO[..., None]])
def test_another_size_or_type_is_refused(wrong):
    with pytest.raises(ValueError, match="luma must be"):
        SsimReference(PHOTO).score(wrong)
