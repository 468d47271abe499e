"""The box reader against files changed by hand and against damage."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from conftest import DATA
from reference import bmff, media
from ssimgif.errors import SourceError
from ssimgif.sources import open_clip
from ssimgif.sources.avif_boxes import Presentation, read_presentation
from ssimgif.sources.isobmff import BoxError
from ssimgif.sources.orient import CleanAperture, Transform

VFR = (DATA / "made-vfr.avif").read_bytes()
TURNED = (DATA / "made-irot1.avif").read_bytes()
VFR_DURATION = 2910
SAMPLE_ENTRY = ("moov", "trak", "mdia", "minf", "stbl", "stsd", "av01")


def presented(path: Path, data: bytes) -> Presentation:
    path.write_bytes(data)
    return read_presentation(path)


def first_pixels(path: Path, data: bytes) -> np.ndarray:
    path.write_bytes(data)
    return next(open_clip(path).frames()).pixels


@pytest.mark.parametrize(
    ("flags", "track_duration", "plays"),
    [
        (0, VFR_DURATION, 1),
        (1, VFR_DURATION, 1),
        (1, 2 * VFR_DURATION, 2),
        (1, 3 * VFR_DURATION, 3),
        (1, 3 * VFR_DURATION + 1, 4),
        (1, (1 << 63) - 1, 0),
        (1, (1 << 64) - 1, 0),
    ],
)
def test_plays_are_the_edit_list_repeated_to_fill_the_track(
    tmp_path: Path, flags: int, track_duration: int, plays: int
) -> None:
    data = bmff.set_duration(bmff.set_edit(VFR, flags, VFR_DURATION), track_duration)
    assert presented(tmp_path / "a.avif", data).tracks[0].plays == plays
    assert open_clip(tmp_path / "a.avif").loop == plays


def test_without_an_edit_list_an_animation_plays_for_ever() -> None:
    assert open_clip(DATA / "made-irot1.avif").loop == 0


@pytest.mark.parametrize("turns", range(4))
def test_irot_turns_anticlockwise(tmp_path: Path, turns: int) -> None:
    upright = first_pixels(tmp_path / "0.avif", TURNED.replace(b"irot\x01", b"irot\x00"))
    turned = TURNED.replace(b"irot\x01", b"irot" + bytes([turns]))
    assert np.array_equal(first_pixels(tmp_path / "1.avif", turned), np.rot90(upright, turns))


@pytest.mark.parametrize("axis", [0, 1])
def test_imir_swaps_top_and_bottom_or_left_and_right(tmp_path: Path, axis: int) -> None:
    upright = first_pixels(tmp_path / "0.avif", TURNED.replace(b"irot\x01", b"irot\x00"))
    mirrored = TURNED.replace(b"irot\x01", b"imir" + bytes([axis]))
    assert np.array_equal(first_pixels(tmp_path / "1.avif", mirrored), np.flip(upright, axis))


def test_crop_comes_before_turn_and_mirror(tmp_path: Path) -> None:
    upright = first_pixels(tmp_path / "0.avif", TURNED.replace(b"irot\x01", b"irot\x00"))
    # 100x50 with the centre 10 right of and 5 above the picture's.
    crop = bmff.box("clap", bmff.u32(100, 1, 50, 1, 10, 1, -5, 1))
    mirror = bmff.box("imir", b"\x01")
    data = bmff.add(TURNED, SAMPLE_ENTRY, mirror + crop)
    height, width = upright.shape[:2]
    left, top = (width - 100) // 2 + 10, (height - 50) // 2 - 5
    expected = np.flip(np.rot90(upright[top : top + 50, left : left + 100]), 1)
    assert np.array_equal(first_pixels(tmp_path / "1.avif", data), expected)


def test_a_crop_outside_the_picture_is_none() -> None:
    crop = CleanAperture(Fraction(100), Fraction(50), Fraction(60), Fraction(0))
    assert crop.rectangle(160, 90) == (0, 0, 160, 90)
    assert CleanAperture.from_box([1, 0, 1, 1, 0, 1, 0, 1]) is None


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((1, 0, 0, 1), lambda p: p),
        ((0, 1, -1, 0), lambda p: np.rot90(p, -1)),
        ((-1, 0, 0, -1), lambda p: np.rot90(p, 2)),
        ((0, -1, 1, 0), lambda p: np.rot90(p, 1)),
        ((-1, 0, 0, 1), lambda p: p[:, ::-1]),
        ((1, 0, 0, -1), lambda p: p[::-1]),
        ((0, 1, 1, 0), lambda p: p.transpose(1, 0, 2)),
        ((0, -1, -1, 0), lambda p: np.rot90(p, 2).transpose(1, 0, 2)),
    ],
)
def test_the_track_matrix_turns_and_mirrors(
    matrix: tuple[int, int, int, int], shown: Callable[[np.ndarray], np.ndarray]
) -> None:
    a, b, c, d = matrix
    pixels = np.arange(3 * 5 * 4, dtype=np.uint8).reshape(3, 5, 4)
    out = Transform.from_matrix(a, b, c, d).apply(pixels)
    assert np.array_equal(out, shown(pixels))
    # By the definition: pixel (x, y) goes to (a x + c y, b x + d y), shifted to begin at 0.
    places = np.array([(a * x + c * y, b * x + d * y) for y, x in np.ndindex(3, 5)])
    for (y, x), (left, top) in zip(np.ndindex(3, 5), places - places.min(0), strict=True):
        assert np.array_equal(out[top, left], pixels[y, x])


@pytest.fixture(scope="module")
def with_alpha(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An AVIF of three frames whose colours and alpha (0, 128, 255) are even areas."""
    path = tmp_path_factory.mktemp("alpha") / "a.avif"
    frames = np.zeros((3, 48, 64, 4), np.uint8)
    frames[..., :3] = 100, 60, 40
    frames[:, :, 16:, 3] = 128
    frames[:, :, 40:, 3] = 255
    frames[1, :24, :, :3] = 60, 60, 100
    frames[2, 24:, :, :3] = 20, 110, 20
    first, *others = (Image.fromarray(frame) for frame in frames)
    options = {"quality": 100, "subsampling": "4:4:4", "speed": 9}
    first.save(path, save_all=True, append_images=others, duration=[40, 100, 70], **options)
    return path.read_bytes()


