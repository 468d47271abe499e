"""ImageMagick and ssimgif: ``convert in.gif ssimgif:out.gif``, and MIFF as a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ssimgif import hookimpl

if TYPE_CHECKING:
    import click

    from ssimgif import Clip


@hookimpl
def ssimgif_open_clip(source: Any, options: Mapping[str, Any]) -> Clip | None:
    """Open MIFF, ImageMagick's own format."""
    from ssimgif_imagemagick.clip import open_miff

    return open_miff(source, options)


@hookimpl
def ssimgif_commands(add: Callable[[click.Command], None]) -> None:
    """Add ``ssimgif imagemagick``."""
    from ssimgif_imagemagick.commands import imagemagick

    add(imagemagick)


@hookimpl
def ssimgif_doctor() -> list[str]:
    """Say which ImageMagick is here, and whether it finds ssimgif."""
    from ssimgif_imagemagick.diagnosis import examine

    return examine()
