"""The report goes to JSON and back, and is what its schema says."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from conftest import make_report, moving_box
from ssimgif import Clip, Palette, Report, Settings, encode
from ssimgif.report import hex_colors

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "docs" / "report.schema.json").read_text(encoding="utf-8")
)


def test_json_round_trip() -> None:
    report = make_report()
    assert Report.from_json(report.to_json()) == report


def test_a_made_report_follows_the_schema() -> None:
    jsonschema.validate(json.loads(make_report().to_json()), SCHEMA)


def test_a_real_report_follows_the_schema() -> None:
    clip = Clip.from_frames(moving_box(3), Fraction(1, 10))
    report = encode(clip, Settings(ssim=0.9)).report
    data = json.loads(report.to_json())
    jsonschema.validate(data, SCHEMA)
    assert Report.from_json(report.to_json()) == report
    assert data["frames_source"] == len(data["ssim"]) == 3
    assert data["score"] == pytest.approx(min(data["mean"], data["p10"]))
    assert data["mean"] == pytest.approx(np.mean(data["ssim"]))
    assert data["bytes_per_second"] == pytest.approx(data["bytes"] / 0.3)
    assert sum(scene["stop"] - scene["start"] for scene in data["scenes"]) == 3


def test_the_schema_names_every_key_and_no_other() -> None:
    data = json.loads(make_report().to_json())
    assert set(SCHEMA["properties"]) == set(SCHEMA["required"]) == set(data)
    broken = data | {"score": "high"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": 1}', '{"schema": 99}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="report"):
        Report.from_json(text)


def test_another_schema_version_is_refused() -> None:
    with pytest.raises(ValueError, match="schema 1 is needed, not 2"):
        Report.from_json(replace(make_report(), schema=2).to_json())


def test_fractions_stay_exact() -> None:
    assert json.loads(make_report().to_json())["settings"]["fps"] == "25/2"


def test_hex_colors_leave_the_transparent_entry_out() -> None:
    palette = Palette(np.array([[0, 0, 0], [255, 136, 1], [9, 9, 9]], np.uint8), transparent=2)
    assert hex_colors(palette) == ("#000000", "#ff8801")


def test_scenes_and_candidates_count_the_same_colours() -> None:
    clip = Clip.from_frames(moving_box(4), Fraction(1, 10))
    for effort in (1, 3):
        settings = Settings(ssim=0.9, colors=32, effort=effort, no_cache=True)
        report = encode(clip, settings).report
        (scene,) = report.scenes
        chosen = [one for one in scene.candidates if one.verdict == "chosen"]
        assert [one.colors for one in chosen] == [scene.colors]
        assert max(one.colors for one in scene.candidates) == 31
        assert len(report.palettes[scene.palette]) == scene.colors
