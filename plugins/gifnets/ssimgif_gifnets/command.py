"""``ssimgif gifnets``: the networks on single pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ssimgif_gifnets.arrays import U8

_path = click.Path(path_type=Path)
# Modules of `ssimgif_gifnets.kernels` that a score needs, and a picture of few colours.
_BANDING = ("convolution", "edges")
_PICTURE = ("attention", "convolution", "dithering", "histogram")


@click.group("gifnets")
def gifnets_command() -> None:
    """Use PaletteNet, DitherNet or BandingNet on one picture.

    For clips there are ssimgif --palettes +palettenet and ssimgif --dither dithernet.
    """


def _picture_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what the commands that write pictures have in common."""
    for decorate in (
        click.option(
            "--compare",
            type=_path,
            metavar="FILE.png",
            help="Also write it beside the original and beside median cut + Floyd-Steinberg.",
        ),
        click.option(
            "-o", "--output", type=_path, required=True, metavar="OUT.png", help="Or OUT.gif."
        ),
        click.option(
            "--colors", type=click.IntRange(2, 256), default=256, help="Most colours [256]."
        ),
        click.argument("image", type=_path),
    ):
        function = decorate(function)
    return function


@gifnets_command.command("palette")
@_picture_options
def palette_command(image: Path, colors: int, output: Path, compare: Path | None) -> None:
    """Write IMAGE in PaletteNet's colours."""
    _write(image, colors, output, compare, dither=False)


@gifnets_command.command("dither")
@_picture_options
def dither_command(image: Path, colors: int, output: Path, compare: Path | None) -> None:
    """Write IMAGE in PaletteNet's colours, dithered."""
    _write(image, colors, output, compare, dither=True)


@gifnets_command.command("banding")
@click.argument("image", type=_path)
def banding_command(image: Path) -> None:
    """Print how much banding IMAGE shows, 0 to 1."""
    from ssimgif_gifnets import pictures

    pixels = pictures.read(image)
    _announce(_BANDING)
    click.echo(f"{_banding(pixels):.4f}")


def _write(image: Path, colors: int, output: Path, compare: Path | None, dither: bool) -> None:
    """Bring a picture into PaletteNet's colours and write it, and the comparison."""
    from ssimgif_gifnets import pictures

    pictures.check(image, [output] if compare is None else [output, compare])
    pixels = pictures.read(image)
    _announce(_PICTURE if compare is None else {*_PICTURE, *_BANDING})

    import numpy as np

    from ssimgif_gifnets.dither_net import dither_net
    from ssimgif_gifnets.projection import Colors
    from ssimgif_gifnets.strategies import palette_of

    palette = palette_of(pixels, colors)
    if dither:
        strength = np.ones(pixels.shape[:2], np.float32)
        indices = dither_net().dither(pixels, Colors.of(palette), strength)
    else:
        indices = Colors.of(palette).nearest(pixels.astype(np.float32))
    if compare is not None:
        from ssimgif_gifnets.comparison import floyd_steinberg, side_by_side

        panels = {
            "original": pixels,
            "median cut + Floyd-Steinberg": floyd_steinberg(pixels, colors),
            "PaletteNet + DitherNet" if dither else "PaletteNet": palette[indices],
        }
        told = [(f"{name}\nbanding {_banding(shown):.3f}", shown) for name, shown in panels.items()]
        pictures.write(side_by_side(told), compare)
    pictures.write(pictures.indexed(indices, palette), output)


def _announce(modules: Iterable[str]) -> None:
    """Say that kernels are compiled, where that was never done."""
    from ssimgif import kernels_ready

    if not kernels_ready(*(f"ssimgif_gifnets.kernels.{name}" for name in modules)):
        click.echo("ssimgif: compiling the kernels, once; this takes some seconds", err=True)


def _banding(pixels: U8) -> float:
    from ssimgif_gifnets.banding_net import banding_net

    return banding_net().score(pixels)
