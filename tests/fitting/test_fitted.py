"""A GIF that is to fit is made at the width that fits, and uses what it may."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import log
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from skimage import data

from ssimgif.encoder import EncodeJob
from ssimgif.fitting.choice import Choice
from ssimgif.fitting.fitted import corrected
from ssimgif.model import Clip
from ssimgif.pipeline import encode
from ssimgif.report import FitReport
from ssimgif.settings import Settings

PHOTO = data.astronaut()


def passing(count: int, width: int = 120, height: int = 90) -> Clip:
    """Return a photograph that passes by."""
    frames = np.stack([PHOTO[90 : 90 + height, 6 * i : 6 * i + width] for i in range(count)])
    return Clip.from_frames(frames, Fraction(1, 10))


@cache
def size_without_a_limit() -> int:
    return len(encode(passing(10), Settings(effort=2, no_cache=True)).data)


@pytest.mark.parametrize("share", [0.7, 0.3, 0.12])
def test_what_may_be_used_is_used(share: float) -> None:
    clip = passing(10)
    limit = int(share * size_without_a_limit())
    made = encode(clip, Settings(max_bytes=limit, effort=2, no_cache=True, keep_fps=True))
    assert 0.95 * limit <= len(made.data) <= limit
    assert made.report.fit is not None


def test_what_was_tried_is_in_the_report_and_what_was_made_is_near_it() -> None:
    clip = passing(10)
    made = encode(clip, Settings(max_bytes=20_000, effort=2, no_cache=True, keep_fps=True))
    fit = made.report.fit
    assert fit is not None
    assert made.report.source.width == fit.width
    assert min(abs(log(one.width / fit.width)) for one in fit.tried) < log(2) / 4


@pytest.mark.parametrize(
    ("quality", "at_top", "size", "wider"),
    [
        (64.0, True, 90_000, True),
        (64.0, True, 96_000, False),
        (60.0, False, 80_000, True),
        (40.0, False, 90_000, False),
    ],
)
def test_where_quality_cant_fill_the_limit_the_width_does(
    quality: float, at_top: bool, size: int, wider: bool
) -> None:
    report = FitReport(200, 150, None, 400, 300, 50.0, (), "why")
    asked = Settings(max_bytes=100_000)
    choice = Choice(asked, quality, at_top, {0.0: 10_000.0, 65.0: 100_000.0}, report)
    clip = Clip.from_frames(np.zeros((1, 300, 400, 3), np.uint8), Fraction(1, 10))
    whole = cast(EncodeJob, SimpleNamespace(settings=asked, clip=clip))
    other = corrected(choice, {200: size}, whole)
    assert (other is not None and other.report.width > 200) == wider
