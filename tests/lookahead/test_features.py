"""The figures of a clip."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from ssimgif.errors import SourceError
from ssimgif.image import histogram_distance
from ssimgif.lookahead.features import (
    HISTOGRAM_SIZE,
    REFERENCE_DISTANCE,
    ClipFeatures,
    analyse,
    small_picture,
)
from ssimgif.model import U8, Clip


def textured(count: int = 3, height: int = 64, width: int = 96, seed: int = 1) -> U8:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, height, width, 3)).astype(np.uint8)


def figures(array: U8, durations: float | list[Fraction] = 0.1) -> ClipFeatures:
    return analyse(Clip.from_frames(array, durations))


def test_durations_and_identical_frames() -> None:
    array = textured(4)
    array[2] = array[1]
    times = [Fraction(1, 10), Fraction(1, 25), Fraction(1, 3), Fraction(2)]
    found = figures(array, times)
    assert found.durations == tuple(times)
    assert found.identical.tolist() == [False, False, True, False]
    assert found.ssim_previous[2] == 1.0


def test_a_change_of_one_pixel_is_not_identical() -> None:
    array = np.repeat(textured(1), 2, axis=0)
    array[1, 5, 5, 2] ^= 1
    assert figures(array).identical.tolist() == [False, False]


def test_ssim_is_that_of_scikit_image_on_the_reduced_pictures() -> None:
    rng = np.random.default_rng(2)
    array = np.repeat(textured(1), REFERENCE_DISTANCE + 3, axis=0)
    array = np.clip(array + rng.normal(0, 20, array.shape).cumsum(axis=0), 0, 255).astype(np.uint8)
    found = figures(array)
    small = [small_picture(frame.pixels) for frame in Clip.from_frames(array, 1).frames()]

    def ssim(a: int, b: int) -> float:
        return float(
            structural_similarity(
                small[a],
                small[b],
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
                data_range=255,
            )
        )

    last = len(array) - 1
    assert found.ssim_previous[0] == found.ssim_reference[0] == 1.0
    assert found.ssim_previous[last] == pytest.approx(ssim(last - 1, last), abs=1e-5)
    expected = ssim(last - REFERENCE_DISTANCE, last)
    assert found.ssim_reference[last] == pytest.approx(expected, abs=1e-5)
    assert found.ssim_reference[3] == pytest.approx(ssim(0, 3), abs=1e-5)


def test_reduction_averages_blocks() -> None:
    gray = np.random.default_rng(3).integers(0, 256, (100, 600)).astype(np.uint8)
    pixels = np.dstack([gray, gray, gray, np.full_like(gray, 255)])
    small = small_picture(pixels)
    assert small.shape == (33, 200)
    blocks = gray[:99].astype(float).reshape(33, 3, 200, 3).mean(axis=(1, 3))
    assert np.abs(small - blocks).max() <= 0.5 + 1e-9


def test_histograms_of_extremes() -> None:
    array = np.zeros((3, 40, 40, 3), np.uint8)
    array[1, :20] = 255
    array[2] = 250, 10, 10
    found = figures(array)
    assert found.histograms.shape == (3, HISTOGRAM_SIZE)
    assert found.histograms.sum(axis=1) == pytest.approx([1.0] * 3)
    # Black and white have the same chroma but not the same luma; red has neither.
    assert histogram_distance(*found.histograms[[0, 1]]) == pytest.approx(0.25)
    assert histogram_distance(*found.histograms[[0, 2]]) == pytest.approx(1.0)


def test_checksums_tell_pictures_apart() -> None:
    array = textured(4, 30, 40)
    array[1] = array[0]
    array[3] = array[2]
    array[3, 5, 7, 1] ^= 1
    first, again, other, nearly = figures(array).checksums
    assert first == again
    assert len({first, other, nearly}) == 3


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (11, 11), (23, 5)])
def test_small_and_narrow_pictures(size: tuple[int, int]) -> None:
    found = figures(textured(3, *size))
    assert np.isfinite(found.ssim_previous).all()
    assert found.histograms.sum(axis=1) == pytest.approx([1.0] * 3)


def test_progress_is_told_and_no_frames_are_refused() -> None:
    told: list[int] = []
    analyse(Clip.from_frames(textured(3), 0.1), told.append)
    assert told == [1, 2, 3]
    with pytest.raises(SourceError, match="no frames"):
        analyse(Clip(4, 4, lambda: iter(())))


def test_flat_pixels_are_those_without_any_step():
    flat = np.full((1, 64, 96, 3), 90, np.uint8)
    ramp = np.repeat(np.arange(96, dtype=np.uint8)[None, None, :, None] * 2, 64, 1).repeat(3, 3)
    assert analyse(Clip.from_frames(flat, 0.1)).flat.tolist() == [1.0]
    assert analyse(Clip.from_frames(ramp, 0.1)).flat.tolist() == [0.0]
