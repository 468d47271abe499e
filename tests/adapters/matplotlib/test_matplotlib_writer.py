"""matplotlib saves animations by ssimgif."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import animation, pyplot
from matplotlib.figure import Figure

from ssimgif import FrameError, SettingsError
from ssimgif_matplotlib import SsimGifWriter

QUICK: dict[str, Any] = {"ssim": 0.95, "effort": 1}


@pytest.fixture
def figure() -> Iterator[Figure]:
    figure = pyplot.figure(figsize=(3, 2), dpi=50)
    yield figure
    pyplot.close(figure)


@pytest.fixture
def moving(figure: Figure) -> animation.FuncAnimation:
    """Give an animation of a line and its title, five frames of 40 ms."""
    axes = figure.add_subplot()
    x = np.linspace(0, 6, 50)
    (line,) = axes.plot(x, np.sin(x))

    def draw(step: int) -> list[Any]:
        line.set_ydata(np.sin(x + step / 3))
        return [line, axes.set_title(f"step {step}")]

    return animation.FuncAnimation(figure, draw, frames=5, interval=40, blit=False)


def facts(path: Path) -> tuple[tuple[int, int], list[int], int | None]:
    with Image.open(path) as image:
        times = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            times.append(int(image.info["duration"]))
        return image.size, times, image.info.get("loop")


def test_the_writers_name_is_enough(moving: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    moving.save(path, writer="ssimgif", dpi=20)
    assert facts(path) == ((60, 40), [40] * 5, 0)


def test_what_other_writers_take_is_taken(
    moving: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, told = tmp_path / "a.gif", []
    with caplog.at_level(logging.INFO, "ssimgif_matplotlib"):
        moving.save(
            str(path),
            writer="ssimgif",
            fps=10,
            dpi=25,
            bitrate=1800,
            codec="h264",
            metadata={"title": "waves"},
            savefig_kwargs={"facecolor": "#336699"},
            progress_callback=lambda done, total: told.append((done, total)),
        )
    assert facts(path) == ((75, 50), [100] * 5, 0)
    assert told == [(number, 5) for number in range(5)]
    assert "bitrate" in caplog.text
    with Image.open(path) as image:
        corner = np.array(image.convert("RGB"))[1, 1].astype(int)
    assert np.abs(corner - [0x33, 0x66, 0x99]).max() <= 3


def test_settings_go_to_a_writer_made_by_hand_which_has_the_report(
    moving: Any, tmp_path: Path
) -> None:
    writer = SsimGifWriter(fps=20, loop=2, **QUICK)
    with pytest.raises(SettingsError, match="nothing was saved yet"):
        print(writer.report)
    moving.save(tmp_path / "a.gif", writer=writer)
    assert writer.report.valid, writer.report.shortfalls
    assert writer.report.bytes == (tmp_path / "a.gif").stat().st_size
    assert facts(tmp_path / "a.gif")[1:] == ([50] * 5, 1)


def test_lines_and_text_stay_crisp(figure: Figure, tmp_path: Path) -> None:
    figure.set_dpi(100)
    axes, drawn = figure.add_subplot(), []
    writer = SsimGifWriter(fps=10, ssim=0.985, effort=1)
    with writer.saving(figure, tmp_path / "a.gif", 100):
        for step in range(3):
            axes.set_title(f"step {step}")
            axes.plot([0, 1], [0, step])
            figure.canvas.draw()
            canvas: Any = figure.canvas
            drawn.append(np.asarray(canvas.buffer_rgba())[..., :3].astype(int))
            writer.grab_frame()
    with Image.open(tmp_path / "a.gif") as image:
        for number, wanted in enumerate(drawn):
            image.seek(number)
            errors = np.abs(np.asarray(image.convert("RGB")) - wanted)
            assert errors.mean() < 1
            assert np.percentile(errors, 99) <= 24


def test_a_transparent_figure_stays_so(moving: Any, tmp_path: Path) -> None:
    writer = SsimGifWriter(**QUICK)
    moving.save(tmp_path / "a.gif", writer=writer, savefig_kwargs={"transparent": True})
    with Image.open(tmp_path / "a.gif") as image:
        assert image.convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)


def test_an_error_while_drawing_leaves_nothing(figure: Figure, tmp_path: Path) -> None:
    def draw(step: int) -> list[Any]:
        if step == 2:
            raise ZeroDivisionError
        return []

    broken = animation.FuncAnimation(figure, draw, frames=5, init_func=list)
    (tmp_path / "old.gif").write_bytes(b"old")
    for name in ("new.gif", "old.gif"):
        with pytest.raises(ZeroDivisionError):
            broken.save(tmp_path / name, writer=SsimGifWriter(**QUICK))
    assert [path.name for path in tmp_path.iterdir()] == ["old.gif"]
    assert (tmp_path / "old.gif").read_bytes() == b"old"


def test_a_figure_that_changes_its_size_is_one_sentence(figure: Figure, tmp_path: Path) -> None:
    writer = SsimGifWriter(**QUICK)
    with (
        pytest.raises(FrameError, match=r"frame 2 of a\.gif is 400x200, but the first is 300x200"),
        writer.saving(figure, tmp_path / "a.gif", 100),
    ):
        writer.grab_frame()
        figure.set_size_inches(4, 2)
        writer.grab_frame()
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_is_told_before_anything_is_drawn(moving: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no setting named 'qualty'"):
        moving.save(tmp_path / "a.gif", writer=SsimGifWriter(qualty=80))
