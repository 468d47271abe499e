"""The report's page, opened from a file in a real browser."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

import ssimgif
from conftest import Command, axe_source, moving_box
from ssimgif.model import U8

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.host

FRAMES = 20


def two_scenes() -> U8:
    """Return ten frames of a moving box, then ten of them with every other square negative."""
    box = moving_box(FRAMES // 2, 96, 128)
    y, x = np.mgrid[0:96, 0:128]
    negative = ((x + y) // 8 % 2 > 0)[..., None]
    return np.concatenate([box, np.where(negative, box, 255 - box)])


def moving_hole() -> U8:
    """Return a disc moving over nothing, u8[n, h, w, 4]."""
    y, x = np.mgrid[0:48, 0:64]
    frames = np.zeros((6, 48, 64, 4), np.uint8)
    frames[..., 0], frames[..., 1] = 4 * x, 5 * y
    for i, frame in enumerate(frames):
        frame[..., 3] = 255 * (np.hypot(y - 24, x - 14 - 7 * i) < 13)
    return frames


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a report's page as a file."""
    pages: list[str] = []

    def look(clip: ssimgif.Clip, gif: Any, report: ssimgif.Report) -> None:
        pages.append(ssimgif.page_html(ssimgif.page_data(clip, gif, report)))

    clip = ssimgif.Clip.from_frames(two_scenes(), Fraction(1, 10), name="two <b>scenes</b>.avif")
    ssimgif.encode(clip, ssimgif.Settings(effort=2), look=look)
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(pages[-1], encoding="utf-8")
    return path


@pytest.fixture
def width() -> int:
    """Give the width of the window, where a test doesn't say another."""
    return 1280


