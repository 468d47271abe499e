"""GIFnets (Yoo et al., CVPR 2020): PaletteNet, DitherNet and BandingNet, without torch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ssimgif import hookimpl

if TYPE_CHECKING:
    import click

    from ssimgif import Palette
    from ssimgif_gifnets.arrays import F32, U8, Bool

PALETTENET, DITHERNET = "palettenet", "dithernet"


@hookimpl
def ssimgif_palette_strategies() -> Mapping[str, bool]:
    """Name PaletteNet, which competes with ``--palettes +palettenet``."""
    return {PALETTENET: False}


@hookimpl
def ssimgif_candidate_palettes(
    frames: Sequence[U8], weights: Sequence[F32], size: int, names: Collection[str]
) -> Mapping[str, Palette]:
    """Propose PaletteNet's palette where it was asked for."""
    if PALETTENET not in names:
        return {}
    from ssimgif_gifnets.strategies import scene_palette

    return {PALETTENET: scene_palette(frames, weights, size)}


@hookimpl
def ssimgif_ditherers() -> Mapping[str, Any]:
    """Add ``--dither dithernet``."""
    return {DITHERNET: dithernet}


def dithernet(pixels: U8, palette: Palette, strength: F32) -> U8:
    """Return the palette indices u8[h, w] of a picture u8[h, w, 3], dithered by DitherNet."""
    from ssimgif_gifnets.strategies import dithered

    return dithered(pixels, palette, strength)


@hookimpl
def ssimgif_banding(source: U8, shown: U8, suspected: Bool) -> F32:
    """Tell by BandingNet where false contours show."""
    from ssimgif_gifnets.strategies import visible_banding

    return visible_banding(source, shown, suspected)


@hookimpl
def ssimgif_commands(add: Callable[[click.Command], None]) -> None:
    """Add ``ssimgif gifnets``."""
    from ssimgif_gifnets.command import gifnets_command

    add(gifnets_command)
