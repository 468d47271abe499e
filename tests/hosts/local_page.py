"""The local page in a browser, as its user has it: files chosen and dropped, GIFs downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import Command

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request

MINUTE = 60_000


# The tab that a test may take up: one more takes three times as long to show the page.
_idle: list[Page] = []


@pytest.fixture(scope="module")
def session(chromium: Browser) -> Iterator[BrowserContext]:
    """Give a browser session for tests that come one after another."""
    context = chromium.new_context(accept_downloads=True)
    yield context
    context.close()
    _idle.clear()


@pytest.fixture
def context(session: BrowserContext, web: str) -> Iterator[BrowserContext]:
    """Give a browser session; whatever it asks, it asks of the page's own server."""
    _idle[:] = session.pages
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    session.on("request", note)
    yield session
    session.remove_listener("request", note)
    session.unroute_all()
    for page in session.pages[1:]:
        page.close()
    outside = [url for url in asked if not url.startswith((web, "data:", "blob:"))]
    assert outside == []


def opened(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """Open a tab; return it with the list of its errors."""
    page = _idle.pop() if _idle and _idle[0].context == context else context.new_page()
    page.set_default_timeout(3 * MINUTE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    return page, errors


def choose(page: Page, *paths: Path) -> None:
    """Choose files, and wait until they are read."""
    page.set_input_files("#picker", [str(path) for path in paths])
    for path in paths:
        page.get_by_role("button", name=path.name, exact=True).wait_for()
        page.wait_for_selector(f"#files li:has-text('{path.name}'):not([data-state='reading'])")


def quick(page: Page) -> None:
    """Let conversions take little time."""
    more(page)
    page.get_by_label("Effort, 1 to 9").fill("1")


def more(page: Page) -> None:
    page.locator("#more:not([open]) > summary, #more[open] > summary").wait_for()
    if page.locator("#more[open]").count() == 0:
        page.locator("#more > summary").click()


def looked(page: Page) -> str:
    """Wait for a quick look, and return the figures it tells."""
    page.locator("#figures[aria-busy='false']", has_text="Size").wait_for()
    return page.locator("#figures").inner_text()


def downloaded(page: Page, name: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.get_by_role("link", name=name, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def by_command(ssimgif: Command, clip: Path, folder: Path, *options: str) -> bytes:
    """Return what the command makes."""
    done = ssimgif(clip, "out.gif", *options, "--force", cwd=folder)
    assert done.returncode == 0, done.stderr
    return (folder / "out.gif").read_bytes()


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
