"""Inference without torch gives what torch gives, and pictures in the colours asked for."""

from __future__ import annotations

from importlib import resources
from typing import Any

import numpy as np
import pytest

from ssimgif_gifnets import banding_net, dither_net, palette_net, weights
from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.banding_inputs import banding_inputs
from ssimgif_gifnets.color_bins import color_bins, initial_palette
from ssimgif_gifnets.projection import Colors
from ssimgif_gifnets.strategies import dithered, palette_of, scene_palette, visible_banding

TOLERANCE = 1e-3


def photo(height: int = 90, width: int = 130) -> U8:
    """Return a smooth gradient with a textured part and an edge, u8[h, w, 3]."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    picture = np.stack([90 + 80 * x, 120 + 60 * y, 200 - 90 * x * y], axis=2)
    noise = np.random.default_rng(5).normal(0, 12, (height, width // 3, 3))
    picture[:, : width // 3] += noise
    picture[height // 2 :, width // 2 : width // 2 + 20] = 210, 40, 30
    return np.clip(picture, 0, 255).astype(np.uint8)


def smooth() -> U8:
    """Return a slope with the grain of a photo, u8[96, 160, 3]."""
    grain = np.random.default_rng(2).normal(0, 1.5, (96, 160))
    return _grey(_slope() + grain)


def stepped() -> U8:
    """Return the slope in steps that show as bands."""
    return _grey(_slope() // 6 * 6)


def _slope() -> np.ndarray:
    y, x = np.mgrid[0:96, 0:160]
    return 80 + (x + y) / 3


def _grey(light: np.ndarray) -> U8:
    return np.repeat(light[..., None], 3, axis=2).astype(np.uint8)


def networks(torch: Any, name: str) -> tuple[list[Any], list[dict[str, F32]]]:
    """Return a network as torch modules with other weights, and the arrays of each."""
    from ssimgif_gifnets.training.networks import banding_net, dither_net, palette_net

    kinds = {
        "palettenet": palette_net.PaletteNet,
        "bandingnet": banding_net.BandingNet,
        "dithernet": dither_net.DitherNet,
    }
    trained = kinds[name]()
    arrays = dict(weights.load(name))
    trained.load_state_dict({key: torch.tensor(arrays[key]) for key in trained.state_dict()})
    torch.manual_seed(3)
    drawn = kinds[name]()
    with torch.no_grad():
        for values in drawn.parameters():
            values.add_(0.05 * torch.randn_like(values))
    others = arrays | {key: value.numpy() for key, value in drawn.state_dict().items()}
    return [trained.eval(), drawn.eval()], [arrays, others]


def batch(torch: Any, *arrays: F32) -> list[Any]:
    return [torch.from_numpy(np.ascontiguousarray(array))[None] for array in arrays]


@pytest.mark.parametrize("size", [1, 2, 7, 64, 256])
def test_palettenet_is_torchs(torch: Any, size: int) -> None:
    rgb, shares = color_bins(photo())
    start = initial_palette(rgb, shares, size)
    rgb, start = rgb / np.float32(255), start / np.float32(255)
    for module, arrays in zip(*networks(torch, "palettenet"), strict=True):
        used = torch.ones((1, len(start)), dtype=torch.bool)
        # Double, for the module's way to distances loses digits that the loops keep.
        inputs = [values.double() for values in batch(torch, rgb, shares, start)]
        with torch.no_grad():
            wanted = module.double()(*inputs, used)[0].numpy()
        found = palette_net.PaletteNet.of(arrays).palette(rgb, shares, start)
        assert found.shape == start.shape and found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize(("height", "width"), [(64, 96), (33, 50), (270, 480)])
def test_bandingnet_is_torchs(torch: Any, height: int, width: int) -> None:
    pixels = photo(height, width)
    for module, arrays in zip(*networks(torch, "bandingnet"), strict=True):
        (inputs,) = batch(torch, banding_inputs(pixels))
        with torch.no_grad():
            wanted, score = module.density(inputs)[0].numpy(), module(inputs).item()
        network = banding_net.BandingNet.of(arrays)
        found = network.density(pixels)
        assert found.shape == (-(-height // 16), -(-width // 16)) and found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, rtol=TOLERANCE, atol=TOLERANCE)
        assert network.score(pixels) == pytest.approx(score, abs=TOLERANCE)


def test_dithernet_is_torchs(torch: Any) -> None:
    pixels = photo(80, 128)
    colors = Colors.of(palette_of(pixels, 16))
    projected = _rows(colors, pixels)
    image = pixels / np.float32(255)
    nearest = colors.sorted[projected] / np.float32(255)
    spacing = colors.spacing[projected] / np.float32(255)
    for module, arrays in zip(*networks(torch, "dithernet"), strict=True):
        network = dither_net.DitherNet.of(arrays)
        noise = np.tile(network.noise, (2, 2))[:80, :128]
        inputs = batch(
            torch, image.transpose(2, 0, 1), nearest.transpose(2, 0, 1), noise[None], spacing[None]
        )
        with torch.no_grad():
            error = module(*inputs)[0, 0].numpy()
        found = network.error(pixels, colors)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found / 255, error, rtol=0, atol=TOLERANCE)


def _rows(colors: Colors, pixels: U8) -> np.ndarray:
    """Return the rows of the sorted colours that are nearest to the pixels."""
    rows = np.empty(256, np.intp)
    rows[colors.index] = np.arange(len(colors.index))
    return rows[colors.nearest(pixels.astype(np.float32))]


def test_weights_are_small_and_whole() -> None:
    for name in weights.NAMES:
        arrays = weights.load(name)
        assert all(a.dtype == np.float32 and np.isfinite(a).all() for a in arrays.values())
    folder = resources.files("ssimgif_gifnets") / "weights"
    assert sum(len(file.read_bytes()) for file in folder.iterdir()) <= 3_000_000


@pytest.mark.parametrize("size", [1, 2, 16, 256])
def test_palettes_keep_to_the_size(size: int) -> None:
    colors = palette_of(photo(), size)
    assert colors.dtype == np.uint8 and 1 <= len(colors) <= size
    assert len(np.unique(colors, axis=0)) == len(colors)
    one = palette_of(np.full((8, 8, 3), 77, np.uint8), size)
    assert one.tolist() == [[77, 77, 77]]


def test_palettes_are_better_than_where_they_start() -> None:
    pixels = photo(180, 260)
    rgb, shares = color_bins(pixels)

    def error(colors: np.ndarray) -> float:
        shown = colors[Colors.of(colors).nearest(pixels.astype(np.float32))]
        return float(np.square(shown.astype(float) - pixels).mean())

    for size in (16, 64):
        start = np.rint(initial_palette(rgb, shares, size)).astype(np.uint8)
        assert error(palette_of(pixels, size)) < error(start)


def test_pixels_without_weight_have_no_say_in_a_scenes_palette() -> None:
    frame = np.zeros((16, 16, 3), np.uint8)
    frame[:8] = 250
    weight = np.ones((16, 16), np.float32)
    weight[:8] = 0
    assert scene_palette([frame], [weight], 8).colors.tolist() == [[0, 0, 0]]


def test_a_strength_of_nothing_is_the_nearest_colour() -> None:
    pixels = photo()
    colors = Colors.of(palette_of(pixels, 12))
    found = dither_net.dither_net().dither(pixels, colors, np.zeros((90, 130), np.float32))
    np.testing.assert_array_equal(found, colors.nearest(pixels.astype(np.float32)))


def test_dithering_stays_where_it_is_wanted_and_keeps_the_mean() -> None:
    from ssimgif import Palette

    pixels = smooth()
    colors = np.array([[80, 80, 80], [1, 1, 1], [110, 110, 110], [150, 150, 150]], np.uint8)
    palette = Palette(colors, transparent=1)
    strength = np.zeros((96, 160), np.float32)
    plain = dithered(pixels, palette, strength)
    strength[:, 80:] = 1
    found = dithered(pixels, palette, strength)
    assert found.dtype == np.uint8 and found.shape == (96, 160)
    assert 1 not in found
    np.testing.assert_array_equal(found[:, :80], plain[:, :80])
    assert (found[:, 80:] != plain[:, 80:]).any()


def test_large_pictures_are_dithered_in_parts_that_do_not_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = photo(150, 210)
    colors = Colors.of(palette_of(pixels, 16))
    ones = np.ones((150, 210), np.float32)
    whole = dither_net.dither_net().dither(pixels, colors, ones)
    monkeypatch.setattr(dither_net, "PART", 64)
    np.testing.assert_array_equal(dither_net.dither_net().dither(pixels, colors, ones), whole)


def test_one_colour_needs_no_dither() -> None:
    colors = Colors.of(np.array([[5, 5, 5]], np.uint8))
    found = dither_net.dither_net().dither(photo(8, 8), colors, np.ones((8, 8), np.float32))
    assert not found.any()


def test_bands_score_higher_than_the_gradient_they_came_from() -> None:
    network = banding_net.banding_net()
    plain, bands = network.score(smooth()), network.score(stepped())
    assert 0 <= plain < bands <= 1
    every = np.ones((3, 5), np.bool_)
    visible = visible_banding(smooth(), stepped(), every)
    assert visible.shape == (3, 5) and visible.dtype == np.float32
    assert visible.mean() > 0.5
    assert not visible_banding(stepped(), stepped(), every).any()


def test_banding_of_some_tiles_is_that_of_the_whole_picture() -> None:
    source, shown = photo(300, 420), photo(300, 420) // 16 * 16
    every = visible_banding(source, shown, np.ones((10, 14), np.bool_))
    some = np.zeros((10, 14), np.bool_)
    some[4:6, 5] = some[5, 5:8] = True
    found = visible_banding(source, shown, some)
    np.testing.assert_allclose(found[some], every[some], atol=1e-5)
    assert not found[:4].any() and not found[:, 8:].any()
    assert not visible_banding(source, shown, np.zeros_like(some)).any()
