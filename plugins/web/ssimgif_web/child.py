"""What is done to an upload, and only ever in a child process: see `ssimgif_web.confined`.

Every function takes what JSON can tell, the settings, and a callable that says how far it is and
whether to go on.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from ssimgif import (
    Cancelled,
    Clip,
    Progress,
    ProgressCallback,
    Report,
    Settings,
    convert,
    page_data,
)
from ssimgif_web.preview import Previewer, open_source

_previewer = Previewer()


def inspect(arguments: dict[str, Any], settings: Settings, _: ProgressCallback) -> dict[str, Any]:
    """Open a file, and tell its ``width``, ``height`` and, where that is known, ``frames``."""
    clip = open_source(Path(arguments["path"]), settings)
    return {"width": clip.width, "height": clip.height, "frames": clip.frame_count}


def warm(_: dict[str, Any], settings: Settings, progress: ProgressCallback) -> None:
    """Load what the first preview needs, so that it is as quick as the next ones."""
    _previewer.warm()


def preview(
    arguments: dict[str, Any], settings: Settings, progress: ProgressCallback
) -> dict[str, Any]:
    """Convert a few frames of the file at ``path``; return a `Preview`.

    Its excerpt is kept for the next one, by the file's ``id``.
    """
    path, file = Path(arguments["path"]), arguments["id"]
    return asdict(_previewer.preview(path, file, settings, arguments["fine"], progress))


def forget(arguments: dict[str, Any], _: Settings, progress: ProgressCallback) -> None:
    """Drop what is kept of a file by its ``id``."""
    _previewer.forget(arguments["id"])


def convert_file(
    arguments: dict[str, Any], settings: Settings, progress: ProgressCallback
) -> Report:
    """Convert the file at ``path`` to ``gif``, with what the compare view shows in ``view``."""

    def note(done: int, total: int) -> None:
        if progress(Progress("drawing the report", done, total)) is False:
            raise Cancelled("stopped on request")

    def look(clip: Clip, gif: BinaryIO, report: Report) -> None:
        data = page_data(clip, gif, report, note)
        Path(arguments["view"]).write_text(json.dumps(data), encoding="utf-8")

    return convert(arguments["path"], arguments["gif"], settings, progress, look)
