"""What programs may well write passes strict type checking, and what is refused does not."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields

import pytest

from ssimgif import Settings
from ssimgif.setting_values import Given

PROGRAM = """
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

import ssimgif

frames = np.zeros((3, 6, 8, 3), np.uint8)
listed: list[npt.NDArray[np.uint8]] = [*frames]


def drawn() -> Iterator[npt.NDArray[np.float32]]:
    yield np.zeros((6, 8), np.float32)


clips: list[ssimgif.Clip] = [
    ssimgif.Clip.from_frames(frames, 0.1),
    ssimgif.Clip.from_frames(listed, [0.1, 0.2, 0.1], loop=3),
    ssimgif.Clip.from_frames([Image.new("RGB", (8, 6))] * 3, np.full(3, 0.1)),
    ssimgif.Clip.from_frames(drawn(), Fraction(1, 12)),
]
settings = [
    ssimgif.Settings(fps=12),
    ssimgif.Settings(fps=12.5, max_bytes="2MB", start="0:01", end=3),
    ssimgif.Settings(speed=2, background="#ff8800", crop="40x30+1+2"),
    ssimgif.Settings(background=(255, 0, 0), crop=(4, 4, 0, 0), width=np.int64(8)),
    ssimgif.Settings(ssim=np.float32(0.97), colors=64, least_fps=Fraction(5)),
    ssimgif.Settings(made_for="slack-emoji", quality=80),
]
rate: Fraction | None = settings[0].fps
limit: int | None = settings[1].max_bytes
report: ssimgif.Report = ssimgif.convert(Path("a.avif"), "a.gif", settings[0])
ssimgif.convert(["a.png", Path("b.png")], Path("a.gif"))
result = ssimgif.encode(clips[0], settings[0], progress=lambda step: step.done < 5)
data: bytes = result.data
with ssimgif.Writer("a.gif", fps=12) as writer:
    writer.add(frames[0])
try:
    ssimgif.encode(clips[0])
except ssimgif.TargetError as error:
    print(error.report)
"""
REFUSED = """
import ssimgif

ssimgif.Settings(fps=[12])
ssimgif.Settings(background=(255, 0))
ssimgif.Settings(colour=12)
ssimgif.Settings(dither=None)
"""


@pytest.fixture(scope="module")
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Give what strict mypy says of both programs; what it knows of libraries is kept."""
    pytest.importorskip("mypy")
    folder = tmp_path_factory.mktemp("programs")
    (folder / "well.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "refused.py").write_text(REFUSED, encoding="utf-8")
    known = request.config.cache.mkdir("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", known]
    done = subprocess.run(
        [*command, "well.py", "refused.py"],
        capture_output=True, text=True, cwd=folder, check=False,
    )  # fmt: skip
    return (done.stdout + done.stderr).splitlines()


def test_what_programs_may_well_write_passes_strict_types(said: list[str]) -> None:
    assert said[-1].endswith("(checked 2 source files)"), said
    assert not [line for line in said[:-1] if not line.startswith("refused.py:")]


def test_what_is_refused_fails_strict_types(said: list[str]) -> None:
    lines = [int(line) for line in re.findall(r"refused\.py:(\d+): error", "\n".join(said))]
    assert lines == [4, 5, 6, 7], said


def test_each_field_may_be_given() -> None:
    assert list(Given.__annotations__) == [field.name for field in fields(Settings)]
