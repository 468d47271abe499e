"""The report as a page: what it holds, how large it is, and what its maps say."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ssimgif
from conftest import Command, make_report, moving_box, noise
from ssimgif.html_report import data as page_data_module
from ssimgif.html_report import maps
from ssimgif.html_report.page import SCRIPTS, STYLES
from ssimgif.model import U8

KEYS = {"report", "starts", "blocks", "scales", "frames", "gif"}


def encoded(frames: U8, **settings: Any) -> tuple[ssimgif.Result, dict[str, Any]]:
    """Encode frames quickly, and return the result with the data of its page."""
    found: list[dict[str, Any]] = []

    def look(clip: ssimgif.Clip, gif: Any, report: ssimgif.Report) -> None:
        found.append(ssimgif.page_data(clip, gif, report))

    clip = ssimgif.Clip.from_frames(frames, 0.1)
    return ssimgif.encode(clip, ssimgif.Settings(effort=1, **settings), look=look), found[-1]


def data_of(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_page_holds_the_report_the_gif_and_the_frames() -> None:
    frames = moving_box(5)
    result, data = encoded(frames)
    assert set(data) == KEYS
    whole = json.loads(result.report.to_json())
    assert whole.pop("palettes")
    assert data["report"] == whole
    assert data["starts"] == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert data["blocks"] == [0, 1, 2, 3, 4]
    assert [frame["index"] for frame in data["frames"]] == [0, 1, 2, 3, 4]
    assert all({"index", "source", *maps.SCALES} == set(frame) for frame in data["frames"])
    assert b64decode(data["gif"]) == result.data
    picture = Image.open(BytesIO(b64decode(data["frames"][3]["source"].split(",")[1])))
    assert np.abs(np.asarray(picture.convert("RGB")).astype(int) - frames[3]).mean() < 3


def test_a_page_can_do_without_maps() -> None:
    found: list[dict[str, Any]] = []

    def look(clip: ssimgif.Clip, gif: Any, report: ssimgif.Report) -> None:
        found.append(ssimgif.page_data(clip, gif, report, maps=False))

    ssimgif.encode(
        ssimgif.Clip.from_frames(moving_box(3), 0.1), ssimgif.Settings(effort=1), look=look
    )
    assert [set(frame) for frame in found[-1]["frames"]] == [{"index", "source"}] * 3


def test_held_frames_belong_to_the_block_that_shows_them() -> None:
    _, data = encoded(np.repeat(moving_box(2), 3, axis=0))
    assert data["blocks"] == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("budget", [10_000, 30_000])
def test_the_page_keeps_to_its_size(budget: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_data_module, "ON_TOP", budget + page_data_module.FRAME_BYTES)
    result, data = encoded(noise(12, 48, 64))
    page = ssimgif.page_html(data)
    assert len(page) <= 1.5 * len(result.data) + budget + page_data_module.FRAME_BYTES
    assert 0 < len(data["frames"]) <= 12
    worst = int(np.argmin(result.report.ssim))
    assert worst in [frame["index"] for frame in data["frames"]]


def test_the_scripts_and_styles_take_less_than_what_is_set_aside_for_them() -> None:
    parts = sum(len(ssimgif.page_asset(name)) for name in (*STYLES, *SCRIPTS, "page.html"))
    assert parts < page_data_module.FRAME_BYTES


def test_frames_to_look_at_begin_with_the_worst_and_cover_the_clip() -> None:
    ssim = [0.99] * 1000
    ssim[617] = 0.5
    local = [1.0] * 1000
    local[233] = 4.0
    report = replace(make_report(), ssim=tuple(ssim), local=tuple(local), frames_source=1000)
    order = page_data_module.priorities(report)
    assert order[:5] == [617, 233, 0, 999, 499]
    assert sorted(order) == list(range(1000))
    chosen = sorted(order[: page_data_module.MOST_FRAMES])
    assert max(np.diff(chosen)) < 40


def test_a_name_can_not_break_out_of_the_page() -> None:
    _, data = encoded(moving_box(2))
    evil = "</script><script>alert(1)</script>&\"'<b>\udc80"
    data["report"]["source"]["name"] = evil
    page = ssimgif.page_html(data)
    assert "alert(1)</script>" not in page
    assert data_of(page)["report"]["source"]["name"] == evil


def test_the_page_names_no_address_that_a_browser_would_ask() -> None:
    _, data = encoded(moving_box(2))
    page = ssimgif.page_html(data)
    assert set(re.findall(r"https?://[^\s\"')]+", page)) == {"https://github.com/leeoniya/uPlot"}
    assert "default-src 'none'" in page
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?!data:)", page)


def test_other_files_are_no_parts_of_the_page() -> None:
    with pytest.raises(KeyError):
        ssimgif.page_asset("../page.py")


def test_the_maps_of_equal_pictures_are_black() -> None:
    picture = np.dstack([moving_box(1)[0], np.full((48, 64), 255, np.uint8)])
    found = maps.compare(picture, picture)
    for name in maps.SCALES:
        assert np.abs(getattr(found, name)).max() < 1e-5


def test_the_maps_say_where_and_what() -> None:
    source = np.full((64, 96, 4), 255, np.uint8)
    source[..., :3] = 120
    shown = source.copy()
    shown[:, :32, 0] += 60
    shown[::2, 64::2, :3] = 136
    shown[1::2, 65::2, :3] = 136
    found = maps.compare(source, shown)
    assert found.color[:, 8:24].min() > 15
    assert found.color[:, 40:56].max() < 2
    assert found.dither[8:56, 72:88].min() > 6
    assert found.dither[:, 8:24].max() == found.dither[:, 40:56].max() == 0
    assert found.error[8:56, 72:88].min() > 0.4
    assert found.error[:, 44:52].max() < 0.01
    assert found.local[8:56, 8:24].min() > 2
    assert found.local[:, 44:52].max() < found.local[8:56, 72:88].min()
    assert maps.levels(found.color, 10.0).dtype == np.uint8


def test_missed_changes_are_where_a_change_does_not_arrive() -> None:
    before = np.full((48, 64, 4), 255, np.uint8)
    before[..., :3] = 60
    source = before.copy()
    source[8:24, 8:24, :3] = 160
    shown = source.copy()
    shown[8:16, 8:24, :3] = 60
    missed = maps.compare(source, shown, before).missed
    assert (missed[8:16, 8:24] == 100).all()
    missed[8:16, 8:24] = 0
    assert not missed.any()
    assert not maps.compare(source, shown).missed.any()


def test_grain_equals_its_definition() -> None:
    source, shown = noise(2, 12, 15)

    def variance(picture: U8) -> Any:
        padded = np.pad(picture.astype(float), ((2, 2), (2, 2), (0, 0)), mode="symmetric")
        return np.array(
            [
                [padded[y : y + 5, x : x + 5].var(axis=(0, 1)).mean() for x in range(15)]
                for y in range(12)
            ]
        )

    expected = np.sqrt(np.maximum(variance(shown) - variance(source), 0))
    assert maps.added_grain(source, shown) == pytest.approx(expected, abs=0.05)


def test_the_command_writes_a_page(ssimgif: Command, animation: Path, tmp_path: Path) -> None:
    done = ssimgif(animation, "out.gif", "--report", "out.html", "--effort", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    gif = (tmp_path / "out.gif").read_bytes()
    assert len(page.encode()) <= 1.5 * len(gif) + 1_000_000
    assert data_of(page)["report"]["bytes"] == len(gif)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.gif", "out.html"]


def test_a_missed_target_has_a_page_too(ssimgif: Command, animation: Path, tmp_path: Path) -> None:
    options = ("--ssim", "0.9999", "--colors", "4", "--strict", "--effort", "1")
    done = ssimgif(animation, "out.gif", *options, "--report", "out.html", cwd=tmp_path)
    assert done.returncode == 3
    report = data_of((tmp_path / "out.html").read_text(encoding="utf-8"))["report"]
    assert not report["valid"]
    assert not (tmp_path / "out.gif").exists()
