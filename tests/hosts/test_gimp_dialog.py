"""The export's dialog in a real window, driven by keys as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from gimp_chroot import GimpHost, gimp_host, wait_for
from gimp_screen import LOOK, Screen
from PIL import Image

import ssimgif
from ssimgif.model import U8

pytestmark = pytest.mark.host
gimp = pytest.fixture(scope="module")(gimp_host)

HEIGHT, WIDTH, COUNT = 120, 160, 6
MAGENTA = 255, 0, 255


def frames() -> U8:
    """Return a green box moving over magenta, u8[n, h, w, 3]."""
    clip = np.full((COUNT, HEIGHT, WIDTH, 3), MAGENTA, np.uint8)
    for i, frame in enumerate(clip):
        frame[40:80, 10 + 15 * i : 50 + 15 * i] = 0, 200, 40
    return clip


@pytest.fixture(scope="module")
def screen(gimp: GimpHost) -> Iterator[Screen]:
    """Give GIMP on a screen, with an animation open."""
    first, *others = (Image.fromarray(frame) for frame in frames())
    path = gimp.shared / "anim.gif"
    first.save(path, save_all=True, append_images=others, duration=70, loop=0)
    screen = Screen(gimp, path)
    yield screen
    screen.close()


def magenta(picture: U8) -> int:
    return int((picture == MAGENTA).all(axis=2).sum())


def open_dialog(screen: Screen, output: Path) -> str:
    """Go by the menu and the file's name to the export's dialog, and return its window."""
    screen.wait_for_window(r"^\[?anim", 90)
    screen.press("alt+f", "g")
    screen.wait_for_window("^Export as SSIM GIF$")
    screen.press("ctrl+a")
    screen.type(str(output))
    screen.press("Return")
    return screen.wait_for_window("^Export Image as SSIM GIF$")


def encoded(settings: ssimgif.Settings) -> bytes:
    """Return the GIF that the core makes of these frames."""
    clip = ssimgif.Clip.from_frames(frames(), Fraction(70, 1000), name="anim.gif")
    return ssimgif.encode(clip, settings).data


def test_a_gif_is_exported_from_the_menu_after_a_preview(gimp: GimpHost, screen: Screen) -> None:
    output = gimp.shared / "by hand"
    dialog = open_dialog(screen, output)

    inside = HEIGHT * WIDTH - 40 * 40
    wait_for(lambda: magenta(screen.picture(dialog)) == 2 * inside, 90, LOOK)
    screen.press("alt+w")
    wait_for(lambda: magenta(screen.picture(dialog)) == inside, 20)
    screen.press("alt+w", "alt+p", "Down", "Down", "Down", "alt+e")

    path = output.with_suffix(".gif")
    wait_for(path.exists, 90)
    expected = encoded(ssimgif.Settings(preset="social", loop=0))
    assert path.read_bytes() == expected
    wait_for(lambda: not screen.windows("^Export"), 20, LOOK)
    wait_for(lambda: not gimp.programs(), 20)
    assert gimp.left_over() == []


def test_a_quality_that_is_typed_is_what_is_asked_for(gimp: GimpHost, screen: Screen) -> None:
    output = gimp.shared / "typed.gif"
    open_dialog(screen, output)
    screen.press("alt+q", "ctrl+a")
    screen.type("55")
    screen.press("Tab", "alt+e")
    wait_for(output.exists, 90)
    expected = encoded(ssimgif.Settings(quality=55, loop=0))
    assert output.read_bytes() == expected
    assert "mnemonic" not in (gimp.shared / "session.log").read_text()


def test_a_dialog_that_is_cancelled_leaves_nothing(gimp: GimpHost, screen: Screen) -> None:
    output = gimp.shared / "never.gif"
    open_dialog(screen, output)
    assert gimp.programs()
    screen.press("Escape")
    wait_for(lambda: not screen.windows("^Export"), 20, LOOK)
    wait_for(lambda: not gimp.programs(), 20)
    assert gimp.left_over() == []
    assert not output.exists()
