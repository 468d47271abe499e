"""GIMP's side door to ssimgif: plug-ins for GIMP 3 and 2.10, their installer, their worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ssimgif import hookimpl


@hookimpl
def ssimgif_commands(add: Callable[[Any], None]) -> None:
    """Add ``ssimgif gimp``."""
    from ssimgif_gimp.commands import gimp

    add(gimp)


@hookimpl
def ssimgif_doctor() -> list[str]:
    """Say where the plug-in is installed."""
    from ssimgif_gimp.installer import examine

    return list(examine())
