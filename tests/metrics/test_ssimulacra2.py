"""SSIMULACRA2, against libjxl's program and a slow twin with all the weights."""

import numpy as np
import pytest
from skimage import data

from pictures import noisy, posterised
from reference import quality as reference
from ssimgif.metrics.ssimulacra2 import WEIGHTS, LooksReference

RNG = np.random.default_rng(3)
PHOTO = np.ascontiguousarray(data.astronaut()[100:370, 16:496])
CAT = np.ascontiguousarray(data.chelsea()[:, :401])
TEXT = np.repeat(data.page()[:180, :300, None], 3, axis=2)
UI = np.full((120, 200, 3), 30, np.uint8)
UI[20:60, 20:150] = 60, 120, 220
UI[80:100, 30:190:3] = 230


PAIRS = {
    "photo fine": (PHOTO, posterised(PHOTO, 4)),
    "photo medium": (PHOTO, posterised(PHOTO, 12)),
    "photo coarse": (PHOTO, posterised(PHOTO, 40)),
    "photo noisy": (PHOTO, noisy(PHOTO, 12)),
    "photo shifted": (PHOTO, np.roll(PHOTO, 1, axis=1)),
    "cat of odd size": (CAT, posterised(CAT, 10)),
    "cat gray": (CAT, np.repeat(CAT[..., 1:2], 3, axis=2)),
    "text": (TEXT, posterised(TEXT, 32)),
    "text noisy": (TEXT, noisy(TEXT, 4)),
    "flat": (UI, posterised(UI, 16)),
    "small": (PHOTO[:60, :37], posterised(PHOTO[:60, :37], 16)),
    "smallest": (PHOTO[:8, :9], posterised(PHOTO[:8, :9], 16)),
}

# What `ssimulacra2 source.png coded.png` of libjxl 0.11.2 prints for these pairs.
LIBJXL = {
    "photo fine": 90.733,
    "photo medium": 67.455,
    "photo coarse": -3.986,
    "photo noisy": 65.850,
    "photo shifted": 13.345,
    "cat of odd size": 83.308,
    "cat gray": 22.780,
    "text": 11.200,
    "text noisy": 87.972,
    "flat": 67.121,
    "small": 38.086,
    "smallest": 93.230,
}


@pytest.mark.parametrize("name", PAIRS)
def test_score_is_that_of_libjxl(name):
    source, picture = PAIRS[name]
    assert LooksReference(source).score(picture) == pytest.approx(LIBJXL[name], abs=0.5)


@pytest.mark.parametrize("name", PAIRS)
def test_weights_left_out_matter_less_than_a_tenth_of_a_point(name):
    source, picture = PAIRS[name]
    expected = reference.looks(source, picture, WEIGHTS)
    assert LooksReference(source).score(picture) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("picture", [PHOTO, TEXT, UI, PHOTO[:3, :5], PHOTO[:1, :1]])
def test_equal_pictures_score_a_hundred(picture):
    assert LooksReference(picture).score(picture.copy()) == 100


def test_more_damage_scores_less():
    looks = LooksReference(PHOTO)
    scores = [looks.score(posterised(PHOTO, step)) for step in (4, 8, 16, 32, 64)]
    assert scores == sorted(scores, reverse=True)


def test_tiny_pictures_are_extended_by_their_border():
    tiny = PHOTO[:5, :6]
    extended = np.pad(tiny, ((0, 3), (0, 2), (0, 0)), mode="edge")
    found = LooksReference(tiny).score(posterised(tiny, 16))
    assert found == LooksReference(extended).score(posterised(extended, 16))


def test_another_size_is_refused():
    with pytest.raises(ValueError, match="a picture must be"):
        LooksReference(PHOTO).score(PHOTO[:-1])
