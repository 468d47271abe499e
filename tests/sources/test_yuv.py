"""Planes to RGB against the equations, decoded clips against other decoders."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from conftest import DATA
from reference.planes import slow_rgb
from ssimgif.sources import open_clip
from ssimgif.sources.yuv import expand, to_rgba, unpremultiply

BT601, BT709, BT2020, IDENTITY = 6, 1, 9, 0


def random_planes(bits: int, sizes: list[tuple[int, int]]) -> list[np.ndarray]:
    rng = np.random.default_rng(bits)
    kind = np.uint8 if bits == 8 else np.uint16
    return [rng.integers(0, 1 << bits, size, kind) for size in sizes]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", [BT601, BT709, BT2020])
@pytest.mark.parametrize("bits", [8, 10, 12])
@pytest.mark.parametrize("chroma", [(9, 13), (5, 7), (9, 7)], ids=["444", "420", "422"])
def test_conversion_is_the_standards_within_rounding(
    bits: int, matrix: int, full: bool, chroma: tuple[int, int]
) -> None:
    planes = random_planes(bits, [(9, 13), chroma, chroma])
    found = to_rgba(planes, bits, matrix, full)
    expected = slow_rgb(planes, bits, matrix, full)
    difference = np.abs(found[..., :3].astype(int) - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.01
    assert (found[..., 3] == 255).all()


@pytest.mark.parametrize("matrix", [BT601, BT709, BT2020])
def test_primary_colours_come_back(matrix: int) -> None:
    """Full-range codes of the matrix's own equations give red, green, blue, white and black."""
    kr, kb = {BT601: (0.299, 0.114), BT709: (0.2126, 0.0722), BT2020: (0.2627, 0.0593)}[matrix]
    colors = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255] * 3, [0] * 3], float)
    luma = colors @ (kr, 1 - kr - kb, kb)
    cb = (colors[:, 2] - luma) / (2 * (1 - kb)) + 128
    cr = (colors[:, 0] - luma) / (2 * (1 - kr)) + 128
    planes = [np.rint(p.clip(0, 255)).astype(np.uint8)[None] for p in (luma, cb, cr)]
    assert np.abs(to_rgba(planes, 8, matrix, True)[0, :, :3] - colors).max() <= 2


def test_identity_planes_are_green_blue_red() -> None:
    green, blue, red = random_planes(8, [(4, 6)] * 3)
    out = to_rgba([green, blue, red], 8, IDENTITY, True)
    assert np.array_equal(out[..., :3], np.stack([red, green, blue], axis=2))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("bits", [8, 12])
def test_gray_has_three_equal_channels(bits: int, full: bool) -> None:
    (plane,) = random_planes(bits, [(7, 5)])
    out = to_rgba([plane], bits, 2, full)
    assert np.array_equal(out[..., :3], slow_rgb([plane], bits, 2, full))


def test_limited_alpha_is_stretched() -> None:
    plane = np.array([[0, 16, 126, 235, 255]], np.uint8)
    assert expand(plane, 8, full=False).tolist() == [[0, 0, 128, 255, 255]]
    assert np.array_equal(expand(plane, 8, full=True), plane)


def test_deep_output_is_the_same_colour() -> None:
    planes = random_planes(10, [(8, 8)] * 3)
    deep = to_rgba(planes, 10, BT709, False, deep=True)
    assert np.abs(deep / 257 - to_rgba(planes, 10, BT709, False)).max() <= 0.51


def test_unpremultiplied_colours_are_divided_by_alpha() -> None:
    pixels = np.array([[[50, 25, 0, 128], [10, 20, 30, 255], [0, 0, 0, 0]]], np.uint8)
    assert unpremultiply(pixels).tolist() == [[[100, 50, 0, 128], [10, 20, 30, 255], [0] * 4]]


@pytest.mark.parametrize(
    ("file", "mean", "most"),
    [
        # 4:4:4 and gray need no upsampling: only rounding differs.
        ("made-444-fullrange.avif", 0.1, 1),
        ("made-gray.avif", 0.0, 0),
        # libavif takes chroma as centred horizontally, which shows at strong edges.
        ("made-bt601-limited.avif", 1.3, 40),
        ("made-odd-161x91.avif", 1.3, 40),
        ("made-vfr.avif", 1.3, 40),
    ],
)
def test_frames_agree_with_libavif(file: str, mean: float, most: int) -> None:
    with Image.open(DATA / file) as image:
        for number, frame in enumerate(open_clip(DATA / file).frames()):
            image.seek(number)
            expected = np.asarray(image.convert("RGB")).astype(int)
            difference = np.abs(frame.pixels[..., :3] - expected)
            assert difference.mean() <= mean
            assert difference.max() <= most


def test_ten_bit_422_video_keeps_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    y, x = np.mgrid[0:32, 0:48]
    rgb = np.stack([x * 5, y * 7, 255 - x * 4], axis=2).clip(0, 255).astype(np.uint8)
    red, green, blue = np.moveaxis(rgb / 255, 2, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue  # ITU-R BT.601, limited range
    planes = (
        64 + 876 * luma,
        (512 + 896 * (blue - luma) / 1.772)[:, ::2],
        (512 + 896 * (red - luma) / 1.402)[:, ::2],
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv422p10le"
        frame = av.VideoFrame(48, 32, "yuv422p10le")
        for plane, samples in zip(frame.planes, planes, strict=True):
            rows = np.zeros((32, plane.line_size // 2), "<u2")
            rows[:, : samples.shape[1]] = samples.round()
            plane.update(rows)
        container.mux(stream.encode(frame) + stream.encode(None))
    found = next(open_clip(path).frames()).pixels[..., :3]
    assert np.abs(found.astype(int) - rgb).mean() < 0.7
