"""What readers remark about a clip reaches the report; damage is refused where that is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

import ssimgif
from conftest import moving_box
from ssimgif.errors import SourceError
from ssimgif.model import Clip, Frame, Notes

LOST = "clip is damaged: its last frames are missing"
WARNING = f"{LOST}; its good frames are kept"


def salvaged() -> Clip:
    """Return a clip that is found to be damaged at its end."""
    whole = Clip.from_frames(moving_box(3), Fraction(1, 10))
    notes = Notes("a remark")

    def frames() -> Iterator[Frame]:
        yield from whole.frames()
        notes.add(LOST, damage=True)

    return replace(whole, open_frames=frames, notes=notes)


def test_a_remark_is_made_once() -> None:
    clip = salvaged()
    for _ in range(2):
        list(clip.frames())
    assert list(clip.notes) == ["a remark", WARNING]
    assert clip.notes.damage == (LOST,)


def test_what_is_found_while_reading_is_a_warning() -> None:
    settings = ssimgif.Settings(ssim=0.5, effort=1, width=32, fps=Fraction(10))
    report = ssimgif.encode(salvaged(), settings).report
    assert report.warnings == ("a remark", WARNING)


def test_strict_refuses_what_is_damaged() -> None:
    with pytest.raises(SourceError, match="its last frames are missing"):
        ssimgif.encode(salvaged(), ssimgif.Settings(ssim=0.5, effort=1, strict=True))
