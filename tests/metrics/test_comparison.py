"""What is known of one pair of pictures serves another, exactly."""

from __future__ import annotations

import gc
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ssimgif import Clip, Settings, encode
from ssimgif.image import Area, Canvas, luma
from ssimgif.metrics import comparison
from ssimgif.metrics.ciede2000 import ColorReference
from ssimgif.metrics.comparison import Comparison, Source, compare
from ssimgif.metrics.local import LocalReference
from ssimgif.metrics.picture import Picture, union
from ssimgif.metrics.reference import FrameReference, Requirement
from ssimgif.metrics.ssim import SsimReference
from ssimgif.metrics.ssimulacra2 import LooksReference
from ssimgif.model import U8

# Height and width, and the rectangle that differs: left, top, width, height.
CASES = {
    "inside": ((203, 261), (101, 90, 23, 11)),
    "top left": ((150, 187), (0, 0, 9, 30)),
    "top right": ((130, 211), (190, 0, 21, 17)),
    "bottom left": ((211, 130), (0, 204, 40, 7)),
    "bottom right": ((181, 179), (178, 180, 1, 1)),
    "across": ((190, 131), (0, 77, 131, 5)),
    "down": ((90, 240), (120, 0, 3, 90)),
    "all": ((64, 80), (0, 0, 80, 64)),
    "small": ((17, 23), (5, 9, 4, 3)),
    "under a window": ((10, 40), (12, 2, 9, 3)),
    "tiny": ((5, 7), (2, 1, 3, 2)),
    "one pixel": ((1, 1), (0, 0, 1, 1)),
}
QUALITY = Settings(quality=70).target()