narrow = pytest.mark.parametrize("width", [390])
both_widths = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    """Give a tab that knows no network; one more takes three times as long to show the report."""
    context = chromium.new_context(offline=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(width: int, tab: Page, report: Path) -> Iterator[Page]:
    """Give the report in a window; it must ask for nothing."""
    asked: list[str] = []
    errors: list[str] = []
    listeners: dict[Any, Callable[[Any], None]] = {
        "request": lambda request: asked.append(request.url),
        "pageerror": lambda error: errors.append(str(error)),
        "console": lambda message: errors.append(message.text),
    }
    for event, listener in listeners.items():
        tab.on(event, listener)
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(report.as_uri())
    tab.wait_for_selector(".pictures[data-shown]")
    yield tab
    for event, listener in listeners.items():
        tab.remove_listener(event, listener)
    outside = [url for url in asked if not url.startswith(("data:", "blob:", report.as_uri()))]
    assert (outside, errors) == ([], [])


def shown(page: Page, label: str) -> str:
    """Return what a canvas shows, as a data URL."""
    found: str = page.get_by_role("img", name=label, exact=True).evaluate("c => c.toDataURL()")
    return found


def move(page: Page, place: int) -> None:
    scrubber = page.get_by_label("Frame", exact=True)
    scrubber.fill(str(place))
    page.wait_for_selector(f'.pictures[data-shown="{place}"]')
    page.wait_for_selector(f'section div[data-shown="{place}"] .maps')


LABELS = (
    "The source's frame",
    "The GIF's frame",
    "Worst places",
    "Structure",
    "Colour",
    "Grain",
)


def test_the_scrubber_moves_pictures_and_maps(page: Page) -> None:
    assert page.get_by_role("heading", level=1).inner_text() == "two <b>scenes</b>.avif"
    move(page, 1)
    first = {label: shown(page, label) for label in LABELS}
    words = page.locator(".readout").inner_text()
    assert words.startswith("Frame 2 of 20, at 0.10 s, scene 1 of 2: ")
    assert words.endswith(" bytes")
    move(page, 15)
    for label in LABELS:
        assert shown(page, label) != first[label], label
    assert page.locator(".readout").inner_text().startswith("Frame 16 of 20, at 1.50 s, scene 2")
    move(page, 1)
    assert {label: shown(page, label) for label in LABELS} == first


@narrow
def test_the_keyboard_is_enough(page: Page) -> None:
    move(page, 3)
    page.get_by_label("Frame", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector('.pictures[data-shown="4"]')
    page.get_by_role("button", name="Previous frame").press("Enter")
    page.wait_for_selector('.pictures[data-shown="3"]')
    page.get_by_role("radio", name="Swipe").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="Side by side").is_checked()
    page.get_by_role("button", name="Play").press("Enter")
    page.wait_for_selector('.pictures:not([data-shown="3"])')
    page.get_by_role("button", name="Pause").press("Enter")
    assert page.get_by_role("button", name="Play").is_visible()


def test_swipe_and_blink_show_both(page: Page) -> None:
    made = page.get_by_role("img", name="The GIF's frame")
    assert page.get_by_role("radio", name="Swipe").is_checked()
    page.get_by_label("Edge between Source and GIF").fill("25")
    assert made.evaluate("c => c.style.clipPath") == "inset(0px 0px 0px 25%)"
    page.get_by_role("radio", name="Blink").check()
    page.wait_for_selector(".stage.blinked")
    page.wait_for_selector(".stage:not(.blinked)")
    page.get_by_role("radio", name="Side by side").check()
    assert made.evaluate("c => c.style.clipPath") == ""
    page.get_by_label("Zoom").select_option("4")
    assert made.evaluate("c => c.getBoundingClientRect().width") == 4 * 128


@narrow
def test_scenes_curves_and_palettes_follow(page: Page) -> None:
    scenes = page.get_by_role("list", name="Scenes").get_by_role("button")
    assert scenes.count() == 2
    scenes.nth(1).click()
    page.wait_for_selector('.pictures[data-shown="10"]')
    assert scenes.nth(1).get_attribute("aria-current") == "true"
    page.locator("summary", has_text=re.compile("^Colours:")).click()
    page.wait_for_selector("[data-counted]")
    assert page.locator(".swatches li").count() > 10
    label = page.locator("canvas.tables").get_attribute("aria-label")
    assert re.match(r"\d+ colour tables?, \d+ colours used in the mean", label or "")
    assert "pixels drawn" in page.locator(".palettes h3").first.inner_text()
    plot = page.locator(".u-over").first
    box = plot.bounding_box()
    assert box
    plot.click(position={"x": box["width"] * 2.4 / FRAMES, "y": 20})
    page.wait_for_selector('.pictures[data-shown="2"]')


def test_the_tables_tell_what_was_decided(page: Page, report: Path) -> None:
    data = json.loads(page.locator("#data").text_content() or "")
    first = data["report"]["scenes"][0]
    candidates = page.locator("details.fold", has_text="Candidates")
    candidates.locator("summary").first.click()
    one = candidates.locator("details").filter(has_text="Scene 1, frames 1–10")
    one.locator("summary").click()
    rows = one.locator("tbody tr")
    assert rows.count() == len(first["candidates"])
    chosen = [one for one in first["candidates"] if one["verdict"] == "chosen"]
    assert page.locator("tr.chosen th").first.inner_text() == chosen[0]["strategy"]
    page.get_by_text("The curves as a table").click()
    frames = page.get_by_role("table", name="Frames", exact=True)
    frames.wait_for()
    assert frames.locator("tbody tr").count() == FRAMES
    page.get_by_text("Target, settings, times, versions").click()
    assert page.get_by_role("table", name="Versions").is_visible()


@both_widths
def test_the_answers_come_first_and_nothing_hangs_out_of_the_window(page: Page) -> None:
    data = json.loads(page.locator("#data").text_content() or "")["report"]
    words = page.locator(".answers").inner_text()
    assert f"{data['bytes']:,} bytes" in words
    assert f"{data['looks_mean']:.0f} of 100" in words
    hardest = int(np.argmax(data["local"])) + 1
    assert f"Frame {hardest}" in words
    assert f"Frame {int(np.argmin(data['ssim'])) + 1} is the least like its source" in words
    assert re.search(r"Half in \d+ of 20 frames", words)
    assert re.search(r"Scene [12] of 2 takes \d+ %", words)
    answers = page.locator(".answers").bounding_box()
    stage = page.locator(".stage").bounding_box()
    maps = page.locator(".maps").bounding_box()
    assert answers
    assert stage
    assert maps
    assert answers["y"] < 150
    assert answers["y"] <= stage["y"] < maps["y"]
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0


def test_a_legend_without_a_target_names_none(chromium: Browser, tmp_path: Path) -> None:
    pages: list[str] = []

    def look(clip: ssimgif.Clip, gif: Any, report: ssimgif.Report) -> None:
        pages.append(ssimgif.page_html(ssimgif.page_data(clip, gif, report)))

    clip = ssimgif.Clip.from_frames(moving_box(4), Fraction(1, 10))
    ssimgif.encode(clip, ssimgif.Settings(effort=1, quality=60), look=look)
    path = tmp_path / "quality.html"
    path.write_text(pages[-1], encoding="utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".u-legend")
    legends = [legend.inner_text() for legend in page.locator(".u-legend").all()]
    asked = ["Asked for" in legend for legend in legends]
    assert asked == [True, False, False]
    assert not any("none" in legend for legend in legends)
    page.close()


def test_two_gifs_are_compared(
    chromium: Browser, ssimgif: Command, animation: Path, tmp_path: Path
) -> None:
    for name, quality in (("good.gif", "80"), ("rough.gif", "30")):
        done = ssimgif(animation, name, "--quality", quality, "--effort", "1", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    done = ssimgif("compare", "good.gif", "rough.gif", "--source", animation, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    context = chromium.new_context(viewport={"width": 390, "height": 900}, offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "compare.html").as_uri())
    page.wait_for_selector(".pictures[data-shown]")
    heading = page.get_by_role("heading", level=1).inner_text()
    assert heading == "good.gif and rough.gif, made of box.png"
    assert "rough.gif is" in page.locator(".contrast .figure").inner_text()
    sizes = page.get_by_role("row", name="Size").get_by_role("cell")
    assert sizes.nth(1).get_attribute("class") == "better"
    page.get_by_role("combobox", name="Shown").select_option("good.gif | rough.gif")
    assert page.locator('[data-layer="left"] canvas').get_attribute("aria-label") == (
        "The frame of good.gif"
    )
    assert page.get_by_role("img", name="Grain of rough.gif").is_visible()
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    assert errors == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_audit_finds_nothing_serious(
    chromium: Browser, report: Path, scheme: Any
) -> None:
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(report.as_uri())
    for fold in page.locator("details.fold > summary").all():
        fold.click()
    page.wait_for_selector("[data-counted]")
    page.add_script_tag(content=axe_source())
    found = page.evaluate("() => axe.run()")
    assert [
        (one["id"], one["nodes"][0]["html"])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ] == []
    context.close()


OURS = """
(data) => {
  const gif = new Gif(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)));
  return gif.blocks.map((block, i) => [
    10000 * block.delay, btoa(String.fromCharCode(...gif.picture(i).data))]);
}
"""


@pytest.mark.parametrize("make", [moving_box, moving_hole], ids=["opaque", "transparent"])
def test_the_page_decodes_our_gifs_as_pillow_does(tab: Page, report: Path, make: Any) -> None:
    clip = ssimgif.Clip.from_frames(make(), [0.1, 0.02, 0.5, 0.07, 0.3, 0.1])
    data = ssimgif.encode(clip, ssimgif.Settings(effort=1, colors=32)).data
    tab.goto(report.as_uri())
    found = tab.evaluate(OURS, base64.b64encode(data).decode())
    with Image.open(BytesIO(data)) as image:
        expected = [
            (1000 * int(frame.info["duration"]), np.asarray(frame.convert("RGBA")))
            for frame in ImageSequence.Iterator(image)
        ]
    assert [duration for duration, _ in found] == [duration for duration, _ in expected]
    for (_, text), (_, pixels) in zip(found, expected, strict=True):
        theirs = np.frombuffer(base64.b64decode(text), np.uint8).reshape(pixels.shape)
        assert np.array_equal(theirs[..., 3], pixels[..., 3])
        assert np.array_equal(theirs[pixels[..., 3] > 0], pixels[pixels[..., 3] > 0])
