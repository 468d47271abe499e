"""ssimgif in FFmpeg-like pipelines: a filter-graph stage on PyAV, and ``ssimgif ffmpeg``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ssimgif import hookimpl

if TYPE_CHECKING:
    from ssimgif_ffmpeg.stage import SsimGifStage

__all__ = ["SsimGifStage"]


@hookimpl
def ssimgif_commands(add: Callable[[Any], None]) -> None:
    """Add ``ssimgif ffmpeg``."""
    from ssimgif_ffmpeg.command import command

    add(command)


def __getattr__(name: str) -> Any:
    """Import the stage, and so PyAV, where it is first used."""
    if name == "SsimGifStage":
        from ssimgif_ffmpeg.stage import SsimGifStage

        return SsimGifStage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
