"""Animations as Python programs draw them, to be saved as GIFs: each is u8[n, h, w, 3 or 4]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib import pyplot
from PIL import Image, ImageDraw

from ssimgif.model import U8

FPS = 20


def line_plot() -> U8:
    """Return waves with a legend and a title, by matplotlib, 400x300."""
    figure, axes = pyplot.subplots(figsize=(4, 3), dpi=100)
    x = np.linspace(0, 4 * np.pi, 400)
    lines = [axes.plot(x, np.sin(x * k), label=f"{k} waves")[0] for k in (1, 2, 3)]
    axes.legend(loc="upper right")

    def draw(step: int) -> None:
        for k, line in enumerate(lines, 1):
            line.set_ydata(np.sin(k * x + step / 4) / k)
        axes.set_title(f"t = {step / FPS:.2f} s")

    return _drawn(figure, draw)


def field() -> U8:
    """Return two sources of waves as colours, by matplotlib's imshow, 400x300."""
    figure, axes = pyplot.subplots(figsize=(4, 3), dpi=100)
    y, x = np.mgrid[-3:3:180j, -4:4:240j]
    near, far = np.hypot(x - 1, y), np.hypot(x + 1, y)
    image = axes.imshow(np.zeros_like(x), vmin=-2, vmax=2, cmap="viridis")

    def draw(step: int) -> None:
        image.set_data(np.sin(5 * near - step / 3) + np.sin(5 * far - step / 3))

    return _drawn(figure, draw)


def game() -> U8:
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
    return np.stack(frames)


def sticker() -> U8:
    """Return a shaded ball that bounces over nothing, 160x160 with soft alpha."""
    y, x = np.mgrid[:160, :160].astype(np.float64)
    frames = np.zeros((24, 160, 160, 4), np.uint8)
    for step, frame in enumerate(frames):
        across, down = x - 80, y - 110 + 60 * abs(np.sin(np.pi * step / 12))
        shade = np.clip(1.15 - np.hypot(across + 14, down + 14) / 60, 0.2, 1)
        frame[..., :3] = np.rint(shade[..., None] * np.array([255, 150, 60]))
        frame[..., 3] = np.rint(255 * np.clip(40 - np.hypot(across, down), 0, 1))
    return frames


def _drawn(figure: Any, draw: Callable[[int], None]) -> U8:
    frames = []
    for step in range(24):
        draw(step)
        figure.canvas.draw()
        frames.append(np.array(figure.canvas.buffer_rgba())[..., :3])
    pyplot.close(figure)
    return np.stack(frames)


ANIMATIONS: dict[str, Callable[[], U8]] = {
    "line plot": line_plot,
    "imshow field": field,
    "game": game,
    "sticker": sticker,
}
