"""The local page in a real browser: drop, preview, convert, compare, download, cancel."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from local_page import by_command, choose, downloaded, drop, looked, more, opened, quick

from conftest import DATA, Command, axe_source, moving_box, noise, write_animation
from reference import media

pytest.importorskip("fastapi")
if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Route

pytestmark = pytest.mark.host
pytest_plugins = ["local_page"]


def test_a_dropped_file_becomes_a_gif_without_another_click(
    context: BrowserContext, web: str, ssimgif: Command, tmp_path: Path
) -> None:
    clip = write_animation(tmp_path / "moving box.png", moving_box(3))
    page, errors = opened(context, web)
    assert not page.get_by_label("Quality", exact=True).is_visible()
    drop(page, clip)
    page.wait_for_selector("#stage .pictures[data-shown]")
    page.get_by_role("link", name="Download moving box.gif").wait_for()
    name, gif = downloaded(page, "Download moving box.gif")
    assert (name, gif) == ("moving box.gif", by_command(ssimgif, clip, tmp_path))
    figures = looked(page)
    assert f"{len(gif):,} bytes" in figures
    assert re.search(r"Quality\s+\d+\s+[a-z]{4}", figures)
    assert page.locator("#stage .stage").get_attribute("data-mode") == "swipe"
    name, report = downloaded(page, "Download the report of moving box.gif")
    assert name == "moving box.html"
    assert b"<!doctype html>" in report
    page.locator("#report > summary").click()
    page.get_by_role("img", name="Missed changes").wait_for()
    page.get_by_label("Frame", exact=True).fill("2")
    page.wait_for_selector('#stage .pictures[data-shown="2"]')
    assert errors == []


def test_the_quality_slider_is_answered_and_the_gif_follows(
    context: BrowserContext, web: str, ssimgif: Command, tmp_path: Path
) -> None:
    clip = write_animation(tmp_path / "slide.png", moving_box(3))
    page, errors = opened(context, web)
    choose(page, clip)
    page.get_by_role("link", name="Download slide.gif").wait_for()
    slider = page.get_by_label("Quality", exact=True)
    reached = page.locator("#figures dd.figure").nth(1).inner_text()
    assert slider.input_value() == reached
    slider.fill("60")
    page.locator("#figures", has_text="estimated").wait_for()
    assert "from" in looked(page)
    assert page.get_by_role("link", name="Download slide.gif").count() == 0
    page.get_by_role("link", name="Download slide.gif").wait_for()
    _, gif = downloaded(page, "Download slide.gif")
    assert gif == by_command(ssimgif, clip, tmp_path, "--quality", "60")
    assert gif != by_command(ssimgif, clip, tmp_path)
    assert slider.input_value() == "60"
    assert errors == []


def test_a_size_limit_from_the_list_or_ones_own(
    context: BrowserContext, web: str, ssimgif: Command, tmp_path: Path
) -> None:
    clip = write_animation(tmp_path / "limit.png", moving_box(3))
    page, errors = opened(context, web)
    choose(page, clip)
    quick(page)
    page.get_by_label("Size limit").select_option("Slack, emoji: 128 kB")
    page.get_by_role("link", name="Download limit.gif").wait_for()
    assert "within 128 kB" in looked(page)
    page.get_by_label("Size limit").select_option("Another size …")
    page.get_by_label("At most").fill("2KB")
    page.wait_for_selector("#action a.main", state="detached")
    page.get_by_role("link", name="Download limit.gif").wait_for()
    _, gif = downloaded(page, "Download limit.gif")
    options = ("--max-bytes", "2KB", "--effort", "1")
    assert len(gif) <= 2000
    assert gif == by_command(ssimgif, clip, tmp_path, *options)
    assert "within 2 kB" in looked(page)
    assert errors == []


def test_a_picture_can_be_cut_scaled_and_turned_round(
    context: BrowserContext, web: str, ssimgif: Command, tmp_path: Path
) -> None:
    clip = write_animation(tmp_path / "cut.png", moving_box(3))
    page, errors = opened(context, web)
    choose(page, clip)
    quick(page)
    page.get_by_label("Height").fill("20")
    page.get_by_label("Crop").fill("50x40+5+5")
    page.get_by_label("Speed").fill("2")
    page.get_by_label("Play backwards").check()
    page.wait_for_selector("#action a.main", state="detached")
    page.get_by_role("link", name="Download cut.gif").wait_for()
    _, gif = downloaded(page, "Download cut.gif")
    edits = ("--height", "20", "--crop", "50x40+5+5", "--speed", "2", "--reverse")
    assert gif == by_command(ssimgif, clip, tmp_path, "--effort", "1", *edits)
    assert errors == []


def test_several_files_become_one_zip_and_a_reloaded_page_shows_them(
    context: BrowserContext, web: str, tmp_path: Path
) -> None:
    clips = [
        write_animation(tmp_path / "one.png", moving_box(3)),
        write_animation(tmp_path / "two.webp", moving_box(4)),
    ]
    page, errors = opened(context, web)
    choose(page, *clips)
    for name in ("one.png", "two.webp"):
        page.locator("#files li[data-state='done']", has_text=name).wait_for()
    page.get_by_role("button", name="two.webp", exact=True).click()
    page.get_by_role("link", name="Download two.gif").wait_for()
    _, packed = downloaded(page, "Download all as zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {"one.gif", "two.gif"} <= set(archive.namelist())
        assert archive.testzip() is None
    page.reload()
    page.get_by_role("button", name="one.png", exact=True).click()
    page.get_by_role("link", name="Download one.gif").wait_for()
    page.locator("#figures", has_text="it took to make").wait_for()
    page.wait_for_selector("#stage .pictures[data-shown]")
    assert errors == []


def test_a_file_chosen_before_older_ones_are_listed_stays_selected(
    context: BrowserContext, web: str, tmp_path: Path
) -> None:
    earlier, _ = opened(context, web)
    choose(earlier, write_animation(tmp_path / "earlier.png", moving_box(3)))
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            held.append(route)
        else:
            route.continue_()

    context.route("**/api/files*", hold)
    page, errors = opened(context, web)
    choose(page, write_animation(tmp_path / "later.png", moving_box(4)))
    assert not page.get_by_role("button", name="earlier.png", exact=True).count()
    held[0].continue_()
    page.get_by_role("button", name="earlier.png", exact=True).wait_for()
    current = page.locator("#files [aria-current]")
    assert current.inner_text() == "later.png"
    assert errors == []


def test_progress_stands_where_the_button_was_and_can_be_stopped(
    context: BrowserContext, web: str, tmp_path: Path
) -> None:
    page, errors = opened(context, web)
    choose(page, write_animation(tmp_path / "long.webp", noise(30, 120, 160)))
    page.locator("#action", has_text=re.compile(r"Making the GIF: [2-9] of 30")).wait_for()
    bar = page.locator("#action").get_by_role("progressbar", name="Progress")
    assert 2 / 30 <= bar.evaluate("bar => bar.value") < 1
    page.get_by_role("button", name="Stop").click()
    page.locator("#action").get_by_role("button", name="Make the GIF").wait_for()
    page.locator("#files li", has_text="long.webp").get_by_text("stopped").wait_for()
    page.get_by_role("button", name="Remove long.webp").click()
    page.locator("#files li", has_text="long.webp").wait_for(state="detached")
    assert errors == []


def test_wrong_files_and_values_are_told_in_words_where_they_belong(
    context: BrowserContext, web: str, tmp_path: Path
) -> None:
    broken = tmp_path / "letter.avif"
    broken.write_bytes(b"Dear browser, this is no animation.")
    page, errors = opened(context, web)
    page.set_input_files("#picker", str(broken))
    page.locator("#files li[data-state='failed']", has_text="letter.avif is no").wait_for()
    assert not page.get_by_label("Quality", exact=True).is_visible()
    choose(page, write_animation(tmp_path / "fine.png", moving_box(3)))
    page.get_by_role("link", name="Download fine.gif").wait_for()
    more(page)
    for label, value, words in [
        ("Width", "wide", "a whole number from 1 to 65,535"),
        ("Crop", "900x900+0+0", "inside the picture"),
        ("End", "soon", "seconds, such as 2.5"),
    ]:
        field = page.get_by_label(label, exact=True)
        field.fill(value)
        page.wait_for_selector("#more-fields [aria-invalid]")
        assert field.get_attribute("aria-invalid") == "true"
        assert words in page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text()
        assert f"{label} takes" in page.locator("#action").inner_text()
        assert "--" not in page.locator("#work").inner_text()
        field.fill("")
        page.get_by_role("link", name="Download fine.gif").wait_for()
        assert page.locator("#work [aria-invalid]").count() == 0
    assert errors == []


def test_hostile_files_are_told_in_words_and_the_page_goes_on(
    context: BrowserContext, web: str, tmp_path: Path
) -> None:
    page, errors = opened(context, web)
    bomb = tmp_path / "bomb.gif"
    bomb.write_bytes(b"GIF89a" + b"\xff\xff" * 2 + bytes(9) + b"\x3b")
    page.set_input_files("#picker", str(bomb))
    page.locator("#files li[data-state='failed']", has_text="bomb.gif").wait_for()
    times = [0, 40, 80, 120, 160, 30 * 3600 * 1000]
    endless = tmp_path / "endless.webm"
    choose(page, media.write_video(endless, media.gradient(6), "libvpx-vp9", "yuv420p", times))
    words = "endless.webm lasts longer than 24 hours"
    page.locator("#action", has_text=words).wait_for()
    page.locator("#files li[data-state='failed']", has_text=words).wait_for()
    choose(page, write_animation(tmp_path / "sound.png", moving_box(3)))
    page.get_by_role("button", name="sound.png", exact=True).click()
    page.get_by_role("link", name="Download sound.gif").wait_for()
    assert errors == []


def test_two_tabs_work_at_once(context: BrowserContext, web: str, tmp_path: Path) -> None:
    tabs = [opened(context, web) for _ in range(2)]
    colors = (4, 64)
    for (page, _), count in zip(tabs, colors, strict=True):
        clip = write_animation(tmp_path / f"tab{count}.png", moving_box(4))
        choose(page, clip)
        quick(page)
        page.get_by_label("Most colours").fill(str(count))
        page.wait_for_selector("#action a.main", state="detached")
    sizes = []
    for (page, errors), count in zip(tabs, colors, strict=True):
        page.get_by_role("link", name=f"Download tab{count}.gif").wait_for()
        name, gif = downloaded(page, f"Download tab{count}.gif")
        assert name == f"tab{count}.gif"
        sizes.append(len(gif))
        assert errors == []
    assert sizes[0] < sizes[1]


WATCH = """
new MutationObserver(() => {
  // What other tests have left is shown first.
  if (document.querySelector("#show-title")?.textContent !== "bunny.avif") return;
  const told = document.querySelector("#figures")?.innerText.replace(/\\s+/g, " ") ?? "";
  const found = told.match(/from \\d+ frames|it took to make/);
  if (found) document.documentElement.dataset.first ??= found[0];
}).observe(document, {subtree: true, childList: true, characterData: true});
"""


def test_a_first_look_at_some_frames_comes_before_the_gif(chromium: Browser, web: str) -> None:
    context = chromium.new_context()
    context.add_init_script(WATCH)
    page, _ = opened(context, web)
    page.set_input_files("#picker", str(DATA / "bunny.avif"))
    page.wait_for_selector("html[data-first]", state="attached")
    first = page.locator("html").get_attribute("data-first")
    assert first
    assert re.fullmatch(r"from [3-7] frames", first)
    page.wait_for_selector("#stage .pictures[data-shown]")
    page.get_by_role("button", name="Remove bunny.avif").click()
    page.locator("#files li", has_text="bunny.avif").wait_for(state="detached")
    context.close()


def test_the_keyboard_is_enough(context: BrowserContext, web: str, tmp_path: Path) -> None:
    page, _ = opened(context, web)
    choose(page, write_animation(tmp_path / "keys.png", moving_box(3)))
    page.get_by_role("link", name="Download keys.gif").wait_for()
    more(page)
    reached = set()
    page.locator("body").press("Tab")
    for _ in range(70):
        reached.add(
            page.evaluate(
                "() => document.activeElement.name || document.activeElement.ariaLabel"
                " || document.activeElement.innerText || document.activeElement.id"
            )
        )
        page.keyboard.press("Tab")
    wanted = {"quality", "place", "crop", "effort", "keys.png", "Remove keys.png", "picker"}
    assert wanted | {"Download keys.gif", "Edge between Source and GIF"} <= reached
    page.get_by_label("Quality", exact=True).press("ArrowLeft")
    page.locator("#figures", has_text="estimated").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_an_accessibility_audit_finds_nothing_serious(
    chromium: Browser, web: str, tmp_path: Path, width: int, scheme: Any
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page, _ = opened(context, web)
    page.add_script_tag(content=axe_source())

    def audit() -> list[Any]:
        found = page.evaluate("() => axe.run()")
        wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
        return [
            (one["id"], one["nodes"][0]["html"])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    assert audit() == []
    name = f"audit-{width}-{scheme}"
    choose(page, write_animation(tmp_path / f"{name}.png", moving_box(3)))
    page.get_by_role("button", name=f"{name}.png", exact=True).click()
    page.get_by_role("link", name=f"Download {name}.gif").wait_for()
    page.locator("#report > summary").click()
    page.locator("#report summary", has_text=re.compile("^Colours:")).click()
    page.wait_for_selector("#report [data-counted]")
    assert audit() == []
    more(page)
    page.get_by_label("Width").fill("wide")
    page.wait_for_selector("#more-fields [aria-invalid]")
    broken = tmp_path / "letter.avif"
    broken.write_bytes(b"no animation")
    page.set_input_files("#picker", str(broken))
    page.wait_for_selector("#files li[data-state='failed']")
    assert audit() == []
    context.close()


def test_on_a_phone_the_controls_stay_in_reach(chromium: Browser, web: str, tmp_path: Path) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page, _ = opened(context, web)
    choose(page, write_animation(tmp_path / "phone.png", moving_box(3)))
    page.get_by_role("button", name="phone.png", exact=True).click()
    download = page.get_by_role("link", name="Download phone.gif")
    download.wait_for()
    figures, bar = (page.locator(name).bounding_box() for name in ("#figures", "#hand"))
    assert figures
    assert bar
    assert figures["y"] + figures["height"] <= bar["y"]
    more(page)
    for place in (0, 10_000):
        page.evaluate("y => scrollTo(0, y)", place)
        for control in (download, page.get_by_label("Quality", exact=True)):
            box = control.bounding_box()
            assert box
            assert 422 < box["y"] < 844 - box["height"]
    last = page.locator("footer").bounding_box()
    bar = page.locator("#hand").bounding_box()
    assert last
    assert bar
    assert last["y"] + last["height"] <= bar["y"]
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
