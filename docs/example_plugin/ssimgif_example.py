"""An example plug-in for ssimgif: each hook once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np

from ssimgif import Clip, Palette, Report, SourceError, hookimpl


@hookimpl
def ssimgif_open_clip(source: Any, options: Mapping[str, Any]) -> Clip | None:
    """Open frames saved by `numpy.save`, u8[n, h, w, 3 or 4]; leave all else to others."""
    if not str(source).endswith(".npy"):
        return None
    try:
        frames = np.load(source)
        return Clip.from_frames(frames, 1 / (options["fps"] or 10), name=Path(source).name)
    except (OSError, ValueError) as error:
        raise SourceError(f"{source} holds no frames: {error}") from None


@hookimpl
def ssimgif_palette_strategies() -> Mapping[str, bool]:
    """Let the cube compete in every conversion."""
    return {"cube": True}


@hookimpl
def ssimgif_candidate_palettes(size: int) -> Mapping[str, Palette]:
    """Propose a cube of evenly spaced colours, whatever the frames show."""
    levels = int(size ** (1 / 3) + 1e-9)
    steps = np.linspace(0, 255, levels).round()
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    return {"cube": Palette(cube.astype(np.uint8))}


def checkerboard(pixels: np.ndarray, palette: Palette, strength: np.ndarray) -> np.ndarray:
    """Dither by making every other pixel a little lighter, the others darker."""
    shift = np.where(np.indices(strength.shape).sum(axis=0) % 2, 12.0, -12.0) * strength
    colors = palette.colors.astype(np.float32)
    if palette.transparent is not None:
        colors[palette.transparent] = np.inf
    rows = pixels + shift[..., None]
    nearest = [np.square(row[:, None] - colors).sum(axis=2).argmin(axis=1) for row in rows]
    return np.array(nearest, np.uint8)


@hookimpl
def ssimgif_ditherers() -> Mapping[str, Any]:
    """Add `--dither checkerboard`."""
    return {"checkerboard": checkerboard}


@hookimpl
def ssimgif_banding() -> None:
    """Leave it to others to say where dithering is worth it."""


@hookimpl
def ssimgif_encoded(report: Report) -> None:
    """Log each GIF to the file that the environment names."""
    if log := os.environ.get("SSIMGIF_EXAMPLE_LOG"):
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{report.source.name} {report.bytes} {report.score:.4f}\n")


@hookimpl
def ssimgif_commands(add: Callable[[click.Command], None]) -> None:
    """Add `ssimgif colors REPORT.json`."""

    @click.command("colors")
    @click.argument("report", type=click.Path(path_type=Path))
    def colors(report: Path) -> None:
        """Print the palettes of a report."""
        for palette in Report.from_json(report.read_text(encoding="utf-8")).palettes:
            click.echo(" ".join(palette))

    add(colors)


@hookimpl
def ssimgif_doctor() -> list[str]:
    """Say where the log goes."""
    return [f"example: the log is {os.environ.get('SSIMGIF_EXAMPLE_LOG', 'off')}"]
