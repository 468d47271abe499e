"""Take a picture of a page in the system's Chromium; for the documents.

usage: python scripts/screenshot.py ADDRESS OUT.webp [WIDTH HEIGHT [FILE]]

A FILE is given to the page of `ssimgif web` first, and converted.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

CONVERTED_MILLISECONDS = 600_000


def main(address: str, out: str, width: str = "1280", height: str = "800", file: str = "") -> None:
    """Open the page, wait until it shows pictures, and take its picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": int(width), "height": int(height)})
        page.goto(address)
        if file:
            page.set_input_files("#picker", file)
            page.wait_for_selector("#action a.main", timeout=CONVERTED_MILLISECONDS)
        page.wait_for_selector(".pictures[data-shown]")
        page.wait_for_timeout(1000)
        picture = page.screenshot()
        browser.close()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").save(Path(out), quality=70, method=6)


if __name__ == "__main__":
    main(*sys.argv[1:])
