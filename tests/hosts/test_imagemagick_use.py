"""ImageMagick and ssimgif in everyday use: setting up, going wrong, hostile names."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from magick import THEIRS, Magick, decoded

from conftest import Command, moving_box, write_animation
from pasted import DOCS, README, shell_lines
from ssimgif_imagemagick import delegates
from ssimgif_imagemagick.installation import BACKUP_SUFFIX

pytestmark = pytest.mark.host
pytest_plugins = ["magick"]


def test_a_failure_says_why_and_leaves_an_older_file(
    magick: Magick, tmp_path: Path, box_gif: Path
) -> None:
    (tmp_path / "out.gif").write_bytes(b"an older file")
    bad = ["-set", "ssimgif:colours", "7"]
    done = magick(box_gif, *bad, "ssimgif:out.gif", cwd=tmp_path)
    assert done.returncode == 1
    assert b"ssimgif: there is no setting named 'colours'\n" in done.stderr
    assert b"Traceback" not in done.stderr
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path != box_gif}
    assert left == {"out.gif": b"an older file"}


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["-compress", "BZip"], "packed by bzip (add -compress zip or none)"),
        (["-colorspace", "Lab"], "colour space is CIELab (add -colorspace sRGB)"),
        (["-quality", "150"], "quality must be between 0 and 100"),
        (["-set", "ssimgif:strict", "yes", "-set", "ssimgif:ssim", ".9999"], "SSIM"),
    ],
)
def test_each_failure_has_its_sentence_and_leaves_no_file(
    magick: Magick, tmp_path: Path, arguments: list[str], cause: str
) -> None:
    picture = ["-seed", "3", "-size", "64x64", "plasma:fractal"]
    done = magick.hand_over(*picture, *arguments, cwd=tmp_path)
    assert done.returncode in (1, 2, 3)
    (line,) = [line for line in done.stderr.decode().splitlines() if line.startswith("ssimgif:")]
    assert cause in line
    assert not list(tmp_path.iterdir())


NAMES = [
    'a"; $(touch x)`touch x`\nb & touch x & c|touch x; ".gif',
    "-loop 100%%M%f%Q ${IFS}é ü\\'; touch x; '.gif",
]
STAND_IN = """#!/bin/sh
printf '%s\\0' "$@" >> {folder}/arguments
for last; do :; done
case "$2" in
encode) cat {folder}/made.gif > "$last";;
decode) cat {folder}/made.miff > "$last";;
esac
"""


class StandIn:
    """What an ImageMagick calls in place of ssimgif: it notes its arguments, and is quick."""

    def __init__(self, magick: Magick, folder: Path, gif: Path) -> None:
        self.folder = folder
        folder.mkdir()
        shutil.copy(gif, folder / "made.gif")
        magick.output(gif, f"miff:{folder / 'made.miff'}", cwd=folder)
        program = folder / "program"
        program.write_text(STAND_IN.format(folder=folder))
        program.chmod(0o755)
        (folder / "ImageMagick").mkdir()
        entries = delegates.entries([str(program)])
        place = folder / "ImageMagick" / "delegates.xml"
        place.write_bytes(delegates.merged(delegates.EMPTY, entries))
        self.environment = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}

    def calls(self) -> list[str]:
        """Return its arguments so far, the names of ImageMagick's own temporary files as *."""
        words = (self.folder / "arguments").read_text().split("\0")[:-1]
        return ["*" if re.fullmatch(r"/[\w/-]+/magick-[\w.-]+", word) else word for word in words]


@pytest.fixture
def stand_in(magick: Magick, tmp_path_factory: pytest.TempPathFactory, box_gif: Path) -> StandIn:
    return StandIn(magick, tmp_path_factory.mktemp("stand-in") / "home", box_gif)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_run_nothing(
    magick: Magick, tmp_path: Path, box_gif: Path, stand_in: StandIn, name: str
) -> None:
    data = box_gif.read_bytes()
    box_gif.rename(tmp_path / name)
    (tmp_path / "out").mkdir()
    for words in (
        [f"./{name}", "-set", "comment", name, f"ssimgif:out/{name}"],
        [f"avifseq:{name}", "out/out.png"],
    ):
        done = magick(*words, cwd=tmp_path, env=stand_in.environment)
        assert (done.returncode, done.stderr) == (0, b"")
    encode = ["imagemagick", "encode", "--quality", "92", "*", "*"]
    assert stand_in.calls() == [*encode, "imagemagick", "decode", "*", "*"]
    assert {path.name for path in tmp_path.iterdir()} == {name, "out"}
    pictures = {f"out-{number}.png" for number in range(5)}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {name} | pictures
    assert (tmp_path / "out" / name).read_bytes() == data


def test_a_name_that_begins_with_a_dash(
    magick: Magick, tmp_path: Path, box_gif: Path, stand_in: StandIn
) -> None:
    done = magick("in.gif", "ssimgif:-quiet.gif", cwd=tmp_path, env=stand_in.environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "-quiet.gif").read_bytes() == box_gif.read_bytes()
    assert stand_in.calls() == ["imagemagick", "encode", "--quality", "92", "*", "*"]


def test_what_is_no_animation_is_told(magick: Magick, tmp_path: Path) -> None:
    (tmp_path / "in.avif").write_bytes(b"not a picture")
    done = magick("avifseq:in.avif", "out.png", cwd=tmp_path)
    assert done.returncode == 1
    assert b"ssimgif: in.avif is no picture or video that can be read" in done.stderr
    assert not (tmp_path / "out.png").exists()


def test_status_and_uninstall(magick: Magick, tmp_path: Path) -> None:
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
        done = magick.ssimgif(command, env=env)
        return done.returncode, done.stdout.decode()

    code, told = run("status")
    assert code == 1 and "ssimgif imagemagick install adds it" in told
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
    magick: Magick, tmp_path: Path
) -> None:
    done = magick.ssimgif("install", "--path", tmp_path / "im")
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
def test_the_lines_of_the_documents_work(
    magick: Magick, tmp_path: Path, box_gif: Path, host: Callable[[str], str]
) -> None:
    lines = shell_lines(DOCS / "imagemagick.md")
    lines += shell_lines(README, start="ssimgif imagemagick")
    write_animation(tmp_path / "in.avif", moving_box(3, 12, 96))
    (tmp_path / "bin").mkdir()
    for name in ("magick", "convert"):
        (tmp_path / "bin" / name).symlink_to(host(name))
    path = f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin"
    env = magick.environment | {"PATH": path, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    for line in lines:
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
    frames = ["-seed", "1", "-size", "400x300", *["plasma:fractal"] * 12]
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
