"""ImageMagick 6 and 7 write GIFs with ssimgif, the same as ssimgif does with their frames."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

import ssimgif as api
from conftest import Command, command_environment, moving_box, noise, write_animation
from ssimgif.model import U8
from ssimgif_imagemagick import hosts
from ssimgif_imagemagick.clip import open_miff
from ssimgif_imagemagick.installation import BACKUP_SUFFIX

pytestmark = pytest.mark.host

LIMITS = {"fps": None, "max_frames": 1000, "max_pixels": 1_000_000}
THEIRS = """<?xml version="1.0"?>
<delegatemap>
  <delegate decode="mine" command="&quot;cp&quot; &quot;%i&quot; &quot;%o&quot;"/>
</delegatemap>
"""


class Magick:
    """An ImageMagick with a home of its own, where ssimgif is installed beside other entries."""

    def __init__(self, program: Path, major: str, home: Path) -> None:
        self.program = program
        self.major = major
        self.home = home
        self.environment = command_environment() | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "SSIMGIF_PLUGINS": "imagemagick",
            "SSIMGIF_OPTIONS": "--effort 1 --quiet",
        }
        self.environment.pop("MAGICK_CONFIGURE_PATH", None)

    def __call__(
        self, *arguments: str | Path, cwd: Path, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [self.program, *map(str, arguments)],
            cwd=cwd,
            env=self.environment | (env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=240,
            check=False,
        )

    def output(self, *arguments: str | Path, cwd: Path) -> bytes:
        """Return what it prints, where it must not fail or complain."""
        done = self(*arguments, cwd=cwd)
        assert (done.returncode, done.stderr) == (0, b""), done.stderr
        return done.stdout

    def frames(self, *arguments: str | Path, cwd: Path) -> list[U8]:
        """Return coalesced frames as ImageMagick itself shows them, each u8[h, w, 4]."""
        data = self.output(*arguments, "-coalesce", "-depth", "8", "png:out%03d", cwd=cwd)
        assert data == b""
        paths = sorted(cwd.glob("out[0-9][0-9][0-9]"))
        pictures = [np.asarray(Image.open(path).convert("RGBA")) for path in paths]
        for path in paths:
            path.unlink()
        return pictures


@pytest.fixture(scope="module", params=["6", "7"])
def magick(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, ssimgif: Command
) -> Magick:
    found, _ = hosts.find()
    program = next((host.path for host in found if host.version.startswith(request.param)), None)
    if program is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"ImageMagick {request.param} is not installed (scripts/ci/imagemagick.sh does it)")
    magick = Magick(program, request.param, tmp_path_factory.mktemp(f"home{request.param}"))
    folder = magick.home / "ImageMagick"
    folder.mkdir()
    (folder / "delegates.xml").write_text(THEIRS)
    done = ssimgif("imagemagick", "install", env=magick.environment)
    assert done.returncode == 0, done.stderr
    return magick


def save_gif(path: Path, frames: list[Image.Image], duration: int | list[int], loop: int) -> Path:
    kept = {} if loop == 1 else {"loop": max(0, loop - 1)}
    first, *others = frames
    first.save(path, save_all=True, append_images=others, duration=duration, **kept)
    return path


@pytest.fixture
def box_gif(tmp_path: Path) -> Path:
    """Give a GIF of five 48x32 frames, most of them only what changed; variable times, 3 plays."""
    frames = [Image.fromarray(frame).quantize(32) for frame in moving_box(5, 32, 48)]
    return save_gif(tmp_path / "in.gif", frames, [70, 40, 130, 40, 500], 3)


def decoded(path: Path) -> tuple[list[U8], list[int], int]:
    """Return pictures u8[h, w, 4], delays in milliseconds, and plays, by Pillow."""
    with Image.open(path) as image:
        loop = image.info.get("loop")
        plays = 1 if loop is None else loop and loop + 1
        frames = [
            (np.asarray(frame.convert("RGBA")), int(frame.info.get("duration", 0)))
            for frame in ImageSequence.Iterator(image)
        ]
    return [pixels for pixels, _ in frames], [delay for _, delay in frames], plays


def by_core(frames: list[U8], times: float | list[Fraction], path: Path, **more: int) -> bytes:
    """Return the GIF that the core makes of frames."""
    clip = api.Clip.from_frames(np.stack(frames), times, **more)
    return api.encode(clip, api.Settings(effort=1)).data


def milliseconds(*times: int) -> list[Fraction]:
    return [Fraction(time, 1000) for time in times]


def test_an_animation_is_what_the_core_makes_of_it(
    magick: Magick, tmp_path: Path, box_gif: Path
) -> None:
    magick.output(box_gif, "ssimgif:out.gif", cwd=tmp_path)
    frames = magick.frames(box_gif, cwd=tmp_path)
    times = milliseconds(70, 40, 130, 40, 500)
    expected = by_core(frames, times, tmp_path, loop=3)
    assert (tmp_path / "out.gif").read_bytes() == expected
    _, delays, plays = decoded(tmp_path / "out.gif")
    assert (delays, plays) == ([70, 40, 130, 40, 500], 3)


def test_the_suffix_serves_too(magick: Magick, tmp_path: Path, box_gif: Path) -> None:
    magick.output(box_gif, "-scale", "50%", "out.ssimgif", cwd=tmp_path)
    assert (tmp_path / "out.ssimgif").read_bytes()[:6] == b"GIF89a"


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


@pytest.mark.parametrize("kind", ["single", "alpha", "16 bit", "gray", "palette"])
def test_a_picture_of_any_kind_becomes_what_the_core_makes_of_it(
    magick: Magick, tmp_path: Path, kind: str
) -> None:
    magick.output("-seed", "7", *SOURCES[kind], "ssimgif:out.gif", cwd=tmp_path)
    picture = read_back(magick, *SOURCES[kind], cwd=tmp_path)
    (found,), _, _ = decoded(tmp_path / "out.gif")
    (tmp_path / "core.gif").write_bytes(by_core([picture], 0.1, tmp_path))
    (expected,), _, _ = decoded(tmp_path / "core.gif")
    assert np.array_equal(found, expected)


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


@pytest.mark.parametrize("plays", [0, 1, 3])
def test_loop_is_the_number_of_plays(magick: Magick, tmp_path: Path, plays: int) -> None:
    colors = ["-size", "16x16", "xc:red", "xc:blue"]
    magick.output("-delay", "7", *colors, "-loop", str(plays), "ssimgif:out.gif", cwd=tmp_path)
    _, delays, found = decoded(tmp_path / "out.gif")
    assert (delays, found) == ([70, 70], plays)


def test_delays_in_other_ticks_and_settings_by_set(magick: Magick, tmp_path: Path) -> None:
    frames = ["-size", "16x16", "-delay", "3x24", "xc:red", "-delay", "250x1000", "xc:blue"]
    magick.output(*frames, "-set", "ssimgif:loop", "2", "ssimgif:out.gif", cwd=tmp_path)
    _, delays, plays = decoded(tmp_path / "out.gif")
    assert delays in ([120, 260], [130, 250])
    assert plays == 2


def test_quality_budget_and_environment_reach_the_core(magick: Magick, tmp_path: Path) -> None:
    def report(*arguments: str, options: str = "--effort 1") -> api.Report:
        picture = ["-seed", "3", "-size", "48x48", "plasma:red-blue", *arguments]
        env = {"SSIMGIF_OPTIONS": f"{options} --quiet --report out.json"}
        done = magick(*picture, "ssimgif:out.gif", cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        return api.Report.from_json((tmp_path / "out.json").read_text())

    assert report().target["mean"] == 0.95
    assert report("-quality", "85").target["mean"] == 0.94
    assert report("-quality", "85", "-set", "ssimgif:ssim", "0.97").target["mean"] == 0.97
    assert report("-quality", "85", options="--effort 1 --preset social").target["mean"] == 0.94
    assert report("-set", "ssimgif:max-bytes", "1kB").bytes <= 1000
    assert report(options="--effort 2 --colors 8").settings["colors"] == 8


def test_the_quality_of_a_jpeg_file_is_not_the_users(magick: Magick, tmp_path: Path) -> None:
    magick.output("-size", "16x16", "xc:red", "-quality", "40", "in.jpg", cwd=tmp_path)
    env = {"SSIMGIF_OPTIONS": "--effort 1 --quiet --report out.json"}
    done = magick("in.jpg", "ssimgif:out.gif", cwd=tmp_path, env=env)
    assert done.returncode == 0
    assert b"quality 40 may be that of a JPEG file" in done.stderr
    report = api.Report.from_json((tmp_path / "out.json").read_text())
    assert report.target["mean"] == 0.95


def test_mogrify(magick: Magick, tmp_path: Path, box_gif: Path) -> None:
    if magick.major == "7":
        magick.output("mogrify", "-format", "ssimgif", "in.gif", cwd=tmp_path)
    else:
        program = magick.program.with_name("mogrify")
        mogrify = Magick(program if program.exists() else Path("mogrify"), "6", magick.home)
        mogrify.output("-format", "ssimgif", "in.gif", cwd=tmp_path)
    magick.output(box_gif, "ssimgif:out.gif", cwd=tmp_path)
    assert (tmp_path / "in.ssimgif").read_bytes() == (tmp_path / "out.gif").read_bytes()


def test_the_pipe(magick: Magick, tmp_path: Path, box_gif: Path, ssimgif: Command) -> None:
    stream = magick.output(box_gif, "-quality", "50", "miff:-", cwd=tmp_path)
    arguments = ["-", "out.gif", "--effort", "1", "--quiet"]
    env = {"SSIMGIF_PLUGINS": "imagemagick"}
    done = ssimgif(*arguments, env=env, stdin=stream, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    magick.output(box_gif, "ssimgif:other.gif", cwd=tmp_path)
    assert (tmp_path / "out.gif").read_bytes() == (tmp_path / "other.gif").read_bytes()


@pytest.mark.parametrize("old", [None, b"an older file"])
def test_a_failure_says_why_and_leaves_no_file(
    magick: Magick, tmp_path: Path, box_gif: Path, old: bytes | None
) -> None:
    if old is not None:
        (tmp_path / "out.gif").write_bytes(old)
    bad = ["-set", "ssimgif:colours", "7"]
    done = magick(box_gif, *bad, "ssimgif:out.gif", cwd=tmp_path)
    assert done.returncode == 1
    assert b"ssimgif: there is no setting named 'colours'\n" in done.stderr
    assert b"Traceback" not in done.stderr
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path != box_gif}
    assert left == ({} if old is None else {"out.gif": old})


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["-compress", "BZip"], "packed by bzip (add -compress zip or none)"),
        (["-colorspace", "Lab"], "colour space is CIELab (add -colorspace sRGB)"),
        (["-quality", "150"], "quality must be between 0 and 100"),
        (["-set", "ssimgif:strict", "yes", "-set", "ssimgif:ssim", ".9999"], "SSIM"),
    ],
)
def test_each_failure_has_its_sentence(
    magick: Magick, tmp_path: Path, arguments: list[str], cause: str
) -> None:
    picture = ["-seed", "3", "-size", "64x64", "plasma:fractal"]
    done = magick(*picture, *arguments, "ssimgif:out.gif", cwd=tmp_path)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.decode().splitlines() if line.startswith("ssimgif:")]
    assert cause in line
    assert not list(tmp_path.iterdir())


NAMES = [
    "$(touch x)`touch x`.gif",
    'a"; touch x; ".gif',
    "a'; touch x; '.gif",
    "a\nb & touch x & c|touch x.gif",
    "100%%M%f%Q.gif",
    "-loop ${IFS}é ü\\.gif",
]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_run_nothing(
    magick: Magick, tmp_path: Path, box_gif: Path, name: str
) -> None:
    data = box_gif.read_bytes()
    box_gif.unlink()
    (tmp_path / name).write_bytes(data)
    (tmp_path / "out").mkdir()
    small = ["-scale", "12x8", "-set", "comment", name]
    magick.output(f"./{name}", *small, f"ssimgif:out/{name}", cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] in ([name, "out"], ["out", name])
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]
    assert len(decoded(tmp_path / "out" / name)[0]) == 5
    magick.output(f"avifseq:{name}", "-scale", "12x8", "out.png", cwd=tmp_path)
    assert not (tmp_path / "x").exists()


def test_a_name_that_begins_with_a_dash(magick: Magick, tmp_path: Path, box_gif: Path) -> None:
    magick.output("in.gif", "-scale", "12x8", "ssimgif:-quiet.gif", cwd=tmp_path)
    assert (tmp_path / "-quiet.gif").read_bytes()[:6] == b"GIF89a"


def test_an_animated_avif_has_all_its_frames(magick: Magick, tmp_path: Path) -> None:
    frames = moving_box(4, 32, 48)
    first, *others = (Image.fromarray(frame) for frame in frames)
    times = [100, 50, 250, 40]
    first.save(
        tmp_path / "in.avif", save_all=True, append_images=others, duration=times, quality=90
    )
    magick.output("avifseq:in.avif", "in.gif", cwd=tmp_path)
    pictures, delays, _ = decoded(tmp_path / "in.gif")
    assert delays == times
    found = np.stack(pictures)[..., :3].astype(int)
    assert np.abs(found - frames).mean() < 8
    magick.output("avifseq:in.avif", "ssimgif:out.gif", cwd=tmp_path)
    data = api.open_clip(tmp_path / "in.avif", LIMITS)
    expected = api.encode(data, api.Settings(effort=1)).data
    assert (tmp_path / "out.gif").read_bytes() == expected


def test_transparent_frames_of_an_avif_replace_one_another(magick: Magick, tmp_path: Path) -> None:
    frames = np.zeros((3, 32, 48, 4), np.uint8)
    for number, frame in enumerate(frames):
        frame[8:24, 16 * number : 16 * number + 16] = 200, 40, 30, 255
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(tmp_path / "in.avif", save_all=True, append_images=others, duration=100)
    for number, picture in enumerate(magick.frames("avifseq:in.avif", cwd=tmp_path)):
        assert np.abs(picture[..., 3].astype(int) - frames[number, ..., 3]).max() < 30


def test_what_is_no_animation_is_told(magick: Magick, tmp_path: Path) -> None:
    (tmp_path / "in.avif").write_bytes(b"not a picture")
    done = magick("avifseq:in.avif", "out.png", cwd=tmp_path)
    assert done.returncode == 1
    assert b"ssimgif: in.avif is no picture or video that can be read" in done.stderr
    assert not (tmp_path / "out.png").exists()


def test_status_and_uninstall(magick: Magick, tmp_path: Path, ssimgif: Command) -> None:
    folder = tmp_path / "ImageMagick"
    folder.mkdir()
    file = folder / "delegates.xml"
    file.write_text(THEIRS)
    (tmp_path / "bin").mkdir()
    name = "magick" if magick.major == "7" else "convert"
    (tmp_path / "bin" / name).symlink_to(magick.program)
    env = magick.environment | {"XDG_CONFIG_HOME": str(tmp_path)}
    env["PATH"] = f"{tmp_path / 'bin'}:/usr/bin:/bin"

    def run(command: str) -> tuple[int, str]:
        done = ssimgif("imagemagick", command, env=env)
        return done.returncode, done.stdout.decode()

    assert run("status")[0] == 1
    assert "ssimgif imagemagick install adds it" in run("status")[1]
    assert f"({tmp_path / 'bin' / name}) finds ssimgif" in run("install")[1]
    assert file.with_name(file.name + BACKUP_SUFFIX).read_text() == THEIRS
    assert run("install")[1].startswith(f"{file} has the entries already")
    assert run("status")[0] == 0
    assert "mine" in magick(*["-list", "delegate"], cwd=tmp_path, env=env).stdout.decode()

    policy = '<policymap><policy domain="delegate" rights="none" pattern="*"/></policymap>'
    (folder / "policy.xml").write_text(policy)
    code, told = run("status")
    assert code == 1
    problem = next(line for line in told.splitlines() if line.startswith("problem:"))
    mend = problem[problem.index("<policy") :]
    done = magick("xc:red", "ssimgif:out.gif", cwd=tmp_path, env=env)
    assert done.returncode == 1 and b"`SSIMGIF'" in done.stderr
    (folder / "policy.xml").write_text(policy.replace("</policymap>", mend + "</policymap>"))
    assert run("status")[0] == 0
    done = magick("-size", "16x16", "xc:red", "ssimgif:out.gif", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr

    (folder / "policy.xml").unlink()
    assert run("uninstall")[1] == f"{file} is as it was\n"
    assert file.read_text() == THEIRS
    assert sorted(path.name for path in folder.iterdir()) == ["delegates.xml"]


def test_a_file_elsewhere_counts_where_the_variable_names_it(
    magick: Magick, tmp_path: Path, ssimgif: Command
) -> None:
    done = ssimgif("imagemagick", "install", "--path", tmp_path / "im", env=magick.environment)
    assert done.returncode == 0
    assert f"export MAGICK_CONFIGURE_PATH={tmp_path / 'im'}" in done.stdout.decode()
    elsewhere = {"XDG_CONFIG_HOME": str(tmp_path), "MAGICK_CONFIGURE_PATH": str(tmp_path / "im")}
    listed = magick("-list", "delegate", cwd=tmp_path, env=elsewhere)
    assert b"ssimgif" in listed.stdout


def test_the_doctor_knows_both(magick: Magick, ssimgif: Command) -> None:
    told = ssimgif("doctor", env=magick.environment).stdout.decode()
    assert f"ImageMagick {magick.major}." in told
    assert "finds ssimgif" in told


@pytest.mark.parametrize("magick", ["7"], indirect=True)
def test_the_readmes_lines_work(
    magick: Magick, tmp_path: Path, box_gif: Path, host: Callable[[str], str]
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^### From ImageMagick\n.*?^```sh\n(.*?)^```", readme, re.S | re.M)
    write_animation(tmp_path / "in.avif", moving_box(3))
    (tmp_path / "bin").mkdir()
    for name in ("magick", "convert"):
        (tmp_path / "bin" / name).symlink_to(host(name))
    path = f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin"
    env = magick.environment | {"PATH": path, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    for line in block.splitlines():
        (tmp_path / "out.gif").unlink(missing_ok=True)
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0 and b"problem" not in done.stdout, (line, done.stderr)
        if "out.gif" in line:
            assert len(decoded(tmp_path / "out.gif")[0]) == (3 if "avif" in line else 5)
    assert not list(tmp_path.glob("ssimgif:*"))


def test_ctrl_c_leaves_nothing(
    magick: Magick, tmp_path: Path, interrupt: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    frames = ["-seed", "1", "-size", "400x300", *["plasma:fractal"] * 40]
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [magick.program, *frames, "ssimgif:out.gif"],
        cwd=tmp_path,
        env=magick.environment | {"SSIMGIF_OPTIONS": "--effort 9", "TMPDIR": str(tmp_path / "tmp")},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    interrupt(process)
    assert process.wait(20) != 0
    deadline = time.monotonic() + 20
    while list((tmp_path / "tmp").glob("ssimgif-*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = {path.name for path in tmp_path.rglob("*")}
    assert {name for name in left if not name.startswith("magick-")} == {"tmp"}


@pytest.fixture
def interrupt(tmp_path: Path) -> Callable[[subprocess.Popen[bytes]], None]:
    """Give a function that sends Ctrl-C to all of a process's group, once our part is at work."""

    def send(process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 120
        while not list((tmp_path / "tmp").glob("ssimgif-*")) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.1)
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)

    return send
