"""False contours, against their definition."""

import numpy as np
import pytest
from skimage import data

from reference import quality as reference
from ssimgif.image import luma
from ssimgif.metrics.banding import BandingReference

Y, X = np.mgrid[:120, :200]
SKY = (40 + Y / 2 + X / 4).astype(np.uint8)
PHOTO = luma(data.astronaut())
RNG = np.random.default_rng(5)


def posterised(plane, step):
    return plane // step * step + np.uint8(step // 2)


@pytest.mark.parametrize(
    ("source", "picture"),
    [
        (SKY, posterised(SKY, 8)),
        (SKY, posterised(SKY, 3)),
        (SKY, posterised(SKY + RNG.integers(0, 8, SKY.shape, np.uint8), 8)),
        (PHOTO, posterised(PHOTO, 16)),
        (PHOTO[:37, :51], posterised(PHOTO[:37, :51], 24)),
        (SKY[:1, :1], SKY[:1, :1]),
        (SKY[:3, :2], SKY[:3, :2] + np.uint8(9) * (X[:3, :2] > 0)),
    ],
)
def test_contours_are_those_of_the_definition(source, picture):
    picture = picture.astype(np.uint8)
    expected = reference.false_contours(source, picture)
    np.testing.assert_array_equal(BandingReference(source).contours(picture), expected)
    assert BandingReference(source).share(picture) == expected.mean()


def test_bands_in_a_gradient_are_found_and_noise_hides_them():
    bands = posterised(SKY, 8)
    noise = RNG.integers(-4, 4, SKY.shape)
    dithered = posterised(np.clip(SKY + noise, 0, 255).astype(np.uint8), 8)
    banding = BandingReference(SKY)
    assert banding.share(SKY) == 0
    assert banding.share(bands) > 0.05
    assert banding.contours(bands)[:, :-1][np.diff(bands.astype(int), axis=1) != 0].mean() > 0.8
    assert banding.share(dithered) > 0


def test_edges_of_the_source_are_not_false():
    edge = np.where(X < 100, 50, 200).astype(np.uint8)
    assert BandingReference(edge).share(edge + np.uint8(20)) == 0


def test_another_size_is_refused():
    with pytest.raises(ValueError, match="luma must be"):
        BandingReference(SKY).share(SKY[:-1])
