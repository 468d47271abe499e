"""Real ImageMagicks, each with a home of its own in which ssimgif is installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from conftest import command_environment, moving_box, run_here
from ssimgif.model import U8
from ssimgif_imagemagick import hosts

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

    def hand_over(
        self, *arguments: str | Path, cwd: Path, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Make out.gif of what it hands to its delegate, in this process: it starts at once."""
        handed = self.home / "handed.miff"
        told = [f"miff:{handed}", "-format", "%Q\n", "info:"]
        quality = self.output(*arguments, "-write", *told, cwd=cwd).decode().split()[0]
        words = ["encode", "--quality", quality, str(handed), str(cwd / "out.gif")]
        return self.ssimgif(*words, cwd=cwd, env=env)

    def ssimgif(
        self, *words: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run ``ssimgif imagemagick`` in this process, for this home."""
        return run_here("imagemagick", *words, cwd=cwd, env=self.environment | (env or {}))

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
def magick(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Magick:
    found, _ = hosts.find()
    program = next((host.path for host in found if host.version.startswith(request.param)), None)
    if program is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"ImageMagick {request.param} is not installed (scripts/ci/imagemagick.sh does it)")
    magick = Magick(program, request.param, tmp_path_factory.mktemp(f"home{request.param}"))
    folder = magick.home / "ImageMagick"
    folder.mkdir()
    (folder / "delegates.xml").write_text(THEIRS)
    done = magick.ssimgif("install")
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
