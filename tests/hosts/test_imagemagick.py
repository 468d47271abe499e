"""ImageMagick 6 and 7 write GIFs with ssimgif, the same as ssimgif does with their frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from magick import LIMITS, Magick, decoded
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import ssimgif as api
from conftest import Command, moving_box, noise
from ssimgif.model import U8
from ssimgif_imagemagick.clip import open_miff

pytestmark = pytest.mark.host
pytest_plugins = ["magick"]


def by_core(frames: list[U8], times: float | list[Fraction], **more: int) -> bytes:
    """Return the GIF that the core makes of frames."""
    clip = api.Clip.from_frames(np.stack(frames), times, **more)
    return api.encode(clip, api.Settings(effort=1)).data


def milliseconds(*times: int) -> list[Fraction]:
    return [Fraction(time, 1000) for time in times]


@pytest.fixture
def box_by_core(magick: Magick, tmp_path: Path, box_gif: Path) -> bytes:
    """Give the GIF that the core makes of the box's frames."""
    frames = magick.frames(box_gif, cwd=tmp_path)
    return by_core(frames, milliseconds(70, 40, 130, 40, 500), loop=3)


def test_an_animation_is_what_the_core_makes_of_it(
    magick: Magick, tmp_path: Path, box_gif: Path, box_by_core: bytes
) -> None:
    magick.output(box_gif, "ssimgif:out.gif", cwd=tmp_path)
    assert (tmp_path / "out.gif").read_bytes() == box_by_core
    _, delays, plays = decoded(tmp_path / "out.gif")
    assert (delays, plays) == ([70, 40, 130, 40, 500], 3)


FLOATS = ["-define", "quantum:format=floating-point"]
SOURCES = {
    "single": ["-size", "24x18", "plasma:red-blue"],
    "alpha": ["-size", "24x18", "xc:none", "-fill", "red", "-draw", "rectangle 4,4 12,12"],
    "16 bit": ["-size", "24x18", "gradient:#123456789abc-#fedc12340000", "-depth", "16"],
    "32 bit": ["-size", "24x18", "gradient:red-blue", "-depth", "32"],
    "gray": ["-size", "24x18", "plasma:fractal", "-colorspace", "Gray"],
    "palette": ["-size", "24x18", "plasma:red-blue", "-colors", "9", "-type", "Palette"],
    "ycbcr": ["-size", "24x18", "gradient:red-blue", "-colorspace", "YCbCr"],
    "cmyk": ["-size", "24x18", "gradient:red-blue", "-colorspace", "CMYK"],
    "rle": ["-size", "24x18", "plasma:red-blue", "-colors", "9", "-compress", "RLE"],
    "zip": ["-size", "24x18", "plasma:red-blue", "-compress", "Zip"],
    "lsb": ["-size", "24x18", "gradient:red-blue", "-depth", "16", "-endian", "LSB"],
    "float": ["-size", "24x18", "gradient:red-blue", "-depth", "32", *FLOATS],
    "comment": ["-size", "24x18", "xc:red", "-set", "comment", "a { brace } \\ and\nssimgif:x=1"],
}


