"""What Python's libraries write by ssimgif looks the same, for the same time, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from test_decoders import HEIGHT, WIDTH, assert_same, by_chromium, by_pillow, moving_hole

import ssimgif

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.host

FRAMES = moving_hole()


def by_writer(path: Path) -> None:
    with ssimgif.Writer(path, fps=10, effort=1) as writer:
        for frame in FRAMES:
            writer.add(frame / 255)


def saved_by_pillow(path: Path) -> None:
    import ssimgif_pillow

    first, *rest = map(Image.fromarray, FRAMES)
    kind = ssimgif_pillow.FORMAT
    first.save(path, kind, save_all=True, append_images=rest, duration=100, loop=0, effort=1)


def by_imageio(path: Path) -> None:
    iio = pytest.importorskip("imageio.v3", reason="imageio is not installed")
    import ssimgif_imageio

    plugin = ssimgif_imageio.SsimGifPlugin
    iio.imwrite(path, FRAMES, plugin=plugin, duration=100, effort=1)


def by_matplotlib(path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    from matplotlib.figure import Figure

    from ssimgif_matplotlib import SsimGifWriter

    figure = Figure(figsize=(WIDTH / 50, HEIGHT / 50))
    writer = SsimGifWriter(fps=10, effort=1)
    with writer.saving(figure, path, 50):
        for frame in FRAMES:
            figure.clear()
            figure.figimage(frame)
            writer.grab_frame(transparent=True)


@pytest.mark.parametrize("write", [by_writer, saved_by_pillow, by_imageio, by_matplotlib])
def test_chromium_shows_what_was_written(write: object, tmp_path: Path, chromium: Browser) -> None:
    assert callable(write)
    write(tmp_path / "a.gif")
    pictures, delays = by_chromium(tmp_path / "a.gif", chromium)
    assert delays == [100] * len(FRAMES)
    assert_same((pictures, delays), by_pillow(tmp_path / "a.gif"))
