"""Small clips, the command as a process, and host programs, for all tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from ssimgif.model import U8
from ssimgif.report import (
    CandidateReport,
    Report,
    SceneReport,
    SourceReport,
    as_plain,
    package_versions,
)
from ssimgif.settings import Settings

pytest.register_assert_rewrite("magick")

CORE = Path(__file__).parents[1] / "core"

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]


def moving_box(frames: int = 6, height: int = 48, width: int = 64) -> U8:
    """Return a red box moving over a smooth gradient, u8[n, h, w, 3]."""
    y, x = np.mgrid[0:height, 0:width]
    still = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], axis=2)
    clip = np.repeat(still[None].astype(np.uint8), frames, axis=0)
    for i, frame in enumerate(clip):
        frame[10:26, 4 + 5 * i : 20 + 5 * i] = 220, 30, 40
    return clip


def noise(frames: int = 4, height: int = 48, width: int = 64) -> U8:
    """Return uniform noise, u8[n, h, w, 3]."""
    return np.random.default_rng(7).integers(0, 256, (frames, height, width, 3), np.uint8)


def write_animation(path: Path, frames: U8, milliseconds: int = 100) -> Path:
    """Write frames as APNG, AVIF or WebP without loss where the format can; plays for ever."""
    from PIL import Image

    first, *others = (Image.fromarray(frame) for frame in frames)
    options = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=others, duration=milliseconds, loop=0, **options)
    return path


def make_report() -> Report:
    """Return a report of a GIF that was never made, with something in every field."""
    settings = Settings(fps=Fraction(25, 2), background=(255, 136, 0))
    return Report(
        bytes=1000,
        bytes_per_second=2000.0,
        frames_source=2,
        frames_coded=1,
        score=0.95,
        mean=0.96,
        p10=0.95,
        variance=0.0001,
        duration_weighted_mean=0.96,
        delta_e_mean=1.0,
        delta_e_p95=3.0,
        looks_mean=None,
        looks_p10=None,
        ssim=(0.95, 0.97),
        valid=False,
        shortfalls=("S is 0.9500, below the target 0.9800",),
        warnings=("a warning",),
        source=SourceReport("a.avif", 64, 48, 2, 0.5, 0),
        scenes=(
            SceneReport(
                0, 2, 0, 0, 2, "k-means", 0.95, 900, (CandidateReport("wu", 2, None, None, "left"),)
            ),
        ),
        palettes=(("#000000", "#ffffff"),),
        seconds={"encode": 0.5},
        settings=as_plain(settings),
        target=as_plain(settings.target()),
        versions=package_versions(),
    )


@pytest.fixture(scope="session")
def animation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an APNG file of six frames, 64x48."""
    return write_animation(tmp_path_factory.mktemp("clips") / "box.png", moving_box())


@pytest.fixture(scope="session")
def ssimgif() -> Command:
    """Give a function that runs the command in a process of its own."""

    def run(
        *arguments: str | Path,
        env: dict[str, str] | None = None,
        stdin: bytes = b"",
        cwd: Path | None = None,
        timeout: float = 240,
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "ssimgif", *map(str, arguments)],
            env=command_environment() | (env or {}),
            input=stdin,
            capture_output=True,
            cwd=cwd,
            timeout=timeout,
            check=False,
        )

    return run


def command_environment() -> dict[str, str]:
    """Return the environment in which tests run the command: this source, no other plug-ins."""
    path = os.pathsep.join([str(CORE), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": path, "SSIMGIF_PLUGINS": ""}


@pytest.fixture
def host() -> Callable[[str], str]:
    """Give a function that finds a host program, or skips; under CI a missing host fails."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")
        return path

    return find