def read_back(magick: Magick, *arguments: str, cwd: Path) -> U8:
    """Return what ImageMagick has, 16-bit samples rounded to u8[h, w, 4]."""
    options = [
        "-define",
        "quantum:format=unsigned",
        "-compress",
        "none",
        "-colorspace",
        "sRGB",
        "-depth",
        "16",
        "-endian",
        "MSB",
    ]
    raw = magick.output("-seed", "7", *arguments, *options, "rgba:-", cwd=cwd)
    return (
        ((np.frombuffer(raw, ">u2").astype(int) + 128) // 257).reshape(18, 24, 4).astype(np.uint8)
    )


@pytest.mark.parametrize("kind", SOURCES)
def test_a_picture_of_any_kind_is_read_as_imagemagick_has_it(
    magick: Magick, tmp_path: Path, kind: str
) -> None:
    magick.output("-seed", "7", *SOURCES[kind], "miff:in.miff", cwd=tmp_path)
    clip = open_miff(tmp_path / "in.miff", LIMITS)
    assert clip is not None
    (frame,) = clip.frames()
    expected = read_back(magick, *SOURCES[kind], cwd=tmp_path).astype(int)
    shown = expected[..., 3] > 0
    assert np.array_equal(frame.pixels[..., 3], expected[..., 3])
    assert np.abs(frame.pixels[shown].astype(int) - expected[shown]).max() <= (
        1 if kind in ("ycbcr", "cmyk") else 0
    )


def test_pictures_of_several_kinds_become_what_the_core_makes_of_them(
    magick: Magick, tmp_path: Path
) -> None:
    kinds = ["alpha", "16 bit", "palette"]
    for kind in kinds:
        magick.output("-seed", "7", *SOURCES[kind], f"miff:{kind}.miff", cwd=tmp_path)
    magick.output(*(f"{kind}.miff" for kind in kinds), "out.ssimgif", cwd=tmp_path)
    pictures = [read_back(magick, *SOURCES[kind], cwd=tmp_path) for kind in kinds]
    assert (tmp_path / "out.ssimgif").read_bytes() == by_core(pictures, 0.1, loop=0)


@pytest.mark.parametrize("dispose", ["None", "Background", "Previous"])
def test_offsets_and_disposal_are_those_of_coalesce(
    magick: Magick, tmp_path: Path, dispose: str
) -> None:
    for number, frame in enumerate(noise(3, 10, 12)):
        Image.fromarray(frame).save(tmp_path / f"in{number}.png")
    layers: list[str] = ["-dispose", dispose, "-delay", "12"]
    for number, page in enumerate(["30x20+0+0", "30x20+15+8", "30x20-4-3"]):
        layers += ["-page", page, f"in{number}.png"]
    magick.output(*layers, "-alpha", "set", "miff:in.miff", cwd=tmp_path)
    clip = open_miff(tmp_path / "in.miff", LIMITS)
    assert clip is not None
    expected = magick.frames("in.miff", cwd=tmp_path)
    for ours, theirs in zip(clip.frames(), expected, strict=True):
        assert ours.duration == Fraction(12, 100)
        assert np.array_equal(ours.pixels[..., 3], theirs[..., 3])
        assert np.array_equal(ours.pixels[theirs[..., 3] > 0], theirs[theirs[..., 3] > 0])


@pytest.mark.parametrize("plays", [0, 1])
def test_loop_is_the_number_of_plays(magick: Magick, tmp_path: Path, plays: int) -> None:
    colors = ["-size", "16x16", "xc:red", "xc:blue"]
    done = magick.hand_over("-delay", "7", *colors, "-loop", str(plays), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    _, delays, found = decoded(tmp_path / "out.gif")
    assert (delays, found) == ([70, 70], plays)


def test_delays_in_other_ticks_and_settings_by_set(magick: Magick, tmp_path: Path) -> None:
    frames = ["-size", "16x16", "-delay", "3x24", "xc:red", "-delay", "250x1000", "xc:blue"]
    done = magick.hand_over(*frames, "-set", "ssimgif:loop", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    _, delays, plays = decoded(tmp_path / "out.gif")
    assert delays in ([120, 260], [130, 250])
    assert plays == 2


PLASMA = ["-seed", "3", "-size", "24x24", "plasma:red-blue"]


def reporting(options: str) -> dict[str, str]:
    return {"SSIMGIF_OPTIONS": f"{options} --quiet --report out.json"}


def test_quality_and_environment_reach_the_program_that_is_called(
    magick: Magick, tmp_path: Path
) -> None:
    env = reporting("--effort 1 --colors 8")
    done = magick(*PLASMA, "-quality", "85", "ssimgif:out.gif", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    report = api.Report.from_json((tmp_path / "out.json").read_text())
    assert (report.target["looks"], report.target["mean"]) == (85.0, 0.0)
    assert report.settings["colors"] == 8


def test_quality_budget_and_environment_reach_the_core(magick: Magick, tmp_path: Path) -> None:
    def report(*arguments: str, options: str = "--effort 1") -> api.Report:
        done = magick.hand_over(*PLASMA, *arguments, cwd=tmp_path, env=reporting(options))
        assert done.returncode == 0, done.stderr
        return api.Report.from_json((tmp_path / "out.json").read_text())

    asked = report("-quality", "85").target
    assert (asked["looks"], asked["mean"]) == (85.0, 0.0)
    assert report("-quality", "92").target["mean"] == 0.95
    assert report("-set", "ssimgif:quality", "92").target["looks"] == 92.0
    assert report("-quality", "85", "-set", "ssimgif:ssim", "0.97").target["mean"] == 0.97
    assert report("-quality", "85", options="--effort 1 --preset social").target == asked
    small = report(options="--effort 1 --max-bytes 400 --colors 8")
    assert small.bytes <= 400 and small.settings["colors"] == 8


def test_no_text_in_a_picture_and_no_property_names_a_file(magick: Magick, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    text = PngInfo()
    for name in ("ssimgif:report", "ssimgif:places", "ssimgif:max-pixels", "ssimgif:jobs"):
        text.add_text(name, str(victim))
    text.add_text("ssimgif:ssim", "0.9")
    Image.fromarray(moving_box(1, 32, 48)[0]).save(tmp_path / "evil.png", pnginfo=text)
    by_file = magick("evil.png", "ssimgif:out.gif", cwd=tmp_path)
    by_hand = magick.hand_over("evil.png", "-set", "ssimgif:report", "victim.txt", cwd=tmp_path)
    for done in (by_file, by_hand):
        assert done.returncode == 0
        assert b"properties can't set " in done.stderr and b"report" in done.stderr
    assert victim.read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"victim.txt", "evil.png", "out.gif"}
    assert decoded(tmp_path / "out.gif")[0][0].shape == (32, 48, 4)


def test_the_quality_of_a_jpeg_file_is_not_the_users(magick: Magick, tmp_path: Path) -> None:
    magick.output("-size", "16x16", "xc:red", "-quality", "40", "in.jpg", cwd=tmp_path)
    done = magick.hand_over("in.jpg", cwd=tmp_path, env=reporting("--effort 1"))
    assert done.returncode == 0
    assert b"quality 40 may be that of a JPEG file" in done.stderr
    report = api.Report.from_json((tmp_path / "out.json").read_text())
    assert report.target["mean"] == 0.95


def test_mogrify(magick: Magick, tmp_path: Path, box_by_core: bytes) -> None:
    if magick.major == "7":
        magick.output("mogrify", "-format", "ssimgif", "in.gif", cwd=tmp_path)
    else:
        program = magick.program.with_name("mogrify")
        mogrify = Magick(program if program.exists() else Path("mogrify"), "6", magick.home)
        mogrify.output("-format", "ssimgif", "in.gif", cwd=tmp_path)
    assert (tmp_path / "in.ssimgif").read_bytes() == box_by_core


def test_the_pipe(
    magick: Magick, tmp_path: Path, box_gif: Path, box_by_core: bytes, ssimgif: Command
) -> None:
    stream = magick.output(box_gif, "-quality", "50", "miff:-", cwd=tmp_path)
    arguments = ["-", "out.gif", "--effort", "1", "--quiet"]
    env = {"SSIMGIF_PLUGINS": "imagemagick"}
    done = ssimgif(*arguments, env=env, stdin=stream, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "out.gif").read_bytes() == box_by_core


def test_an_animated_avif_has_all_its_frames(magick: Magick, tmp_path: Path) -> None:
    frames = moving_box(4, 32, 48)
    first, *others = (Image.fromarray(frame) for frame in frames)
    times = [100, 50, 250, 40]
    first.save(
        tmp_path / "in.avif", save_all=True, append_images=others, duration=times, quality=90
    )
    magick.output("avifseq:in.avif", "in.miff", cwd=tmp_path)
    magick.output("in.miff", "in.gif", cwd=tmp_path)
    done = magick.hand_over("in.miff", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    pictures, delays, _ = decoded(tmp_path / "in.gif")
    assert delays == times
    found = np.stack(pictures)[..., :3].astype(int)
    assert np.abs(found - frames).mean() < 8
    data = api.open_clip(tmp_path / "in.avif", LIMITS)
    expected = api.encode(data, api.Settings(effort=1)).data
    assert (tmp_path / "out.gif").read_bytes() == expected


def test_transparent_frames_of_an_avif_replace_one_another(magick: Magick, tmp_path: Path) -> None:
    frames = np.zeros((3, 32, 48, 4), np.uint8)
    for number, frame in enumerate(frames):
        frame[8:24, 16 * number : 16 * number + 16] = 200, 40, 30, 255
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(tmp_path / "in.avif", save_all=True, append_images=others, duration=100)
    done = magick.ssimgif("decode", tmp_path / "in.avif", tmp_path / "in.miff")
    assert done.returncode == 0, done.stderr
    for number, picture in enumerate(magick.frames("in.miff", cwd=tmp_path)):
        assert np.abs(picture[..., 3].astype(int) - frames[number, ..., 3]).max() < 30
