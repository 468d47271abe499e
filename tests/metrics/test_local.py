"""The worst places of a picture, against libjxl's program and a slow twin."""

import numpy as np
import pytest

from pictures import noisy, posterised
from reference import butteraugli as reference
from ssimgif.metrics.local import LocalReference


def scene(width, height):
    """A sky, a disc with an outline, a fence and some noise."""
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([60 + y, 90 + 0.7 * y, 190 - 0.4 * y], axis=2)
    distance = np.hypot(x - 0.4 * width, y - 0.5 * height)
    rgb[distance < 0.3 * height] = 200, 120, 60
    rgb[np.abs(distance - 0.3 * height) < 1.2] = 20, 15, 30
    fence = (x > 0.7 * width) & (x % 7 < 2)
    rgb[fence] = 40, 110, 50
    noise = np.random.default_rng(5).normal(0, 9, (height, width, 1))
    rgb[: height // 3] += noise[: height // 3]
    return np.clip(rgb.round(), 0, 255).astype(np.uint8)


def words(width, height):
    """White marks on near black."""
    marks = np.random.default_rng(6).random((height // 3, width // 2)) < 0.4
    marks[:, 1::5] = marks[::4] = False
    plane = np.full((height, width), 18, np.uint8)
    large = np.repeat(np.repeat(marks, 3, axis=0), 2, axis=1)
    plane[: large.shape[0], : large.shape[1]][large] = 235
    return np.repeat(plane[..., None], 3, axis=2)


def specked(picture):
    out = picture.copy()
    out[70::41, 33::57] = 250, 120, 150
    return out


SCENE, WORDS, WIDE = scene(240, 180), words(161, 123), scene(1100, 33)
PAIRS = {
    "scene fine": (SCENE, posterised(SCENE, 4)),
    "scene coarse": (SCENE, posterised(SCENE, 24)),
    "scene noisy": (SCENE, noisy(SCENE, 8)),
    "scene shifted": (SCENE, np.roll(SCENE, 1, axis=1)),
    "scene gray": (SCENE, np.repeat(SCENE[..., 1:2], 3, axis=2)),
    "words specked": (WORDS, specked(WORDS)),
    "words noisy": (WORDS, noisy(WORDS, 6)),
    "words dark": (WORDS, WORDS // 2),
    "wide": (WIDE, noisy(WIDE, 12)),
    "odd": (SCENE[:61, 90:133], posterised(SCENE[:61, 90:133], 16)),
    "no coarse scale": (SCENE[60:74, 50:90], posterised(SCENE[60:74, 50:90], 16)),
    "smallest": (SCENE[60:68, 50:59], posterised(SCENE[60:68, 50:59], 16)),
}

# What `butteraugli_main source.png coded.png --pnorm 3` of libjxl 0.11.2 prints as the 3-norm.
LIBJXL = {
    "scene fine": 2.44682,
    "scene coarse": 12.20487,
    "scene noisy": 2.05124,
    "scene shifted": 11.27477,
    "scene gray": 68.66328,
    "words specked": 1.28422,
    "words noisy": 0.28387,
    "words dark": 21.31454,
    "wide": 2.93429,
    "odd": 1.13852,
    "no coarse scale": 0.62841,
    "smallest": 0.30917,
}


@pytest.mark.parametrize("name", PAIRS)
def test_score_is_that_of_libjxl(name):
    source, picture = PAIRS[name]
    assert LocalReference(source).score(picture) == pytest.approx(LIBJXL[name], rel=0.01)


@pytest.mark.parametrize("name", PAIRS)
def test_errors_are_those_of_the_twin(name):
    source, picture = PAIRS[name]
    expected = reference.diffmap(source, picture, reference.low_at_half_size)
    local = LocalReference(source)
    errors = local.map(picture)
    assert errors.shape == source.shape[:2]
    assert errors == pytest.approx(expected, rel=1e-3, abs=1e-3)
    assert local.score(picture) == pytest.approx(reference.norm3(errors.astype(float)))


@pytest.mark.parametrize("name", PAIRS)
def test_low_frequencies_at_half_the_size_change_little(name):
    source, picture = PAIRS[name]
    expected = reference.diffmap(source, picture)
    errors = LocalReference(source).map(picture)
    assert np.abs(errors - expected).mean() < 0.02 * reference.norm3(expected)


@pytest.mark.parametrize("picture", [SCENE, WORDS, SCENE[:3, :5], SCENE[:1, :1], SCENE[:, 9:10]])
def test_equal_pictures_have_no_errors(picture):
    assert LocalReference(picture).score(picture.copy()) == 0


def test_more_damage_scores_more():
    local = LocalReference(SCENE)
    scores = [local.score(noisy(SCENE, amplitude)) for amplitude in (1, 2, 4, 8, 16, 32)]
    assert scores == sorted(scores)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (60, 1), (5, 6), (7, 200)])
def test_tiny_pictures_are_extended_by_their_border(shape):
    source = np.ascontiguousarray(SCENE[60 : 60 + shape[0], 20 : 20 + shape[1]])
    picture = posterised(source, 24)
    expected = reference.diffmap(source, picture, reference.low_at_half_size)
    errors = LocalReference(source).map(picture)
    assert errors.shape == shape
    assert errors == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_a_picture_that_is_a_view_is_read_as_it_looks():
    mirrored, picture = SCENE[:, ::-1], noisy(SCENE, 4)[:, ::-1]
    expected = LocalReference(mirrored.copy()).score(picture.copy())
    assert LocalReference(mirrored).score(picture) == expected


def test_another_size_or_kind_is_refused():
    with pytest.raises(ValueError, match="a picture must be"):
        LocalReference(SCENE).score(SCENE[:-1])
    with pytest.raises(ValueError, match="a picture must be"):
        LocalReference(SCENE.astype(float))
