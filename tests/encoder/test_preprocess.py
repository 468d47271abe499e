"""What a frame's errors weigh, and which picture is to be come close to."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from ssimgif.dither.methods import ditherers
from ssimgif.dither.policy import Dithering
from ssimgif.encoder.preprocess import EVEN_CHROMA, FLAT_CHROMA, Preparer, in_nearest_colors
from ssimgif.gif.timing import Slot
from ssimgif.image.canvas import Canvas
from ssimgif.image.nearest import map_nearest
from ssimgif.kernels.phrase_search import CHROMA, FLOOR, LUMA
from ssimgif.lookahead.frames import AHEAD, Shown
from ssimgif.metrics import UNMASKED
from ssimgif.model import U8, Palette
from ssimgif.ratecontrol.state import Emphasis
from ssimgif.target import Target

HEIGHT, WIDTH = 64, 96
TARGET = Target(0.95, 0.95, 0.0)
USUAL = Emphasis(0.001)
GRAYS = Palette(np.repeat(np.arange(0, 256, 16, dtype=np.uint8)[:, None], 3, axis=1))


def half_smooth() -> U8:
    """Return a gradient on the left and noise on the right."""
    x = np.arange(WIDTH, dtype=np.float64)
    light = np.tile(60 + 0.8 * x, (HEIGHT, 1))
    light[:, WIDTH // 2 :] += np.random.default_rng(1).normal(0, 40, (HEIGHT, WIDTH // 2))
    return np.repeat(np.clip(light, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def shown(rgb: U8, rest: U8 | None = None) -> Shown:
    still = np.zeros(rgb.shape[:2], np.uint8) if rest is None else rest
    canvas = Canvas(rgb, np.ones(rgb.shape[:2], np.bool_))
    return Shown(Slot(0, 10), {}, canvas, None, still, 0.0)


def preparer(dither: str = "none") -> Preparer:
    return Preparer(TARGET, Dithering(dither, ditherers()))


def test_without_dither_the_picture_to_come_close_to_is_the_source() -> None:
    rgb = half_smooth()
    frame = preparer().prepare(shown(rgb), GRAYS, USUAL)
    np.testing.assert_array_equal(frame.wanted, rgb)
    assert frame.dithered is None
    np.testing.assert_array_equal(frame.indices, map_nearest(rgb, GRAYS))


def test_the_best_that_a_palette_can_do_is_its_nearest_colours() -> None:
    frame = preparer().prepare(shown(half_smooth()), GRAYS, USUAL)
    nearest = in_nearest_colors(frame.reference, GRAYS)
    assert frame.best.ssim == frame.reference.score(nearest).ssim


def test_errors_that_stay_on_screen_weigh_more_of_luma_and_chroma_alike() -> None:
    rest = np.zeros((HEIGHT, WIDTH), np.uint8)
    rest[:, WIDTH // 2 :] = AHEAD
    brief = preparer().prepare(shown(half_smooth()), GRAYS, USUAL).layout
    lasting = preparer().prepare(shown(half_smooth(), rest), GRAYS, USUAL).layout
    for weight in (LUMA, CHROMA):
        ratio = lasting[..., weight] / brief[..., weight]
        np.testing.assert_allclose(ratio[:, : WIDTH // 2], 1.0, rtol=1e-6)
        np.testing.assert_allclose(ratio[:, WIDTH // 2 :], ratio[0, -1], rtol=1e-5)
        assert 1.5 < ratio[0, -1] < 4


def test_errors_weigh_more_where_the_picture_is_smooth() -> None:
    weights = preparer().prepare(shown(half_smooth()), GRAYS, USUAL).layout[..., LUMA]
    smooth, rough = weights[10:-10, 10:38], weights[10:-10, 58:-10]
    assert smooth.min() > 5 * rough.max()


def test_emphasis_adds_weight_to_luma_in_smooth_places_alone() -> None:
    usual = preparer().prepare(shown(half_smooth()), GRAYS, USUAL).layout
    near_banding = Emphasis(USUAL.chroma, np.full((HEIGHT, WIDTH), 2.0, np.float32))
    more = preparer().prepare(shown(half_smooth()), GRAYS, near_banding).layout
    ratio = more[..., LUMA] / usual[..., LUMA]
    assert np.unique(ratio.round(4)).tolist() == [1.0, 3.0]
    assert (ratio[10:-10, 10:38] > 2).mean() > 0.75
    assert (ratio[10:-10, 58:-10] > 2).mean() < 0.05
    np.testing.assert_array_equal(more[..., CHROMA], usual[..., CHROMA])


def test_chroma_weighs_what_is_asked_and_at_least_a_share_of_luma() -> None:
    one, ten = (
        preparer().prepare(shown(half_smooth()), GRAYS, Emphasis(chroma)).layout
        for chroma in (0.001, 0.01)
    )
    np.testing.assert_array_equal(ten[..., LUMA], one[..., LUMA])
    rough = np.s_[10:-10, 58:-10, CHROMA]
    np.testing.assert_allclose(ten[rough], 10 * one[rough], rtol=1e-5)
    smooth = one[10:-10, 10:38]
    np.testing.assert_allclose(smooth[..., CHROMA], FLAT_CHROMA * smooth[..., LUMA], rtol=1e-5)


def test_nothing_masks_errors_of_chroma_where_luma_is_even() -> None:
    rgb = half_smooth()
    rgb[16:48, 8:40] = 90, 100, 140
    layout = preparer().prepare(shown(rgb), GRAYS, Emphasis(1e-6)).layout
    np.testing.assert_allclose(layout[17:47, 9:39, CHROMA], EVEN_CHROMA * UNMASKED, rtol=1e-5)
    assert layout[17:47, 9:39, LUMA].min() < 0.8 * UNMASKED
    rough = layout[2:14, 60:90]
    np.testing.assert_allclose(rough[..., CHROMA], FLAT_CHROMA * rough[..., LUMA], rtol=1e-5)


def test_dither_changes_only_what_differs_from_the_nearest_colours() -> None:
    rgb = half_smooth()
    frame = preparer("bluenoise").prepare(shown(rgb), GRAYS, USUAL)
    nearest = map_nearest(rgb, GRAYS)
    assert frame.dithered is not None
    changed = frame.dithered != nearest
    assert 0.05 < changed.mean() < 0.95
    np.testing.assert_array_equal(frame.indices, frame.dithered)
    np.testing.assert_array_equal(frame.wanted[~changed], rgb[~changed])
    np.testing.assert_array_equal(frame.wanted[changed], GRAYS.colors[frame.dithered[changed]])
    # So no error is left at a pixel that is dithered.
    assert np.abs(frame.layout[changed][:, FLOOR]).max() < 1e-3


def test_automatic_dither_leaves_alone_what_is_not_banded() -> None:
    rgb = half_smooth()
    assert preparer("auto").prepare(shown(rgb), GRAYS, USUAL, banded=False).dithered is None
    assert preparer("auto").prepare(shown(rgb), GRAYS, USUAL, banded=True).dithered is not None


def test_a_plain_frame_is_the_source_in_another_palette_with_the_same_weights() -> None:
    rgb = half_smooth()
    dithered = preparer("bluenoise").prepare(shown(rgb), GRAYS, USUAL)
    few = Palette(GRAYS.colors[::3])
    plain = dithered.plain(few)
    assert plain.dithered is None and plain.palette is few
    np.testing.assert_array_equal(plain.wanted, rgb)
    np.testing.assert_array_equal(plain.indices, map_nearest(rgb, few))
    for weight in (LUMA, CHROMA):
        np.testing.assert_array_equal(plain.layout[..., weight], dithered.layout[..., weight])


def test_noise_is_weakened_before_coding_but_scores_are_against_the_source() -> None:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    still = gaussian_filter(np.sin(x / 9) * 40 + y + 60.0, 1)
    rng = np.random.default_rng(3)
    noisy = [
        np.repeat(np.clip(still + rng.normal(0, 2, still.shape), 0, 255)[..., None], 3, 2)
        for _ in range(6)
    ]
    frames = [picture.astype(np.uint8) for picture in noisy]
    run = preparer()
    prepared = [run.prepare(shown(rgb), GRAYS, USUAL, filtered=True) for rgb in frames]

    def unrest(pictures: list[U8]) -> float:
        return float(np.abs(np.diff(np.array(pictures[2:], np.float64), axis=0)).mean())

    assert unrest([frame.wanted for frame in prepared]) < 0.8 * unrest(frames)
    for frame, rgb in zip(prepared, frames, strict=True):
        np.testing.assert_array_equal(frame.reference.rgb, rgb)
    # A scene without the filter begins anew.
    assert run.prepare(shown(frames[0]), GRAYS, USUAL).wanted is frames[0]
    again = run.prepare(shown(frames[1]), GRAYS, USUAL, filtered=True)
    np.testing.assert_array_equal(again.wanted, frames[1])


def test_a_frame_may_have_its_palette_made() -> None:
    rgb = half_smooth()
    frame = preparer().prepare(
        shown(rgb), lambda reference: Palette(reference.rgb[0, :5].copy()), USUAL
    )
    np.testing.assert_array_equal(frame.palette.colors, rgb[0, :5])
