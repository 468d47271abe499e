"""A quick look: a few frames converted, and what the whole clip would weigh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ssimgif import (
    Clip,
    Excerpt,
    ProgressCallback,
    Report,
    Settings,
    encode,
    open_clip,
    page_data,
    prepared,
    take_excerpt,
)

# Pixels that change in all frames that are converted together, and the most frames: while settings
# change, and once they stay.
QUICK = (450_000, 7)
FINE = (1_600_000, 13)
# The only strategy that is tried for a quick look: others take as long to compete as coding does.
LOOK_PALETTES = "faithful"
# A frame with more pixels is scaled down.
FRAME_PIXELS = 600_000
KEPT = 4
# What a frame takes with each step of effort, and where a size has to be met.
EFFORT_SECONDS = 1.4
BUDGET_SECONDS = 3.0
EDITS = (
    *("fps", "width", "height", "scale_filter", "crop", "start", "end", "speed", "reverse"),
    *("bounce", "background", "feather", "loop", "max_frames", "max_pixels"),
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a conversion would look like.

    Attributes
    ----------
    predicted_bytes : int or None
        Of the whole GIF; None where its length is not known yet.
    bytes_per_frame : float
    seconds : float or None
        That a conversion will take, roughly; None where the clip's length is not known yet.
    frames : tuple of int
        Which frames were converted.
    view : dict
        As `ssimgif.page_data` makes it, without maps.
    """

    predicted_bytes: int | None
    bytes_per_frame: float
    seconds: float | None
    frames: tuple[int, ...]
    view: dict[str, Any]


class Previewer:
    """Makes previews, and remembers the frames of the last few clips."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], Excerpt] = {}

    def warm(self) -> None:
        """Load what the first preview needs, so that it is as quick as the next ones."""
        ramp = np.arange(64 * 64 * 3, dtype=np.uint32).reshape(64, 64, 3)
        frames = np.stack([ramp // 48, ramp // 48 + 1, ramp // 64]).astype(np.uint8)
        encode(
            Clip.from_frames(frames, 0.1),
            Settings(effort=1),
            look=lambda *found: page_data(*found, maps=False),
        )

    def preview(
        self, path: Path, file: str, settings: Settings, fine: bool, progress: ProgressCallback
    ) -> Preview:
        """Convert a few frames; a limit of bytes is left out.

        Parameters
        ----------
        path : Path
        file : str
            A name that no other file has, to keep frames by.
        settings : Settings
        fine : bool
            Whether to take three times as long, and come nearer to the size.
        progress : callable
            Returning False ends the work.

        Raises
        ------
        SourceError, Cancelled
        """
        excerpt = self._excerpt(path, file, settings, FINE if fine else QUICK, progress)
        plain = {f: getattr(Settings(), f) for f in EDITS}
        quick = replace(
            settings,
            effort=1,
            made_for=None,
            max_bytes=None,
            strict=False,
            palettes=settings.palettes or LOOK_PALETTES,
            scene_threshold=0.0,
            **plain,
        )
        views: list[dict[str, Any]] = []

        def look(clip: Clip, gif: Any, report: Report) -> None:
            views.append(page_data(clip, gif, report, maps=False))

        result = encode(excerpt.clip, quick, progress, look)
        whole, frame = excerpt.predict(result.data, settings.effort)
        seconds = _seconds(excerpt, result.report, settings)
        return Preview(whole, frame, seconds, excerpt.indices, views[-1])

    def forget(self, file: str) -> None:
        """Drop what is kept of a file."""
        for key in [key for key in self._kept if key[0] == file]:
            del self._kept[key]

    def _excerpt(
        self,
        path: Path,
        file: str,
        settings: Settings,
        size: tuple[int, int],
        progress: ProgressCallback,
    ) -> Excerpt:
        key = (file, size, *(getattr(settings, name) for name in EDITS))
        if key not in self._kept:
            excerpt = excerpt_of(path, settings, size, progress)
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = excerpt
        return self._kept[key]


def _seconds(excerpt: Excerpt, report: Report, settings: Settings) -> float | None:
    """Tell what a conversion will take, if each frame takes what those of the excerpt did."""
    if excerpt.total is None:
        return None
    each = sum(report.seconds.values()) / len(excerpt.indices)
    factor = EFFORT_SECONDS ** (settings.effort - 1)
    if settings.max_bytes is not None:
        factor *= BUDGET_SECONDS
    return each * excerpt.area * excerpt.total * factor


def open_source(path: Path, settings: Settings) -> Clip:
    """Open a file as a conversion does, not yet cut or scaled.

    Raises
    ------
    SourceError
    """
    return open_clip(path, settings.source_options)


def excerpt_of(
    path: Path, settings: Settings, size: tuple[int, int], progress: ProgressCallback
) -> Excerpt:
    """Read a clip, for a while, and take frames from all over what was read, scaled down.

    ``size`` is the most pixels of all frames together, and the most frames.
    """
    clip = prepared(open_source(path, settings), settings)
    pixels = clip.width * clip.height
    shrink = max(1.0, pixels / FRAME_PIXELS) ** 0.5
    if shrink > 1:
        width, height = (max(1, round(side / shrink)) for side in (clip.width, clip.height))
        small = replace(settings, width=width, height=height)
        clip = prepared(open_source(path, small), small)
    excerpt = take_excerpt(replace(clip, name=path.name), *size, progress=progress)
    return replace(excerpt, area=pixels / (clip.width * clip.height))