def test_alpha_comes_from_its_own_track(tmp_path: Path, with_alpha: bytes) -> None:
    path = tmp_path / "a.avif"
    path.write_bytes(with_alpha)
    clip = open_clip(path)
    frames = list(clip.frames())
    assert clip.has_alpha
    assert [f.duration for f in frames] == [Fraction(n, 1000) for n in (40, 100, 70)]
    for frame in frames:
        assert (frame.pixels[24, [4, 28, 60], 3] == (0, 128, 255)).all()
    assert np.abs(frames[0].pixels[24, 60, :3].astype(int) - (100, 60, 40)).max() <= 2


@pytest.mark.parametrize("kind", [b"depth", b"other"])
def test_an_auxiliary_track_of_another_type_is_no_alpha(
    tmp_path: Path, with_alpha: bytes, kind: bytes
) -> None:
    path = tmp_path / "a.avif"
    path.write_bytes(with_alpha.replace(b"auxiliary:alpha", b"auxiliary:" + kind))
    clip = open_clip(path)
    assert not clip.has_alpha
    assert all((frame.pixels[..., 3] == 255).all() for frame in clip.frames())


def test_hevc_alpha_type_is_known(tmp_path: Path, with_alpha: bytes) -> None:
    old = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
    path = tmp_path / "a.avif"
    path.write_bytes(with_alpha.replace(old, b"urn:mpeg:hevc:2015:auxid:1".ljust(len(old), b"\0")))
    assert open_clip(path).has_alpha


def test_premultiplied_colours_become_straight(tmp_path: Path, with_alpha: bytes) -> None:
    tracks = presented(tmp_path / "a.avif", with_alpha).tracks
    color = next(t for t in tracks if not t.auxiliary_for)
    alpha = next(t for t in tracks if t.is_alpha)
    reference = bmff.box("tref", bmff.box("prem", bmff.u32(alpha.id)))
    data = bmff.add(with_alpha, ("moov", "trak"), reference, track=tracks.index(color))
    pixels = first_pixels(tmp_path / "b.avif", data)
    assert np.abs(pixels[24, 60, :3].astype(int) - (100, 60, 40)).max() <= 2
    assert np.abs(pixels[24, 28, :3] - np.array([100, 60, 40]) * 255 / 128).max() <= 4


