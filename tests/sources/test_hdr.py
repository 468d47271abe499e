"""PQ and HLG to sRGB, against the formulas of BT.2100."""

from __future__ import annotations

import math

import numpy as np
import pytest

from conftest import DATA
from ssimgif.model import U8
from ssimgif.sources import hdr, open_clip

BT709, BT2020 = 1, 9


def pq_code(nits: float) -> int:
    """16-bit code of a light, by the inverse EOTF of SMPTE ST 2084."""
    power = (nits / 10_000) ** 0.1593017578125
    return round(65535 * ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def srgb(linear: float) -> float:
    return 255 * (12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055)


def mapped(colors: list[tuple[float, float, float]], peak: float, primaries: int = BT2020) -> U8:
    codes = [[*(pq_code(c) for c in color), 65535] for color in colors]
    return hdr.tone_map(np.array([codes], np.uint16), hdr.PQ, primaries, peak)[0]


@pytest.mark.parametrize("nits", [0.05, 1, 10, 26, 50, 75, 100])
@pytest.mark.parametrize("peak", [1000, 4000, 10_000])
def test_middle_tones_keep_their_place(nits: float, peak: float) -> None:
    (out,) = mapped([(nits, nits, nits)], peak)
    assert np.abs(out[:3] - srgb(nits / 203)).max() <= 1
    assert out[3] == 255


@pytest.mark.parametrize("peak", [1000.0, 4000.0, 10_000.0])
def test_highlights_are_rolled_off_and_keep_their_order(peak: float) -> None:
    nits = [100 * (peak / 100) ** (i / 20) for i in range(21)]
    levels = mapped([(n, n, n) for n in nits], peak)[:, 0].astype(int)
    assert (np.diff(levels) > 0).all()
    assert levels[-1] == 255


def test_reference_white_is_bright() -> None:
    assert mapped([(203, 203, 203)], 1000)[0, 0] >= 215


def test_light_over_the_peak_is_white() -> None:
    assert (mapped([(9000, 9000, 9000)], 1000) == 255).all()


def test_without_highlights_white_is_white() -> None:
    assert mapped([(203, 203, 203)], 203)[0, 0] == 255
    assert abs(int(mapped([(150, 150, 150)], 203)[0, 0]) - srgb(150 / 203)) <= 1


def test_colours_inside_the_gamut_keep_hue_and_saturation() -> None:
    """BT.709 red at 40 nits, in BT.2020 primaries (BT.2087)."""
    light = np.array([0.6274, 0.0691, 0.0164]) * 40
    (out,) = mapped([tuple(light)], 1000)
    assert np.abs(out[:3] - np.array([srgb(40 / 203), 0, 0])).max() <= 4


@pytest.mark.parametrize("color", [(80, 0, 0), (0, 80, 0), (0, 0, 80), (0, 900, 0)])
def test_colours_outside_the_gamut_keep_their_leading_channel(
    color: tuple[float, float, float],
) -> None:
    (out,) = mapped([color], 1000)
    leading = int(np.argmax(color))
    assert int(np.argmax(out[:3])) == leading
    assert out[leading] - np.delete(out[:3], leading).astype(int).max() > 60


def test_bright_colours_fade() -> None:
    dim, bright = mapped([(60, 20, 20), (3000, 1000, 1000)], 4000, BT709).astype(int)
    assert dim[1] / dim[0] < bright[1] / bright[0] < 1


@pytest.mark.parametrize("signal", [0.1, 0.3, 0.5])
def test_hlg_has_its_system_gamma(signal: float) -> None:
    """BT.2100: E = E'^2 / 3 up to a half; displayed light 1000 * Y^0.2 * E."""
    scene = signal**2 / 3
    nits = 1000 * scene**1.2
    code = round(65535 * signal)
    codes = np.array([[[code, code, code, 65535]]], np.uint16)
    out = hdr.tone_map(codes, hdr.HLG, BT2020, 1000)[0, 0]
    assert abs(int(out[0]) - srgb(nits / 203)) <= 1


def test_hlg_reference_white_is_203_nits() -> None:
    """BT.2408: HLG at 75 %."""
    code = round(65535 * 0.75)
    codes = np.full((1, 1, 4), code, np.uint16)
    found = hdr.tone_map(codes, hdr.HLG, BT2020, 1000)[0, 0, 0]
    assert abs(int(found) - int(mapped([(203, 203, 203)], 1000)[0, 0])) <= 1


def test_the_peak_is_the_light_of_the_brightest_pixels() -> None:
    codes = np.full((100, 100, 4), pq_code(100), np.uint16)
    codes[40:60, 40:60, 1] = pq_code(2500)
    assert math.isclose(hdr.peak_light(codes, hdr.PQ), 2500, rel_tol=0.01)


@pytest.mark.parametrize("file", ["made-pq10.avif", "made-hlg10.avif"])
def test_hdr_clips_are_mapped_and_say_so(file: str) -> None:
    clip = open_clip(DATA / file)
    assert list(clip.notes) == ["high dynamic range: tone-mapped to sRGB"]
    for frame in clip.frames():
        luma = frame.pixels[..., :3] @ (0.299, 0.587, 0.114)
        assert np.percentile(luma, 2) < 30
        assert np.percentile(luma, 98) > 200
        assert (frame.pixels[..., :3].min(axis=2) == 255).mean() < 0.02
