"""GIFs of Python's libraries by their own writers, and by ssimgif: ``writers.py [SETTINGS...]``.

Four animations are drawn: lines in a plot, a field of colours (``imshow``), a game as gymnasium
renders it, and a sticker with alpha. Each is saved by its library with its defaults, then by
ssimgif through the same library, with each of the settings, such as ``quality=85,effort=3``.
`ssimgif.verify` compares all with the frames as they were drawn.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import matplotlib as mpl
import numpy as np
from matplotlib import animation, pyplot
from PIL import Image, ImageDraw

import ssimgif
import ssimgif_imageio
import ssimgif_pillow
from ssimgif.model import U8
from ssimgif.verify import verify
from ssimgif_matplotlib import SsimGifWriter

DEFAULTS = ("", "quality=85", "quality=99,ssim=0.9999,delta_e=0.1")
FPS, MILLISECONDS = 20, 50
# Takes a place, and settings of ssimgif or None for the library's own writer.
Save = Callable[[Path, dict[str, str] | None], object]


@dataclass(frozen=True, slots=True)
class Input:
    """An animation, as it was drawn and how its library saves it."""

    name: str
    library: str
    frames: U8
    save: Save


class _Collector(animation.AbstractMovieWriter):
    """Keeps what matplotlib draws."""

    def __init__(self) -> None:
        super().__init__(FPS)
        self.frames: list[U8] = []

    def setup(self, fig: Any, outfile: Any, dpi: float | None = None) -> None:
        super().setup(fig, outfile, dpi)

    def grab_frame(self, **savefig_kwargs: Any) -> None:
        self.fig.canvas.draw()
        self.frames.append(np.array(self.fig.canvas.buffer_rgba()))

    def finish(self) -> None:
        pass


def _of_matplotlib(name: str, figure: Any, draw: Callable[[int], Any]) -> Input:
    # A figure that draws begins its animation anew, so that each saving has its own.
    def save(place: Path, writer: Any) -> None:
        moving = animation.FuncAnimation(figure, draw, 24, init_func=list, blit=False)
        moving._draw_was_started = True
        moving.save(place, writer=writer, dpi=100)

    collector = _Collector()
    with collector.saving(figure, "unused.gif", 100):
        for step in range(24):
            draw(step)
            collector.grab_frame()

    def chosen(place: Path, settings: dict[str, str] | None) -> None:
        own = animation.PillowWriter(FPS)
        save(place, own if settings is None else SsimGifWriter(FPS, **settings))

    return Input(name, "matplotlib", np.stack(collector.frames), chosen)


def line_plot() -> Input:
    """Return waves with a legend and a title, 400x300."""
    figure, axes = pyplot.subplots(figsize=(4, 3), dpi=100)
    x = np.linspace(0, 4 * np.pi, 400)
    lines = [axes.plot(x, np.sin(x * k), label=f"{k} waves")[0] for k in (1, 2, 3)]
    axes.legend(loc="upper right")

    def draw(step: int) -> list[Any]:
        for k, line in enumerate(lines, 1):
            line.set_ydata(np.sin(k * x + step / 4) / k)
        return [*lines, axes.set_title(f"t = {step / FPS:.2f} s")]

    return _of_matplotlib("line plot", figure, draw)


def field() -> Input:
    """Return two sources of waves as colours, 400x300."""
    figure, axes = pyplot.subplots(figsize=(4, 3), dpi=100)
    y, x = np.mgrid[-3:3:180j, -4:4:240j]
    near, far = np.hypot(x - 1, y), np.hypot(x + 1, y)
    image = axes.imshow(np.zeros_like(x), vmin=-2, vmax=2, cmap="viridis")

    def draw(step: int) -> list[Any]:
        image.set_data(np.sin(5 * near - step / 3) + np.sin(5 * far - step / 3))
        return [image]

    return _of_matplotlib("imshow field", figure, draw)


def game() -> Input:
    """Return a cart with a pole, as gymnasium renders it by pygame, 600x400."""
    frames = []
    for step in range(40):
        scene = Image.new("RGB", (600, 400), "white")
        draw = ImageDraw.Draw(scene)
        left, lean = 300 + 40 * np.sin(step / 9), 0.3 * np.sin(step / 5)
        top = (left + 120 * np.sin(lean), 280 - 120 * np.cos(lean))
        draw.line((0, 300, 600, 300), "black")
        draw.rectangle((left - 25, 285, left + 25, 315), "black")
        draw.line(((left, 285), top), (202, 152, 101), 10)
        draw.ellipse((left - 5, 280, left + 5, 290), (129, 132, 203))
        frames.append(np.asarray(scene))
    stack = np.stack(frames)

    def save(place: Path, settings: dict[str, str] | None) -> None:
        own: dict[str, Any] = {"plugin": "pillow"}
        ours = {"plugin": ssimgif_imageio.SsimGifPlugin, **(settings or {})}
        chosen = own if settings is None else ours
        iio.imwrite(place, stack, duration=MILLISECONDS, loop=0, **chosen)

    return Input("game", "imageio", stack, save)


def sticker() -> Input:
    """Return a shaded ball that bounces over nothing, 160x160 with soft alpha."""
    y, x = np.mgrid[:160, :160].astype(np.float64)
    pixels = np.zeros((24, 160, 160, 4), np.uint8)
    for step, frame in enumerate(pixels):
        across, down = x - 80, y - 110 + 60 * abs(np.sin(np.pi * step / 12))
        shade = np.clip(1.15 - np.hypot(across + 14, down + 14) / 60, 0.2, 1)
        frame[..., :3] = np.rint(shade[..., None] * np.array([255, 150, 60]))
        frame[..., 3] = np.rint(255 * np.clip(40 - np.hypot(across, down), 0, 1))
    frames = [Image.fromarray(frame) for frame in pixels]

    def save(place: Path, settings: dict[str, str] | None) -> None:
        own = settings is None
        frames[0].save(
            place,
            "GIF" if own else ssimgif_pillow.FORMAT,
            save_all=True,
            append_images=frames[1:],
            duration=MILLISECONDS,
            loop=0,
            **({"disposal": 2} if own else settings or {}),
        )

    return Input("sticker", "Pillow", pixels, save)


def rows(made: Input, settings: Sequence[str], folder: Path) -> Iterator[tuple[str, ...]]:
    """Yield name, writer, bytes, S, looks and colour difference of each GIF of an animation."""
    source = ssimgif.Clip.from_frames(made.frames, 1 / FPS)
    for number, text in enumerate((None, *settings)):
        place = folder / f"{made.name}-{number}.gif"
        options = (
            None if text is None else dict(part.split("=") for part in text.split(",") if part)
        )
        made.save(place, options)
        score = verify(source, ssimgif.open_clip(place)).score
        writer = f"{made.library}'s own" if text is None else f"ssimgif {text}".strip()
        figures = (f"{score.score:.4f}", f"{score.looks_mean:.1f}", f"{score.delta_e_mean:.3f}")
        yield made.name, writer, f"{place.stat().st_size:,}", *figures


def main(settings: Sequence[str]) -> None:
    """Print the table."""
    mpl.use("Agg")
    print("| animation | written by | bytes | S | looks | colour difference |")
    print("|---|---|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for made in (line_plot, field, game, sticker):
            for row in rows(made(), settings, Path(folder)):
                print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or DEFAULTS)
