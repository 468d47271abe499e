"""Clips whose times are absurd: refused in one sentence, before memory or hours are spent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

import ssimgif
from conftest import moving_box
from reference import media
from ssimgif import Clip, Frame, Settings
from ssimgif.sources.limits import LONGEST_HOURS

REFUSED = r" lasts longer than 24 hours at frame \d+$"
# What a refusal may take; hours of 655 s frames took minutes and all memory.
SECONDS = 20.0


def endless_avif(path: Path) -> Path:
    """Write an animated AVIF whose last frame comes after 30 hours."""
    times = [0, 40, 80, 120, 160, 30 * 3600 * 1000]
    return media.write_video(path, media.gradient(6, 64, 64), "libsvtav1", "yuv420p", times)


def endless_video(path: Path) -> Path:
    """Write a video whose last frame comes after 30 hours."""
    times = [0, 40, 80, 120, 160, 30 * 3600 * 1000]
    return media.write_video(path, media.gradient(6), "libvpx-vp9", "yuv420p", times)


def endless_apng(path: Path) -> Path:
    """Write an APNG of two frames that stay for 65,535 s each."""
    return media.write_pictures(path, moving_box(2), [65_535_000] * 2)


SOURCES = {"a.avif": endless_avif, "a.webm": endless_video, "a.png": endless_apng}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize(
    "changes",
    [{}, {"bounce": True}, {"reverse": True}, {"fps": Fraction(1, 60)}],
    ids=["plain", "bounce", "reverse", "fps"],
)
def test_files_that_last_for_days(name: str, changes: dict[str, object], tmp_path: Path) -> None:
    source = SOURCES[name](tmp_path / name)
    started = monotonic()
    with pytest.raises(ssimgif.SourceError, match=f"^{name}{REFUSED}"):
        ssimgif.convert(source, tmp_path / "out.gif", replace(Settings(effort=1), **changes))  # type: ignore[arg-type]
    assert monotonic() - started < SECONDS
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_rate_that_would_make_millions_of_frames() -> None:
    settings = Settings(effort=1, fps=Fraction(50), max_frames=2000)
    with pytest.raises(ssimgif.SourceError, match="more than 2000 frames"):
        ssimgif.encode(clip_of(Fraction(LONGEST_HOURS * 3600 - 1)), settings)


def test_what_is_cut_to_a_short_part_is_accepted() -> None:
    settings = Settings(effort=1, end=Fraction(1))
    report = ssimgif.encode(clip_of(Fraction(10**9)), settings).report
    assert report.source.duration == 1


def test_a_whole_day_is_accepted() -> None:
    report = ssimgif.encode(clip_of(Fraction(LONGEST_HOURS * 3600)), Settings(effort=1)).report
    assert report.source.duration == LONGEST_HOURS * 3600


def clip_of(seconds: Fraction) -> Clip:
    """Return a clip of one small frame that stays for so long."""

    def frames() -> Iterator[Frame]:
        yield Frame(np.full((8, 8, 4), 255, np.uint8), seconds)

    return Clip(8, 8, frames, name="clip")
