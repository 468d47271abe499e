"""The local page in a real browser: drop, preview, convert, compare, download, cancel."""

from __future__ import annotations

import io
import os
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import Command, axe_source, moving_box, noise, write_animation
from reference import media

pytest.importorskip("fastapi")
if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = pytest.mark.host

BUNNY = Path(__file__).parents[1] / "data" / "bunny.avif"
MINUTE = 60_000
# What "at once" means; a shared machine may take longer than the 3 s of an idle one.
FIRST_PREVIEW_SECONDS = 3.0 if os.environ.get("SSIMGIF_IDLE") else 12.0


@pytest.fixture
def context(chromium: Browser, web: str) -> Iterator[BrowserContext]:
    """Give a browser session; whatever it asks, it asks of the page's own server."""
    context = chromium.new_context(accept_downloads=True)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    yield context
    outside = [url for url in asked if not url.startswith((web, "data:", "blob:"))]
    assert outside == []
    context.close()


def opened(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """Open a tab; return it with the list of its errors."""
    page = context.new_page()
    page.set_default_timeout(MINUTE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#fields select")
    return page, errors


def choose(page: Page, *paths: Path) -> None:
    """Choose files, and wait until they are listed."""
    page.set_input_files("#picker", [str(path) for path in paths])
    for path in paths:
        page.get_by_role("button", name=f"Convert {path.name}", exact=True).wait_for()


def prediction(page: Page) -> str:
    """Wait for a prediction and return it."""
    page.locator("#prediction:not([aria-busy])", has_text="Predicted").wait_for()
    return page.locator("#prediction").inner_text()


def downloaded(page: Page, name: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.get_by_role("link", name=name, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_drop_preview_convert_compare_download(
    context: BrowserContext, web: str, ssimgif: Command, tmp_path: Path
) -> None:
    clip = write_animation(tmp_path / "moving box.png", moving_box(8, 96, 128))
    page, errors = opened(context, web)
    drop(page, clip)
    page.wait_for_selector("#preview .pictures[data-shown]")
    first = prediction(page)
    assert re.search(r"about [\d,]+ kB, S 0\.\d{4}", first)

    page.get_by_label("Least SSIM").fill("0.9")
    page.get_by_text(re.compile(r"Least SSIM: 0\.900")).wait_for()
    page.wait_for_function("() => document.querySelector('#prediction').ariaBusy === 'true'")
    assert prediction(page) != first
    page.get_by_label("Preset").select_option("messaging")
    assert page.get_by_label("Least SSIM").input_value() == "0.96"
    page.get_by_label("Width").fill("96")
    page.get_by_role("button", name="Convert moving box.png").click()
    page.get_by_role("link", name="Download moving box.gif").wait_for()

    options = ("--preset", "messaging", "--width", "96")
    done = ssimgif(clip, "out.gif", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    name, gif = downloaded(page, "Download moving box.gif")
    assert (name, gif) == ("moving box.gif", (tmp_path / "out.gif").read_bytes())
    name, report = downloaded(page, "Download the report of moving box.gif")
    assert name == "moving box.html"
    assert b"<!doctype html>" in report

    page.get_by_role("button", name="Compare moving box.gif").click()
    page.wait_for_selector("#view .pictures[data-shown]")
    assert "The target" in page.locator("#view .verdict").inner_text()
    view = page.locator("#view")
    view.get_by_label("Frame", exact=True).fill("2")
    page.wait_for_selector('#view .pictures[data-shown="2"]')
    assert errors == []


def drop(page: Page, path: Path) -> None:
    """Drop a file onto the page, as a mouse would."""
    data = page.evaluate_handle(
        """([name, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name));
          return data;
        }""",
        [path.name, list(path.read_bytes())],
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": data})


def test_several_files_become_one_zip(context: BrowserContext, web: str, tmp_path: Path) -> None:
    clips = [
        write_animation(tmp_path / "one.png", moving_box(3)),
        write_animation(tmp_path / "two.webp", moving_box(4)),
    ]
    page, errors = opened(context, web)
    choose(page, *clips)
    page.get_by_label("Effort").fill("1")
    page.get_by_role("button", name="Convert all files").click()
    for name in ("one", "two"):
        page.get_by_role("link", name=f"Download {name}.gif", exact=True).wait_for()
    _, packed = downloaded(page, "Download all as zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {"one.gif", "two.gif"} <= set(archive.namelist())
        assert archive.testzip() is None
    assert errors == []


def test_a_file_chosen_before_older_ones_are_listed_stays_selected(
    context: BrowserContext, web: str, tmp_path: Path
) -> None:
    earlier, _ = opened(context, web)
    choose(earlier, write_animation(tmp_path / "earlier.png", moving_box(3)))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    context.route("**/api/files", hold)
    page, errors = opened(context, web)
    for name in ("later.png", "last.png"):
        choose(page, write_animation(tmp_path / name, moving_box(4)))
    assert not page.get_by_role("radio", name="earlier.png").count()
    held[0].continue_()
    page.get_by_role("radio", name="earlier.png").wait_for()
    assert page.get_by_role("radio", name="last.png").is_checked()
    assert errors == []


def test_progress_is_shown_and_cancel_stops(
    context: BrowserContext, web: str, tmp_path: Path
) -> None:
    page, errors = opened(context, web)
    choose(page, write_animation(tmp_path / "long.webp", noise(30, 240, 320)))
    page.get_by_role("button", name="Convert long.webp").click()
    bar = page.get_by_role("progressbar", name="Progress of long.gif")
    page.locator("#jobs li", has_text=re.compile(r"encoding [2-9] of 30")).wait_for()
    assert 2 <= bar.evaluate("bar => bar.value") < 30
    page.get_by_role("button", name="Cancel long.gif").click()
    page.locator("#jobs li", has_text="long.gif").get_by_text("cancelled").wait_for()
    page.get_by_role("button", name="Remove long.gif").click()
    page.locator("#jobs li", has_text="long.gif").wait_for(state="detached")
    page.get_by_role("button", name="Remove long.webp").click()
    page.locator("#files li", has_text="long.webp").wait_for(state="detached")
    assert errors == []


def test_wrong_files_and_values_are_told_in_words(
    context: BrowserContext, web: str, tmp_path: Path
) -> None:
    broken = tmp_path / "letter.avif"
    broken.write_bytes(b"Dear browser, this is no animation.")
    page, errors = opened(context, web)
    page.set_input_files("#picker", str(broken))
    page.get_by_role("alert").get_by_text("letter.avif").wait_for()
    choose(page, write_animation(tmp_path / "fine.png", moving_box(3)))
    prediction(page)
    page.get_by_label("Width").fill("wide")
    page.locator("#prediction", has_text="width 'wide' is not a whole number").wait_for()
    page.get_by_role("button", name="Convert fine.png").click()
    page.get_by_role("alert").get_by_text("width 'wide'").wait_for()
    assert errors == []


def test_hostile_files_are_told_in_words_and_the_page_goes_on(
    context: BrowserContext, web: str, tmp_path: Path
) -> None:
    page, errors = opened(context, web)
    bomb = tmp_path / "bomb.gif"
    bomb.write_bytes(b"GIF89a" + b"\xff\xff" * 2 + bytes(9) + b"\x3b")
    page.set_input_files("#picker", str(bomb))
    page.get_by_role("alert").get_by_text("bomb.gif").wait_for()
    times = [0, 40, 80, 120, 160, 30 * 3600 * 1000]
    endless = tmp_path / "endless.webm"
    choose(page, media.write_video(endless, media.gradient(6), "libvpx-vp9", "yuv420p", times))
    words = "endless.webm lasts longer than 24 hours"
    page.locator("#prediction", has_text=words).wait_for()
    page.get_by_role("button", name="Convert endless.webm").click()
    page.locator("#jobs li", has_text=words).wait_for()
    choose(page, write_animation(tmp_path / "sound.png", moving_box(3)))
    assert "Predicted" in prediction(page)
    assert errors == []


def test_a_quality_alone_is_a_target(
    context: BrowserContext, web: str, ssimgif: Command, tmp_path: Path
) -> None:
    clip = write_animation(tmp_path / "box.png", moving_box(3))
    page, errors = opened(context, web)
    choose(page, clip)
    page.get_by_label("Least quality").fill("60")
    page.get_by_role("button", name="Convert box.png").click()
    page.get_by_role("link", name="Download box.gif").wait_for()
    done = ssimgif(clip, "out.gif", "--quality", "60", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    _, gif = downloaded(page, "Download box.gif")
    assert gif == (tmp_path / "out.gif").read_bytes()
    done = ssimgif(clip, "other.gif", cwd=tmp_path)
    assert gif != (tmp_path / "other.gif").read_bytes()
    assert errors == []


def test_two_tabs_work_at_once(context: BrowserContext, web: str, tmp_path: Path) -> None:
    tabs = [opened(context, web) for _ in range(2)]
    colors = (4, 64)
    for (page, _), count in zip(tabs, colors, strict=True):
        clip = write_animation(tmp_path / f"tab{count}.png", moving_box(4))
        choose(page, clip)
        page.get_by_label("Most colours").fill(str(count))
        page.get_by_label("Effort").fill("1")
    for (page, _), count in zip(tabs, colors, strict=True):
        page.get_by_role("button", name=f"Convert tab{count}.png").click()
    sizes = []
    for (page, errors), count in zip(tabs, colors, strict=True):
        page.get_by_role("link", name=f"Download tab{count}.gif").wait_for()
        name, gif = downloaded(page, f"Download tab{count}.gif")
        assert name == f"tab{count}.gif"
        sizes.append(len(gif))
        assert errors == []
    assert sizes[0] < sizes[1]


def test_the_first_preview_comes_at_once(context: BrowserContext, web: str) -> None:
    page, _ = opened(context, web)
    started = time.monotonic()
    page.set_input_files("#picker", str(BUNNY))
    page.locator("#prediction", has_text="From 4 frames").wait_for()
    page.wait_for_selector("#preview .pictures[data-shown]")
    assert time.monotonic() - started < FIRST_PREVIEW_SECONDS


def test_the_keyboard_is_enough(context: BrowserContext, web: str, tmp_path: Path) -> None:
    page, _ = opened(context, web)
    choose(page, write_animation(tmp_path / "keys.png", moving_box(3)))
    reached = set()
    page.locator("body").press("Tab")
    for _ in range(60):
        reached.add(
            page.evaluate("() => document.activeElement.name || document.activeElement.innerText")
        )
        page.keyboard.press("Tab")
    assert {"ssim", "preset", "max_bytes", "effort", "Convert", "Convert all files"} <= reached
    page.get_by_role("button", name="Convert keys.png").press("Enter")
    page.get_by_role("link", name="Download keys.gif").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_an_accessibility_audit_finds_nothing_serious(
    chromium: Browser, web: str, tmp_path: Path, width: int, scheme: Any
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page, _ = opened(context, web)
    name = f"audit-{width}-{scheme}"
    choose(page, write_animation(tmp_path / f"{name}.png", moving_box(3)))
    page.get_by_label("Effort").fill("1")
    prediction(page)
    page.get_by_role("button", name=f"Convert {name}.png").click()
    page.get_by_role("button", name=f"Compare {name}.gif").click()
    page.wait_for_selector("#view [data-counted]")
    page.add_script_tag(content=axe_source())
    found = page.evaluate("() => axe.run()")
    assert [
        (one["id"], one["nodes"][0]["html"])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ] == []
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    context.close()


def test_pages_elsewhere_can_not_reach_it(chromium: Browser, web: str, tmp_path: Path) -> None:
    evil = tmp_path / "evil.html"
    evil.write_text("<p>evil</p>")
    page = chromium.new_page()
    page.goto(evil.as_uri())
    reach = "address => fetch(address + 'api/files').then(() => 'read', () => 'refused')"
    assert page.evaluate(reach, web) == "refused"
    framed = """address => new Promise((done) => {
      const frame = document.createElement("iframe");
      frame.onload = () => {
        try { done(frame.contentDocument ? "readable" : "closed"); } catch { done("closed"); }
      };
      frame.src = address;
      document.body.append(frame);
    })"""
    assert page.evaluate(framed, web) == "closed"
    page.close()
