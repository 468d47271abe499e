"""Pictures by Pillow: colour profiles, pages, floats, and names of files."""

from __future__ import annotations

import zlib
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from struct import pack

import numpy as np
import pytest
from PIL import Image, ImageCms

from reference import media
from reference.files import Png, PngFrame, chunk
from ssimgif.errors import SourceError
from ssimgif.model import U8
from ssimgif.sources import open_clip


def shown(path: Path | str, **options: object) -> list[U8]:
    return [frame.pixels for frame in open_clip(path, **options).frames()]  # type: ignore[arg-type]


# --- colour profiles ---


def fixed(number: float) -> bytes:
    return pack(">i", round(number * 65536))


def rgb_profile(red: tuple[float, ...], green: tuple[float, ...], blue: tuple[float, ...]) -> bytes:
    """Return a matrix profile with sRGB's curve; columns are XYZ under D50 (ICC.1, 8.3.3)."""
    curve = b"para" + bytes(4) + pack(">2H", 3, 0)
    curve += b"".join(fixed(n) for n in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    tags = {name: _xyz(*v) for name, v in ((b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue))}
    return profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return a display profile of a colour space (ICC.1, 7)."""
    tags = {b"wtpt": _xyz(0.9642, 1, 0.8249)} | tags
    table, data = pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + pack(">2I", 132 + 12 * len(tags) + len(data), len(value))
        data += value
    head = bytes(8) + b"\x04\x30\0\0mntr" + space + b"XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += fixed(0.9642) + fixed(1) + fixed(0.8249)
    head = head.ljust(128, b"\0")
    return pack(">I", 128 + len(table + data)) + head[4:] + table + data


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ " + bytes(4) + fixed(x) + fixed(y) + fixed(z)


# Primaries of Display P3 under D50.
P3 = rgb_profile(
    (0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)
)
ORANGE = [200, 120, 60]


def expected_from_p3(color: list[int]) -> U8:
    """Return a colour of Display P3 in sRGB, by the published matrices."""
    levels = np.array(color) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    # From CSS Color 4, sample code: P3 to XYZ (D65) and XYZ to sRGB, multiplied.
    matrix = [[1.2249401763, -0.2249401763, 0], [-0.0420569547, 1.0420569547, 0]]
    matrix.append([-0.0196375546, -0.0786360456, 1.0982736002])
    linear = (np.array(matrix) @ linear).clip(0, 1)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".jpg"])
def test_a_profile_is_converted_to_srgb(tmp_path: Path, suffix: str) -> None:
    options = {".webp": {"lossless": True}, ".jpg": {"quality": 100, "subsampling": 0}}
    path = tmp_path / f"a{suffix}"
    Image.new("RGB", (16, 16), tuple(ORANGE)).save(path, icc_profile=P3, **options.get(suffix, {}))
    found = shown(path)[0][8, 8, :3].astype(int)
    assert np.abs(found - expected_from_p3(ORANGE)).max() <= (3 if suffix == ".jpg" else 1)
    assert np.abs(found - ORANGE).max() > 10


def test_a_profile_holds_for_all_frames_and_leaves_alpha(tmp_path: Path) -> None:
    frames = [PngFrame(np.full((4, 4, 4), [*ORANGE, alpha], np.uint8)) for alpha in (255, 99)]
    more = chunk(b"iCCP", b"P3\0\0" + zlib.compress(P3))
    for pixels, alpha in zip(
        shown(Png(4, 4, frames, more=more).write(tmp_path / "a.png")), (255, 99), strict=True
    ):
        assert np.abs(pixels[0, 0, :3].astype(int) - expected_from_p3(ORANGE)).max() <= 1
        assert (pixels[..., 3] == alpha).all()


@pytest.mark.parametrize("profile", [b"", chunk(b"iCCP", b"P3\0\0" + zlib.compress(P3))])
def test_code_points_are_converted_and_go_before_a_profile(tmp_path: Path, profile: bytes) -> None:
    more = chunk(b"cICP", bytes([12, 13, 0, 1])) + profile
    frame = PngFrame(np.full((4, 4, 4), [*ORANGE, 99], np.uint8))
    (pixels,) = shown(Png(4, 4, [frame], more=more, animated=False).write(tmp_path / "a.png"))
    assert np.abs(pixels[0, 0, :3].astype(int) - expected_from_p3(ORANGE)).max() <= 1
    assert pixels[0, 0, 3] == 99


def test_webp_animations_have_profiles_too(tmp_path: Path) -> None:
    images = [Image.new("RGB", (8, 8), tuple(color)) for color in (ORANGE, [10, 200, 30])]
    path = tmp_path / "a.webp"
    images[0].save(
        path, save_all=True, append_images=images[1:], lossless=True, icc_profile=P3, duration=50
    )
    for pixels, color in zip(shown(path), (ORANGE, [10, 200, 30]), strict=True):
        assert np.abs(pixels[0, 0, :3].astype(int) - expected_from_p3(color)).max() <= 1


def test_srgb_s_own_profile_changes_nothing(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "a.png", icc_profile=profile)
    assert np.array_equal(shown(tmp_path / "a.png")[0][..., :3], picture)


def test_a_gray_profile_holds_for_gray_alone(tmp_path: Path) -> None:
    linear = profile(b"GRAY", {b"kTRC": b"curv" + bytes(8)})
    Image.new("L", (8, 8), 55).save(tmp_path / "a.png", icc_profile=linear)
    expected = 255 * (1.055 * (55 / 255) ** (1 / 2.4) - 0.055)
    assert np.abs(shown(tmp_path / "a.png")[0][..., :3] - expected).max() <= 1
    Image.new("RGB", (8, 8), (55, 55, 55)).save(tmp_path / "a.png", icc_profile=linear)
    assert (shown(tmp_path / "a.png")[0][..., :3] == 55).all()


def test_a_profile_of_other_channels_is_left_alone(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    Image.new("RGB", (4, 4), tuple(ORANGE)).save(tmp_path / "a.png", icc_profile=lab)
    assert shown(tmp_path / "a.png")[0][0, 0].tolist() == [*ORANGE, 255]


# --- pages and samples ---


def write_pages(path: Path, frames: list[U8]) -> Path:
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(path, save_all=True, append_images=others)
    return path


def test_the_pages_of_a_tiff_file_are_frames(tmp_path: Path) -> None:
    source = media.gradient(5)
    path = write_pages(tmp_path / "a.tif", list(source))
    clip = open_clip(path, fps=Fraction(25))
    assert np.array_equal(np.stack([f.pixels for f in clip.frames()])[..., :3], source)
    assert [f.duration for f in clip.frames()] == 5 * [Fraction(1, 25)]
    assert [f.duration for f in open_clip(path).frames()] == 5 * [Fraction(1, 10)]
    assert (clip.frame_count, list(clip.notes)) == (5, [])


def test_pages_of_another_size_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    pages = [*media.gradient(2), media.gradient(1, 10, 12)[0]]
    clip = open_clip(write_pages(tmp_path / "a.tif", pages))
    assert clip.frame_count == 2
    assert list(clip.notes) == ["pages of another size than 46x34 are left out"]


def test_a_smaller_version_of_a_page_is_none(tmp_path: Path) -> None:
    first, second = (Image.fromarray(frame) for frame in media.gradient(2))
    second.encoderinfo = {"tiffinfo": {254: 1}}
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second])
    clip = open_clip(tmp_path / "a.tif")
    assert clip.frame_count == 1
    assert list(clip.notes) == ["a still image: the GIF has one frame"]


def test_a_float_picture_goes_from_0_to_1(tmp_path: Path) -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)
    for scale in (1, 255):
        Image.fromarray(ramp * np.float32(scale)).save(tmp_path / "a.tif")
        assert np.array_equal(shown(tmp_path / "a.tif")[0][..., 0].ravel(), np.arange(256))


# --- names ---


def write_numbered(folder: Path, names: list[str]) -> list[str]:
    """Write a picture for each name, as bright as its place in the list."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        Image.new("L", (4, 4), 10 * number).save(folder / name, format="PNG")
    return names


def order(source: Path | str) -> list[int]:
    return [int(pixels[0, 0, 0]) // 10 for pixels in shown(source)]


@pytest.mark.parametrize(
    "names",
    [
        ["-1.0.png", "-0.5.png", "0.0.png", "0.25.png", "0.5.png", "1.0.png", "10.0.png"],
        ["t_-10.png", "t_-9.png", "t_2.png", "t_10.png"],
        ["shot-1.png", "shot-2.png", "shot-10.png"],
        ["2024-01-02.png", "2024-01-10.png", "2024-02-01.png"],
        ["v1.9.png", "v1.10.png"],
    ],
)
def test_names_are_in_the_order_of_their_numbers(tmp_path: Path, names: list[str]) -> None:
    assert order(tmp_path / "a" if write_numbered(tmp_path / "a", names) else "") == [
        *range(len(names))
    ]


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    write_numbered(tmp_path, ["a0.png", "a1.png"])
    (tmp_path / "._a0.png").write_bytes(b"\0\5\x16\7 what macOS puts beside a file")
    (tmp_path / ".b.PNG").write_bytes(b"rubbish")
    assert order(tmp_path) == order(str(tmp_path / "*.png")) == [0, 1]


@pytest.mark.parametrize("folder", ["Render[1]", "a*b", "what?"])
def test_folders_may_have_the_characters_of_patterns(tmp_path: Path, folder: str) -> None:
    write_numbered(tmp_path / folder, ["f0.png", "f1.png"])
    for pattern in ("", "*.png", "f[0-9].png", "f%d.png"):
        assert order(str(tmp_path / folder / pattern)) == [0, 1]


def test_brackets_that_match_nothing_are_brackets(tmp_path: Path) -> None:
    write_numbered(tmp_path, ["[shot] 1.png", "[shot] 2.png"])
    assert order(str(tmp_path / "[shot] *.png")) == [0, 1]


def test_numbers_as_ffmpeg_writes_them(tmp_path: Path) -> None:
    names = ["f0001.png", "f0002.png", "f0010.png", "f12345.png"]
    write_numbered(tmp_path, [*names, "f3.png", "f0003.x.png", "g0001.png"])
    assert order(str(tmp_path / "f%04d.png")) == [0, 1, 2, 3]
    assert order(str(tmp_path / "f%d.png")) == [0, 1, 4, 2, 3]
    with pytest.raises(SourceError, match=r"f%06d\.png has no pictures"):
        open_clip(str(tmp_path / "f%06d.png"))


def test_a_file_with_a_number_s_pattern_in_its_name_is_itself(tmp_path: Path) -> None:
    write_numbered(tmp_path, ["f%d.png", "f1.png"])
    assert order(str(tmp_path / "f%d.png")) == [0]


# --- sentences ---


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF"])
def test_a_picture_that_is_too_large_is_said_to_be(tmp_path: Path, kind: str) -> None:
    buffer = BytesIO()
    Image.new("RGB", (16, 8)).save(buffer, kind)
    data = bytearray(buffer.getvalue())
    if kind == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = pack(">2H", 17_000, 17_000)
    elif kind == "BMP":
        data[18:26] = pack("<2i", 17_000, 17_000)
    elif kind == "GIF":
        data[6:10] = pack("<2H", 17_000, 17_000)
    else:
        header = chunk(b"IHDR", pack(">2I5B", 17_000, 17_000, 8, 2, 0, 0, 0))
        data = data[:8] + header + data[8 + len(header) :]
    (tmp_path / "a.bin").write_bytes(data)
    with pytest.raises(SourceError, match=r"17000x17000|larger than any picture"):
        open_clip(tmp_path / "a.bin")


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_a_picture_that_is_cut_off_is_not_called_unknown(tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a", kind)
    whole = (tmp_path / "a").read_bytes()
    for share in (0.02, 0.6, 0.95):
        (tmp_path / "a").write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(SourceError, match=r"^a is damaged: "):
            open_clip(tmp_path / "a")
