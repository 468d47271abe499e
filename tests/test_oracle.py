"""Bytes and looks of small clips are as good as they were; ``tests/oracle.py`` records better."""

from __future__ import annotations

import pytest

import oracle


@pytest.mark.parametrize("effort", oracle.EFFORTS)
@pytest.mark.parametrize("clip", oracle.clips.CLIPS)
def test_nothing_got_larger_or_worse(clip: str, effort: int) -> None:
    before = oracle.recorded()[f"{clip}, effort {effort}"]
    assert not oracle.worse(oracle.measure(clip, effort), before)


def test_each_figure_can_fail() -> None:
    before = {"bytes": 1000, "ssim": 0.95, "quality": 60.0}
    assert oracle.worse(before | {"bytes": 1011}, before) == ["bytes: 1011, was 1000"]
    assert oracle.worse(before | {"ssim": 0.947}, before) == ["ssim: 0.947, was 0.95"]
    assert oracle.worse(before | {"quality": 58.9}, before) == ["quality: 58.9, was 60.0"]
    assert not oracle.worse({"bytes": 1010, "ssim": 0.949, "quality": 59.5}, before)
    assert not oracle.worse({"bytes": 900, "ssim": 0.99, "quality": 80.0}, before)