def test_a_track_without_durations_is_refused(tmp_path: Path) -> None:
    start, _ = bmff.find(TURNED, "moov", "trak", "mdia", "minf", "stbl", "stts")
    data = TURNED[: start + 20] + bmff.u32(0) + TURNED[start + 24 :]
    (tmp_path / "a.avif").write_bytes(data)
    with pytest.raises(SourceError, match="none of its frames has a duration"):
        open_clip(tmp_path / "a.avif")


def test_frames_that_are_never_on_screen_are_left_out(tmp_path: Path) -> None:
    start, _ = bmff.find(VFR, "moov", "trak", "mdia", "minf", "stbl", "stts")
    second = start + 16 + 8
    data = VFR[: second + 4] + bmff.u32(0) + VFR[second + 8 :]
    (tmp_path / "a.avif").write_bytes(data)
    whole = list(open_clip(DATA / "made-vfr.avif").frames())
    clip = open_clip(tmp_path / "a.avif")
    shown = list(clip.frames())
    assert clip.frame_count == len(shown) == len(whole) - 1
    assert [f.duration for f in shown] == [f.duration for f in whole[:1] + whole[2:]]
    assert np.array_equal(shown[1].pixels, whole[2].pixels)


def test_an_animation_without_its_movie_box_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    path.write_bytes(TURNED.replace(b"moov", b"moop"))
    with pytest.raises(SourceError, match=r"^a\.avif is damaged: .* has no track$"):
        open_clip(path)


@pytest.mark.parametrize(
    "damage",
    [
        bmff.box("ftyp", b"avis") + (7).to_bytes(4) + b"moov",
        bmff.box("ftyp", b"avis") + (1).to_bytes(4) + b"moov" + (9).to_bytes(8),
        bmff.box("ftyp", b"avis") + bmff.box("moov", (4).to_bytes(4) + b"trak"),
        bmff.box("ftyp", b"avis") + bmff.box("moov", (400).to_bytes(4) + b"trak"),
        bmff.box("ftyp", b"avis") + (1 << 30).to_bytes(4) + b"moov",
        bmff.box("ftyp", b"avis") + bmff.box("meta", bytes(4), bmff.box("pitm", b"\0")),
    ],
)
def test_boxes_with_wrong_sizes_are_refused(tmp_path: Path, damage: bytes) -> None:
    with pytest.raises(BoxError):
        presented(tmp_path / "a.avif", damage)


def test_absurd_counts_are_refused(tmp_path: Path) -> None:
    start, _ = bmff.find(VFR, "moov", "trak", "mdia", "minf", "stbl", "stts")
    data = VFR[: start + 12] + bmff.u32(1 << 31) + VFR[start + 16 :]
    with pytest.raises(BoxError, match="2147483648 entries"):
        presented(tmp_path / "a.avif", data)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), min_size=1, max_size=8))
def test_damaged_headers_give_boxes_or_a_box_error(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(VFR)
    for position, value in changes:
        data[position] = value
    path = tmp_path_factory.getbasetemp() / "damaged.avif"
    path.write_bytes(data)
    try:
        read_presentation(path)
    except BoxError as error:
        assert str(error)


def test_unusual_boxes_of_other_films_are_left_to_the_decoder(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.mov", media.gradient(), "libx264", "yuv420p")
    data = path.read_bytes()
    strange = bmff.box("meta", (400).to_bytes(4) + b"hdlr")
    assert presented(path, data + strange).tracks == presented(path, data).tracks
    start, _ = bmff.find(data, "moov", "trak", "tkhd")
    assert presented(path, data[: start + 3] + b"\xff" + data[start + 4 :]).tracks == ()


def test_the_matrix_of_a_film_is_applied(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.mp4", media.gradient(), "libx264", "yuv420p")
    upright = next(open_clip(path).frames()).pixels
    path.write_bytes(bmff.set_matrix(path.read_bytes(), 0, 1, -1, 0))
    assert np.array_equal(next(open_clip(path).frames()).pixels, np.rot90(upright, -1))
