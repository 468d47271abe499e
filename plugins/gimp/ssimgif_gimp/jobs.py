"""What a plug-in can ask for: export frames, a preview of that, the frames of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ssimgif import (
    Cancelled,
    Progress,
    Settings,
    SettingsError,
    check_destination,
    encode,
    open_clip,
    staged,
)
from ssimgif_gimp.frames import milliseconds, read_clip
from ssimgif_gimp.preview import preview

Report = Callable[[Progress], bool | None]


def perform(request: Mapping[str, Any], scratch: Path, progress: Report) -> dict[str, Any]:
    """Do one job and return the fields of its answer.

    Raises
    ------
    SsimGifError
        With a sentence for the person in front of GIMP.
    """
    match request.get("job"):
        case "export":
            return _export(request, scratch, progress)
        case "preview":
            clip = read_clip(scratch / request["raw"], request["clip"])
            return preview(clip, _settings(request), int(request["frame"]), progress)
        case "open":
            return _open(request, scratch, progress)
        case other:
            raise SettingsError(
                f"the plug-in asks for {other!r}, which this version of ssimgif does not know; "
                "run ssimgif gimp install again"
            )


def _settings(request: Mapping[str, Any]) -> Settings:
    return Settings.parse(dict(request["settings"]))


def _export(request: Mapping[str, Any], scratch: Path, progress: Report) -> dict[str, Any]:
    output = str(request["output"])
    check_destination("", output)
    clip = read_clip(scratch / request["raw"], request["clip"])
    result = encode(clip, _settings(request), progress)
    with staged(output) as path:
        path.write_bytes(result.data)
    report = result.report
    return {
        "bytes": report.bytes,
        "score": report.score,
        "valid": report.valid,
        "warnings": list(report.warnings),
        "seconds": sum(report.seconds.values()),
    }


def _open(request: Mapping[str, Any], scratch: Path, progress: Report) -> dict[str, Any]:
    limits = Settings()
    options = {"fps": None, "max_frames": limits.max_frames, "max_pixels": limits.max_pixels}
    clip = open_clip(str(request["path"]), options)
    raw = scratch / "opened.rgba"
    durations = []
    with raw.open("wb") as file:
        for done, frame in enumerate(clip.frames(), 1):
            file.write(frame.pixels.tobytes())
            durations.append(frame.duration)
            if progress(Progress("reading", done, clip.frame_count)) is False:
                raise Cancelled("stopped on request")
    return {
        "raw": raw.name,
        "width": clip.width,
        "height": clip.height,
        "has_alpha": clip.has_alpha,
        "milliseconds": milliseconds(durations),
    }
