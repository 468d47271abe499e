"""A bad picture is told of, with a size at which the bytes are about enough."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from skimage import data

import ssimgif
from conftest import noise
from ssimgif.model import Clip
from ssimgif.report import Report

PHOTO = data.astronaut()
BUDGET = 8_000


def panorama() -> Clip:
    """Return a clip of a photograph that passes by, 200x150."""
    frames = np.stack([PHOTO[100:250, 6 * i : 6 * i + 200] for i in range(2)])
    return Clip.from_frames(frames, Fraction(1, 10), name="a.mp4")


def made(clip: Clip, **changes: Any) -> Report:
    return ssimgif.encode(
        clip, ssimgif.Settings(effort=1, no_cache=True, keep_size=True, keep_fps=True, **changes)
    ).report


@pytest.fixture(scope="module")
def poor() -> Report:
    return made(panorama(), max_bytes=BUDGET)


def test_a_bad_picture_is_told_of_with_a_size_that_is_better(poor: Report) -> None:
    assert poor.score < 0.8
    (warning,) = poor.warnings
    told = re.fullmatch(
        r"a\.mp4: 8,000 bytes took the quality from 60 down to \d+,"
        r" S is (0\.\d\d)(?:, looks -?\d+)?: try --width (\d+)",
        warning,
    )
    assert told, warning
    assert float(told[1]) == pytest.approx(poor.score, abs=0.005)
    width = int(told[2])
    assert 48 <= width < 200
    better = made(panorama(), max_bytes=BUDGET, width=width)
    assert better.bytes <= BUDGET
    assert better.score > 0.85


def test_the_advice_is_in_the_terms_that_were_used() -> None:
    (warning,) = made(panorama(), max_bytes=BUDGET, height=140).warnings
    assert re.search(r": try --height \d+$", warning)
    (warning,) = made(panorama(), max_bytes=BUDGET, width=200, height=120).warnings
    assert re.search(r": try --width \d+ --height \d+$", warning)


def test_where_no_size_would_do_other_things_are_named() -> None:
    (warning,) = made(panorama(), max_bytes=500).warnings
    assert warning.startswith("a.mp4: the smallest GIF has ")
    assert warning.endswith("try a shorter piece (--start, --end) or fewer frames (--fps)")


def test_a_good_picture_within_its_budget_is_not_remarked() -> None:
    report = made(panorama(), max_bytes=30_000)
    assert report.score > 0.93
    assert not any("try" in warning for warning in report.warnings)


def test_looks_alone_are_enough_to_call_a_picture_bad() -> None:
    (warning,) = made(panorama(), quality=75.0, max_bytes=BUDGET).warnings
    assert re.search(r"from 75 down to .*, S is 0\.\d\d(, looks -?\d+)?: try --width \d+$", warning)


def test_what_was_asked_for_is_not_called_bad() -> None:
    assert made(panorama(), ssim=0.6, quality=0.0, max_bytes=30_000).warnings == ()


def test_what_was_scaled_up_is_told_of_and_no_larger_size_advised() -> None:
    (warning,) = made(panorama(), max_bytes=BUDGET, width=400).warnings
    told = re.search(r"try --width (\d+); the source is 200 px wide: scaled up to 400$", warning)
    assert told, warning
    assert int(told[1]) <= 200
    clip = Clip.from_frames(noise(2), Fraction(1, 10), name="n.png")
    (warning,) = made(clip, ssim=0.999, crop=(40, 30, 0, 0), height=50, width=40).warnings
    assert warning.startswith("n.png: this is the best a GIF of it can do, but ")
    assert warning.endswith("; the source is 30 px high: scaled up to 50")


def test_what_a_limit_of_bytes_came_down_to_is_said_in_a_sentence() -> None:
    settings = ssimgif.Settings(max_bytes=3_500, effort=1, no_cache=True)
    report = ssimgif.encode(panorama(), settings).report
    assert report.bytes <= 3_500
    (warning,) = report.warnings
    told = re.fullmatch(
        r"a\.mp4: to fit 3,500 bytes it was made (\d+)x(\d+)(?: at \S+ frames a second)?, which"
        r" looks best: quality (-?\d+) shown at 200x150(: try a shorter piece \(--start, --end\))?",
        warning,
    )
    assert told, warning
    assert report.fit is not None
    assert (int(told[1]), int(told[3])) == (report.fit.width, round(report.fit.seen))
    assert bool(told[4]) == (report.fit.seen < 55)


def test_few_colours_are_named_where_they_keep_a_target_out_of_reach() -> None:
    (warning,) = made(panorama(), colors=4).warnings
    assert re.match(
        r"a\.mp4: this is the best that 4 colours can do \(try --colors 256\), but ", warning
    )


def test_a_clip_that_is_scaled_up_is_told_of_where_all_else_is_well() -> None:
    (warning,) = made(panorama(), ssim=0.6, quality=0.0, width=220).warnings
    assert warning == "a.mp4: the source is 200 px wide: scaled up to 220"