def scene(rng: Generator, height: int, width: int) -> U8:
    """Return soft shapes with grain, and a flat half, u8[h, w, 3]."""
    field = gaussian_filter(rng.normal(0, 1, (height, width, 3)), (3, 3, 0))
    field = 128 + 60 * field / (field.std() + 1e-9) + rng.normal(0, 3, field.shape)
    field[height // 2 :] = 40
    return np.asarray(np.clip(np.rint(field), 0, 255), np.uint8)


def near(rng: Generator, picture: U8) -> U8:
    """Return a picture with small errors all over."""
    return np.asarray(np.clip(picture + rng.integers(-7, 8, picture.shape), 0, 255), np.uint8)


def changed(rng: Generator, picture: U8, area: Area) -> U8:
    """Return a picture with noise in a rectangle, whose corners differ for certain."""
    other = picture.copy()
    other[area.slices] ^= rng.integers(1, 256, (area.height, area.width, 3), np.uint8)
    return other


def assert_equal_scores(found: Comparison, expected: Comparison) -> None:
    assert found.ssim == expected.ssim
    np.testing.assert_array_equal(found.color, expected.color)
    assert found.looks == expected.looks
    assert found.local == expected.local


@pytest.mark.parametrize("source_moves", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_all_metrics_are_those_of_the_whole_picture(name: str, source_moves: bool) -> None:
    (height, width), place = CASES[name]
    rng, area = np.random.default_rng(len(name)), Area(*place)
    before = scene(rng, height, width)
    shown = near(rng, before)
    after = changed(rng, before, area) if source_moves else before
    picture = changed(rng, shown, area)
    known = Comparison(Source(Picture(before), 1, True, True), Picture(shown))
    assert known.looks is not None
    assert known.local is not None
    like = known, area
    patched = Comparison(
        Source(Picture(after), 1, True, True), known.picture.patched(picture, area), like
    )
    assert_equal_scores(
        patched, Comparison(Source(Picture(after), 1, True, True), Picture(picture))
    )


@pytest.mark.parametrize("seed", range(8))
def test_rectangles_anywhere_in_pictures_of_any_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(8, 300, 2))
    source = scene(rng, height, width)
    picture = near(rng, source)
    local, looks = LocalReference(source), LooksReference(source)
    ssim, color = SsimReference(luma(source)), ColorReference(source, 1 + seed % 3)
    shown = Picture(picture)
    errors = local.whole(shown), looks.whole(shown)
    similarity, difference = ssim.whole(shown.luma), color.whole(picture)
    # One after the other, each upon what is known of the last.
    for _ in range(3):
        left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
        reach = min(width - left, 40), min(height - top, 40)
        area = Area(left, top, *(int(rng.integers(1, side + 1)) for side in reach))
        picture = changed(rng, picture, area)
        shown = shown.patched(picture, area)
        errors = local.patched(errors[0], shown, area), looks.patched(errors[1], shown, area)
        similarity = ssim.patched(similarity, shown.luma, area)
        difference = color.patched(difference, picture, area)
    assert errors[0].score == local.score(picture)
    for found, expected in zip(errors[0].scales, local.whole(Picture(picture)).scales, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert errors[1].score == looks.score(picture)
    np.testing.assert_array_equal(similarity, ssim.whole(luma(picture)))
    np.testing.assert_array_equal(difference.bins, color.whole(picture).bins)
    np.testing.assert_array_equal(difference.counts, color.histogram(picture))


def test_it_does_not_matter_by_which_picture_another_is_known() -> None:
    rng = np.random.default_rng(8)
    pixels = scene(rng, 150, 170)
    source = Source(Picture(pixels), 2, True, True)
    picture = near(rng, pixels)
    expected = errors_of(Comparison(source, Picture(picture)))
    for area in (Area(1, 2, 3, 4), Area(33, 40, 60, 35), Area(150, 100, 20, 50)):
        shown = changed(rng, picture, area)
        # What is known of it, too, is known by another.
        other = Comparison(source, Picture(changed(rng, shown, Area(60, 70, 20, 10))))
        errors_of(other)
        known = compare(source, shown, [(other, None)])
        errors_of(known)
        for choice in ([(known, None)], [(other, None)], [(other, None), (known, None)]):
            found = compare(source, picture, choice)
            for one, same in zip(errors_of(found), expected, strict=True):
                np.testing.assert_array_equal(one, same)


def errors_of(found: Comparison) -> list[NDArray[Any]]:
    """Return everything that is worked out."""
    local, looks, color = found.local_errors, found.looks_errors, found.color_errors
    scores = np.array([found.ssim, local.score, looks.score])
    tiles = looks.tiles.values()
    return [scores, found.similarity, color.bins, color.counts, local.sums, *local.scales, *tiles]


def test_threads_share_a_picture() -> None:
    rng = np.random.default_rng(9)
    pixels = scene(rng, 40, 60)
    expected = [Picture(pixels).light(scale) for scale in range(6)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as executor:
            for _ in range(30):
                picture = Picture(pixels)
                found = executor.map(picture.light, [5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 5])
                shapes = [light.shape for light in found]
                assert shapes == [expected[k].shape for k in (5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 5)]
                for scale, light in enumerate(expected):
                    np.testing.assert_array_equal(picture.light(scale), light)
    finally:
        sys.setswitchinterval(interval)


def test_what_is_not_used_any_more_is_gone_at_once() -> None:
    """Cycles would keep the planes of many frames until they are looked for."""
    rng = np.random.default_rng(10)
    pixels = scene(rng, 40, 60)
    gc.disable()
    try:
        reference = FrameReference(Canvas(pixels, np.ones((40, 60), np.bool_)), QUALITY)
        reference.score(near(rng, pixels))
        source = reference._source
        parts = source, source.ssim, source.color, source.looks, source.local
        alive = [weakref.ref(part) for part in parts]
        del reference, source, parts
        assert [one() for one in alive] == [None] * 5
    finally:
        gc.enable()


@pytest.mark.parametrize("transparent", [False, True])
def test_files_are_those_without_what_is_known(
    monkeypatch: pytest.MonkeyPatch, transparent: bool
) -> None:
    def made(jobs: int) -> bytes:
        clip = Clip.from_frames(typed(4, transparent), 0.1)
        return encode(clip, Settings(effort=4, no_cache=True, quality=60, jobs=jobs)).data

    alone, together = made(1), made(2)
    monkeypatch.setattr(comparison, "MOST_SHARE", -1.0)
    assert alone == together == made(1)


def typed(count: int, transparent: bool) -> U8:
    """Return letters that appear one after another in a window, u8[count, 90, 130, 4]."""
    rng = np.random.default_rng(11)
    frames = np.full((count, 90, 130, 4), 255, np.uint8)
    frames[..., :3] = scene(rng, 90, 130)
    if transparent:
        # What is hidden moves.
        frames[:, 60:, 90:, 3] = 0
        frames[:, 60:, 90:, :3] = rng.integers(0, 256, (count, 30, 40, 3))
    for number in range(1, count):
        frames[number:, 50:62, 9 * number : 9 * number + 7, :3] = rng.integers(0, 2) * 255
        frames[number:, 52:55, 9 * number + 2 : 9 * number + 5, :3] = rng.integers(0, 256, 3)
    return frames


def test_light_is_patched_at_all_sizes() -> None:
    rng = np.random.default_rng(3)
    before = scene(rng, 75, 101)
    picture, area = Picture(before), Area(40, 33, 13, 9)
    picture.light(5)
    after = changed(rng, before, area)
    patched = picture.patched(after, area)
    for scale in range(6):
        np.testing.assert_array_equal(patched.light(scale), Picture(after).light(scale))


def test_the_difference_is_the_rectangle_around_it() -> None:
    rng = np.random.default_rng(4)
    picture = scene(rng, 60, 90)
    assert Picture(picture).difference(picture.copy()) is None
    for area in (Area(7, 5, 20, 11), Area(0, 0, 90, 60), Area(89, 59, 1, 1), Area(0, 30, 1, 2)):
        other = changed(rng, picture, area)
        assert Picture(picture).difference(other) == area


@pytest.mark.parametrize("count", [1, 2, 5, 400])
def test_the_difference_of_scattered_pixels(count: int) -> None:
    rng = np.random.default_rng(count)
    picture = scene(rng, 70, 83)
    differs = np.zeros((70, 83), np.bool_)
    differs[rng.integers(0, 70, count), rng.integers(0, 83, count)] = True
    other = picture.copy()
    other[differs, int(rng.integers(0, 3))] ^= 1
    assert Picture(picture).difference(other) == Area.around(differs)


def test_the_union_of_rectangles() -> None:
    one, other = Area(3, 4, 5, 6), Area(1, 8, 3, 9)
    assert union(one, other) == union(other, one) == Area(1, 4, 7, 13)
    assert union(one, None) == union(None, one) == one
    assert union(None, None) is None


def test_an_equal_pair_is_not_compared_again() -> None:
    rng = np.random.default_rng(5)
    picture = scene(rng, 40, 50)
    source = Source(Picture(picture), 1, False, False)
    known = Comparison(source, Picture(near(rng, picture)))
    assert compare(source, known.picture.rgb.copy(), [(known, None)]) is known


@pytest.mark.parametrize("transparent", [False, True])
def test_frames_in_a_row_score_as_each_alone(transparent: bool) -> None:
    rng = np.random.default_rng(6)
    pixels = scene(rng, 180, 200)
    shown = near(rng, pixels)
    opaque = np.ones((180, 200), np.bool_)
    if transparent:
        opaque[40:80, 30:90] = False
    previous, before = None, luma(pixels)
    for number in range(4):
        if number == 2:
            # Nothing moves.
            pixels = pixels.copy()
        else:
            area = Area(30 * number, 20 + 9 * number, 12, 15)
            pixels = changed(rng, pixels, area)
            shown = changed(rng, shown, area.moved(2, 1))
        canvas = Canvas(pixels, opaque)
        frame = FrameReference(canvas, QUALITY, 1, before, previous)
        alone = FrameReference(canvas, QUALITY, 1, before)
        for found, expected in zip(frame.prices, alone.prices, strict=True):
            np.testing.assert_array_equal(found, expected)
        for _ in range(3):
            found, expected = frame.score(shown), alone.score(shown)
            fresh = FrameReference(canvas, QUALITY, 1, before).score(shown)
            for one in (found, expected):
                assert one.ssim == fresh.ssim
                np.testing.assert_array_equal(one.color, fresh.color)
                assert one.looks == fresh.looks
                assert one.local == fresh.local
                assert one.missed == fresh.missed
            shown = changed(rng, shown, Area(150, 160, 20, 8))
        previous, before = frame, luma(frame.rgb)


def test_a_reference_made_anew_scores_alike_whatever_the_other_has_seen() -> None:
    rng = np.random.default_rng(8)
    first, shown = scene(rng, 180, 200), scene(rng, 180, 200)
    second = changed(rng, first, Area(30, 40, 12, 15))
    canvases = [Canvas(pixels, np.ones((180, 200), np.bool_)) for pixels in (first, second)]
    known = [FrameReference(canvases[0], QUALITY)]
    known.append(FrameReference(canvases[1], QUALITY, previous=known[0]))
    for _ in range(2):
        previous = None
        for reference, canvas in zip(known, canvases, strict=True):
            previous = reference.anew(previous)
            alone = FrameReference(canvas, QUALITY)
            found, expected = previous.score(shown), alone.score(shown)
            assert (found.ssim, found.looks, found.local) == (
                expected.ssim,
                expected.looks,
                expected.local,
            )
            np.testing.assert_array_equal(found.color, expected.color)
            for one, other in zip(previous.prices, alone.prices, strict=True):
                np.testing.assert_array_equal(one, other)
            shown = changed(rng, shown, Area(60, 90, 20, 8))


def test_a_picture_meets_what_its_score_meets() -> None:
    rng = np.random.default_rng(7)
    pixels = scene(rng, 60, 70)
    canvas = Canvas(pixels, np.ones((60, 70), np.bool_))
    before = luma(scene(rng, 60, 70))
    good = near(rng, pixels)
    score = FrameReference(canvas, QUALITY, 1, before).score(good)
    assert score.local is not None
    lax = Requirement(score.ssim - 0.01, 0.0, 99.0, 99.0, score.local + 1)
    for picture, requirement, meets in (
        (good, lax, True),
        (good, Requirement(score.ssim + 0.001, 0.0, 99.0, 99.0), False),
        (good, Requirement(0.0, 0.0, 99.0, 99.0, score.local / 2), False),
        (255 - good, lax, False),
    ):
        reference = FrameReference(canvas, QUALITY, 1, before)
        found = reference.meets(picture, requirement)
        assert (found is not None) == meets
