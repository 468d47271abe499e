"""What containers and streams state of colours, against the formulas of the standards."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageCms

from reference import bmff, media
from ssimgif.model import U8
from ssimgif.sources import open_clip
from ssimgif.sources import yuv as colour
from ssimgif.sources.avif_boxes import read_presentation

DATA = Path(__file__).parents[1] / "data"
SAMPLE_ENTRY = ("moov", "trak", "mdia", "minf", "stbl", "stsd", "av01")
COLORS = ((128, 128, 128), (200, 150, 120), (30, 30, 30), (90, 140, 60), (230, 40, 50))

# Columns are the light of a unit of red, green and blue (SMPTE EG 432-1, BT.2087, inverted).
TO_BT709 = {
    "smpte432": ((1.2249, -0.2247, 0), (-0.0420, 1.0419, 0), (-0.0197, -0.0786, 1.0979)),
    "bt2020": (
        (1.6605, -0.5876, -0.0728),
        (-0.1246, 1.1329, -0.0083),
        (-0.0182, -0.1006, 1.1187),
    ),
    "bt709": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}


def linear(level: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


def encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def patches() -> U8:
    """Return two frames of upright bars of the colours, 16 wide."""
    bars = np.repeat(np.array(COLORS, np.uint8)[None], 16, axis=1)
    return np.broadcast_to(bars, (2, 32, *bars.shape[1:])).copy()


def shown(path: Path) -> NDArray[np.float64]:
    """Return the colours in the middle of the bars of the first frame, float[n, 3]."""
    frame = next(open_clip(path).frames())
    return frame.pixels[16, 8::16, :3].astype(np.float64)


@pytest.mark.parametrize(
    ("primaries", "transfer"),
    [
        ("bt709", "bt709"),
        ("bt709", "iec61966-2-1"),
        ("smpte432", "iec61966-2-1"),
        ("bt2020", "bt2020-10"),
        ("bt2020", "bt709"),
        ("bt709", "linear"),
        ("smpte432", "linear"),
        ("bt709", "bt470m"),
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_colours_are_converted_to_srgb(
    tmp_path: Path, suffix: str, primaries: str, transfer: str
) -> None:
    params = f"colorprim={primaries}:transfer={transfer}:colormatrix=bt709:fullrange=off"
    path = media.write_video(
        tmp_path / f"a{suffix}",
        patches(),
        "libx264",
        "yuv444p",
        preset="ultrafast",
        **{"x264-params": f"{params}:qp=1", "profile": "high444"},
    )
    raw = raw_colors(path)
    level = raw / 255
    light = {"linear": level, "bt470m": level**2.2}.get(transfer, linear(level))
    expected = 255 * encoded(light @ np.array(TO_BT709[primaries]).T)
    assert np.abs(shown(path) - expected).max() <= 2


def raw_colors(path: Path) -> NDArray[np.float64]:
    """Return the colours of the bars by the matrix of BT.709 alone, float[n, 3]."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    y, u, v = (plane[16, 8::16].astype(np.float64) for plane in frame.to_ndarray())
    grey, u, v = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    red, blue = grey + 1.5748 * v, grey + 1.8556 * u
    green = (grey - 0.2126 * red - 0.0722 * blue) / 0.7152
    return 255 * np.stack([red, green, blue], axis=1).clip(0, 1)


@pytest.mark.parametrize("frames", [1, 2])
def test_the_containers_range_goes_before_the_streams(tmp_path: Path, frames: int) -> None:
    """As libavif has it; Pillow writes full range in both places."""
    path = media.write_pictures(tmp_path / "a.avif", patches()[:frames], 100, quality=100)
    gray = [0, 2]
    full = shown(path)[gray]
    data = bytearray(path.read_bytes())
    at = data.find(b"nclx")
    assert at > 0
    while at > 0:
        data[at + 10] &= 0x7F
        at = data.find(b"nclx", at + 1)
    path.write_bytes(data)
    assert np.abs(shown(path)[gray] - (full - 16) * 255 / 219).max() <= 1


def swapped_profile() -> bytes:
    """Return the profile of sRGB with the columns of red and green exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = int.from_bytes(profile[128:132])
    table = profile[132 : 132 + 12 * count]
    exchanged = table.replace(b"rXYZ", b"-XYZ").replace(b"gXYZ", b"rXYZ").replace(b"-XYZ", b"gXYZ")
    return profile[:132] + exchanged + profile[132 + 12 * count :]


@pytest.mark.parametrize("frames", [1, 2])
def test_an_icc_profile_is_applied(tmp_path: Path, frames: int) -> None:
    plain = media.write_pictures(tmp_path / "a.avif", patches()[:frames], 100, quality=100)
    path = media.write_pictures(
        tmp_path / "b.avif", patches()[:frames], 100, quality=100, icc_profile=swapped_profile()
    )
    assert np.abs(shown(path) - shown(plain)[:, [1, 0, 2]]).max() <= 3


def test_a_profile_that_is_none_changes_nothing(tmp_path: Path) -> None:
    plain = media.write_pictures(tmp_path / "a.avif", patches(), 100)
    path = media.write_pictures(tmp_path / "b.avif", patches(), 100, icc_profile=b"nonsense" * 40)
    assert np.array_equal(shown(path), shown(plain))


@pytest.mark.parametrize(("matrix", "more_bits"), [(16, 2), (17, 1)])
def test_reversible_ycgco_loses_nothing(matrix: int, more_bits: int) -> None:
    """ITU-T H.273: the forward transform by lifting, in whole numbers."""
    rgb = np.random.default_rng(4).integers(0, 256, (20, 30, 3))
    bits = 8 + more_bits
    red, green, blue = (rgb[..., i] for i in range(3))
    orange = red - blue
    base = blue + (orange >> 1)
    green_less = green - base
    luma = base + (green_less >> 1)
    middle = 1 << (bits - 1)
    planes = [plane.astype(np.uint16) for plane in (luma, green_less + middle, orange + middle)]
    assert np.array_equal(colour.to_rgba(planes, bits, matrix, True)[..., :3], rgb)


def test_an_operating_point_is_read_and_asked_for(tmp_path: Path) -> None:
    data = bmff.add((DATA / "made-vfr.avif").read_bytes(), SAMPLE_ENTRY, bmff.box("a1op", b"\x02"))
    path = tmp_path / "a.avif"
    path.write_bytes(data)
    assert read_presentation(path).tracks[0].operating_point == 2
    # A stream without such a point is decoded whole.
    whole = list(open_clip(DATA / "made-vfr.avif").frames())
    assert len(list(open_clip(path).frames())) == len(whole)
