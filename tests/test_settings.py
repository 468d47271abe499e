"""Texts become settings, or one sentence that names the option."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ssimgif.errors import SettingsError
from ssimgif.settings import Settings
from ssimgif.target import PRESETS, local_limit, looks_floor


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("fps", "25", 25),
        ("fps", "12.5", Fraction(25, 2)),
        ("fps", ".5", Fraction(1, 2)),
        ("fps", " 30000/1001 ", Fraction(30000, 1001)),
        ("start", "0", 0),
        ("start", "1:30", 90),
        ("end", "0:01:30.25", Fraction(361, 4)),
        ("max-bytes", "512KB", 512_000),
        ("max-bytes", "1.5 MiB", 1_572_864),
        ("max_bytes", "2m", 2_000_000),
        ("background", "#f80", (255, 136, 0)),
        ("background", "White", (255, 255, 255)),
        ("ssim", "0.9", 0.9),
        ("strict", "yes", True),
        ("bounce", "0", False),
        ("width", 320, 320),
        ("height", "180", 180),
        ("crop", " 320x180+0+40 ", (320, 180, 0, 40)),
        ("speed", "1/2", Fraction(1, 2)),
        ("reverse", "on", True),
        ("scale-filter", "nearest", "nearest"),
    ],
)
def test_values_that_can_be_read(name: str, text: Any, value: Any) -> None:
    assert getattr(Settings.parse({name: text}), name.replace("-", "_")) == value


def test_every_field_is_documented() -> None:
    described = re.findall(r"^    ([a-z_, ]+) : ", str(Settings.__doc__), re.MULTILINE)
    assert set(", ".join(described).split(", ")) == {one.name for one in fields(Settings)}


@pytest.mark.parametrize("text", ["", "banana", "nan", "inf", "1e999", "1e999999999", "-1"])
@pytest.mark.parametrize(
    "name",
    ["fps", "start", "end", "width", "height", "speed", "crop", "colors", "ssim", "max-bytes"],
)
def test_nonsense_names_the_option(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} "):
        Settings.parse({name: text})


@pytest.mark.parametrize("text", ["1/0", "0/0", "5/000", "1:2:3:4", "1.2/3", "9" * 99, "٣"])
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(SettingsError, match="fps"):
        Settings.parse({"fps": text})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "palettes '' has an empty name"),
        ("kmeans,,pruned", "has an empty name"),
        ("+", "has an empty name"),
        ("+kmeans,pruned", "begins some names with \\+ and others without"),
    ],
)
def test_palettes_that_are_no_list_of_names(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.parse({"palettes": text})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("crop", "320:180:0:0", r"crop '320:180:0:0' is not WIDTHxHEIGHT\+LEFT\+TOP such as"),
        ("crop", "320x180", "is not WIDTHxHEIGHT"),
        ("crop", "320x180-1+0", "is not WIDTHxHEIGHT"),
        ("crop", "0x180+0+0", "crop must keep 1 pixel or more of width and of height"),
        ("speed", "0", "speed must be between 1/100 and 100, not 0"),
        ("speed", "101", "speed must be between"),
        ("height", "0", "height must be between 1 and 65535, not 0"),
        ("scale-filter", "lanczos", "scale-filter 'lanczos' is none of auto, nearest, smooth"),
    ],
)
def test_edits_that_are_none(name: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.parse({name: text})


def test_settings_that_contradict_each_other() -> None:
    with pytest.raises(SettingsError, match="end must be later than start"):
        Settings(start=Fraction(2), end=Fraction(1))
    with pytest.raises(SettingsError, match="give one of them"):
        Settings(preset="social", ssim=0.9)
    with pytest.raises(SettingsError, match="'colour'"):
        Settings.parse({"colour": "1"})


def test_targets() -> None:
    assert Settings().target().mean == 0.95
    assert replace(Settings(preset="email").target(), local=0.0) == PRESETS["email"]
    assert Settings(quality=70.0).target().mean == 0
    assert Settings(quality=70.0).target().delta_e > Settings(ssim=0.95).target().delta_e
    assert Settings(ssim=0.9, quality=0.0).target().looks == 0


def test_the_documents_name_the_targets_of_every_quality_and_preset() -> None:
    text = (Path(__file__).parents[1] / "docs" / "algorithm.md").read_text(encoding="utf-8")
    for quality in range(40, 91, 10):
        target = Settings(quality=quality).target()
        assert f"\n| {quality} | {target.looks:.0f} | {target.local:.1f} |" in text
    named = {f"`--preset {name}`": Settings(preset=name).target() for name in PRESETS}
    for name, target in ({"default": Settings().target()} | named).items():
        figures = f"{target.mean:g} | {target.p10:g} | {target.looks:.0f} | {target.local:.1f}"
        assert f"\n| {name} | {figures.replace('0.9 ', '0.90 ')} |\n" in text


def test_the_looks_floor_rises_with_ssim() -> None:
    floors = [looks_floor(ssim / 1000) for ssim in range(700, 1000)]
    assert floors == sorted(floors)
    assert (looks_floor(0.95), looks_floor(0.98)) == (60, 75)
    assert 0 <= floors[0] <= floors[-1] <= 90


def test_the_limit_of_the_worst_places_falls_as_targets_rise() -> None:
    for name, values in (("ssim", range(50, 100)), ("quality", range(1, 101))):
        scale = 100 if name == "ssim" else 1
        targets = [Settings(**{name: value / scale}).target() for value in values]  # type: ignore[arg-type]
        limits = [target.local for target in targets]
        assert limits == sorted(limits, reverse=True)
        assert limits == [local_limit(target) for target in targets]
        assert limits[0] > limits[-1] > 0
    assert Settings().target().local == pytest.approx(2.0)
    assert Settings().target().local_p90 == pytest.approx(3.0)
    assert Settings(ssim=0.95, quality=20.0).target().local == Settings().target().local
