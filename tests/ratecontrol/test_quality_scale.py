"""One number eases the whole contract, and all of it is met again at the top."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from ssimgif.metrics import ClipScore
from ssimgif.ratecontrol.quality_scale import (
    eased,
    quality_seen,
    ssim_of_quality,
    top_quality,
)
from ssimgif.settings import Settings
from ssimgif.target import PRESETS, Target, quality_of_ssim

TARGETS = [
    Settings().target(),
    Settings(ssim=0.99).target(),
    Settings(quality=80.0).target(),
    *(Settings(preset=name).target() for name in PRESETS),
]


@pytest.mark.parametrize("target", TARGETS)
def test_at_the_top_and_above_a_target_is_itself(target: Target) -> None:
    top = top_quality(target)
    assert eased(target, top) == target == eased(target, top + 5)
    assert eased(target, top - 10) != target


@pytest.mark.parametrize("target", TARGETS)
def test_every_part_gives_way_and_none_asks_for_more_than_was_asked(target: Target) -> None:
    steps = [eased(target, top_quality(target) - 5 * i) for i in range(12)]
    for better, worse in pairwise(steps):
        assert worse.mean <= better.mean
        assert worse.p10 <= better.p10
        assert worse.looks <= better.looks
        assert worse.delta_e >= better.delta_e
        assert not worse.local or worse.local >= better.local
    assert steps[3].local, "worst places are asked for at a budget, too"


def test_what_was_turned_off_stays_off() -> None:
    target = Settings(quality=0.0, ssim=0.95).target()
    lower = eased(target, 40.0)
    assert lower.local == 0 == lower.looks
    assert eased(Settings(quality=70.0).target(), 50.0).mean == 0


def test_quality_and_ssim_lead_back_to_each_other() -> None:
    for quality in range(-80, 95, 5):
        assert quality_of_ssim(ssim_of_quality(quality)) == pytest.approx(quality)
    assert quality_of_ssim(0.95) == 60


def test_the_quality_seen_is_the_one_that_all_its_parts_have() -> None:
    score = ClipScore(1, 1, 1, 0, 1, 1, 0, 0, looks_mean=72, looks_p10=66, local_mean=1.6)
    score = replace(score, local_p90=2.0)
    assert quality_seen(score) == pytest.approx(70)
    assert quality_seen(replace(score, local_mean=0.1, local_p90=0.1)) == pytest.approx(72)
    assert quality_seen(replace(score, looks_p10=30)) == pytest.approx(38)
    assert quality_seen(replace(score, local_p90=3.15)) == pytest.approx(60)
    assert quality_seen(replace(score, local_mean=3.7)) == pytest.approx(30)
