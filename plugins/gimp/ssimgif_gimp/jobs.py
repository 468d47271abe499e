"""What a plug-in can ask for: export frames, a preview of that, the frames of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ssimgif import (
    Cancelled,
    Clip,
    Progress,
    Settings,
    SettingsError,
    check_destination,
    encode,
    open_clip,
    staged,
)
from ssimgif_gimp.frames import field, milliseconds, read_clip
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
            return preview(_clip(request, scratch), _settings(request), _frame(request), progress)
        case "open":
            return _open(request, scratch, progress)
        case other:
            raise SettingsError(
                f"the plug-in asks for {other!r}, which this version of ssimgif does not know; "
                "run ssimgif gimp install again"
            )


def _settings(request: Mapping[str, Any]) -> Settings:
    return Settings.parse(field(request, "settings", dict))


def _clip(request: Mapping[str, Any], scratch: Path) -> Clip:
    return read_clip(scratch / field(request, "raw", str), field(request, "clip", dict))


def _frame(request: Mapping[str, Any]) -> int:
    """Return the frame to show, which is one that there is."""
    times = field(field(request, "clip", dict), "milliseconds", list)
    return min(max(field(request, "frame", int), 0), len(times) - 1)


def _export(request: Mapping[str, Any], scratch: Path, progress: Report) -> dict[str, Any]:
    output = field(request, "output", str)
    check_destination("", output)
    result = encode(_clip(request, scratch), _settings(request), progress)
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
    clip = open_clip(field(request, "path", str))
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
