"""A clip is coded as often as the effort and the budget ask for."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ssimgif import Clip, Settings, encode
from ssimgif.encoder import candidates
from ssimgif.encoder import passes as clip_encoder
from ssimgif.model import U8


def gliding(count: int = 8) -> U8:
    """Return a soft pattern that glides over noise, u8[count, 40, 56, 3]."""
    rng = np.random.default_rng(4)
    still = rng.integers(100, 140, (40, 56, 3))
    x = np.arange(56)[None, :, None]
    moved = [still + 40 * np.sin((x + 3 * i) / 6) for i in range(count)]
    return np.clip(moved, 0, 255).astype(np.uint8)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count plannings and renderings."""
    counts = {"plan_palettes": 0, "make_attempt": 0}

    def counted(name: str) -> Callable[..., Any]:
        original = getattr(clip_encoder, name)

        def call(*given: Any, **more: Any) -> Any:
            counts[name] += 1
            return original(*given, **more)

        return call

    for name in counts:
        monkeypatch.setattr(clip_encoder, name, counted(name))
    return counts


def test_high_efforts_also_code_as_lower_ones_do_and_keep_the_smallest(
    calls: dict[str, int],
) -> None:
    clip = Clip.from_frames(gliding(), Fraction(1, 12))
    best = encode(clip, Settings(ssim=0.9, effort=9, no_cache=True)).report
    assert calls["plan_palettes"] == 7 <= calls["make_attempt"] <= 14
    for effort in 2, 3, 4, 5, 7, 8:
        other = encode(clip, Settings(ssim=0.9, effort=effort, no_cache=True)).report
        assert best.bytes <= other.bytes
        assert best.valid >= other.valid


def test_small_clips_are_coded_with_the_runners_up_of_their_palettes_too(
    calls: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = Clip.from_frames(gliding(16), Fraction(1, 12))
    monkeypatch.setattr(candidates, "RUNNER_UP", 10.0)
    both = encode(clip, Settings(no_cache=True)).report
    assert calls == {"plan_palettes": 1, "make_attempt": 2}
    monkeypatch.setattr(clip_encoder, "SMALL_FILE", 0)
    one = encode(clip, Settings(no_cache=True)).report
    assert calls == {"plan_palettes": 2, "make_attempt": 3}
    assert both.bytes <= one.bytes and both.valid


def test_a_runner_up_is_the_second_where_it_is_near_the_first() -> None:
    best, near, far = (candidates.Candidate("s", 8, [], False, bytes=n) for n in (100, 110, 130))
    assert candidates.runner_up([best, near, far]) is near
    assert (
        candidates.runner_up([best, far])
        is candidates.runner_up([best])
        is candidates.runner_up([])
        is None
    )


def test_attempts_at_a_budget_share_their_plans(calls: dict[str, int]) -> None:
    clip = Clip.from_frames(gliding(), Fraction(1, 12))
    usual = encode(clip, Settings(no_cache=True)).report.bytes
    calls.update(plan_palettes=0, make_attempt=0)
    report = encode(clip, Settings(max_bytes=int(0.98 * usual), no_cache=True)).report
    assert report.bytes <= 0.98 * usual
    assert calls["make_attempt"] > calls["plan_palettes"]
