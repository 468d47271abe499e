"""A quick look: a few frames converted, and what the whole clip would weigh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from ssimgif import (
    Cancelled,
    Clip,
    Frame,
    Progress,
    ProgressCallback,
    Report,
    Settings,
    SourceError,
    encode,
    open_clip,
    page_data,
    prepared,
)
from ssimgif_web.blocks import block_sizes

# Pixels of all frames that are converted together, and the most frames: while settings change,
# and once they stay.
QUICK = (520_000, 4)
FINE = (1_600_000, 12)
FEWEST = 2
# A pixel changes when its green does by more than this, 0..255.
CHANGE = 8
# How much the first frame tells of the pixels that change later, as a share of such a frame.
PRIOR = 0.1
# A frame with more pixels is scaled down.
FRAME_PIXELS = 600_000
# How long a clip is read to find frames all over it.
SECONDS = 1.0
KEPT = 4
EDITS = (
    *("fps", "width", "start", "end", "bounce", "background", "feather", "loop"),
    *("max_frames", "max_pixels"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """A few frames of an edited clip, in runs of consecutive ones.

    Attributes
    ----------
    clip : Clip
        The frames.
    indices : tuple of int
        Which frames of the edited clip they are.
    total : int or None
        Frames of the edited clip; None where it was not read to its end.
    changes : tuple of float
        Root of the share of pixels that change with each of the frames, 1 with the first.
    changes_per_frame : float
        The same, mean of all frames of the edited clip that were read, but the first.
    area : float
        Pixels of the edited clip's frames for one pixel of these.
    """

    clip: Clip
    indices: tuple[int, ...]
    total: int | None
    changes: tuple[float, ...]
    changes_per_frame: float
    area: float

    def predict(self, by_frame: list[int]) -> tuple[int | None, float]:
        """Return the bytes of the whole GIF, if its length is known, and of a frame.

        Bytes are taken to go with the root of the share of pixels that change, which fits what
        clips take better than the share itself: few changes cost more a pixel than many.

        Parameters
        ----------
        by_frame : list of int
            What each of these frames takes.
        """
        first, *others = by_frame
        each = (sum(others) + PRIOR * first) / (sum(self.changes[1:]) + PRIOR)
        frame = self.area * each * self.changes_per_frame
        whole = None if self.total is None else round(self.area * first + frame * (self.total - 1))
        return whole, frame


@dataclass(frozen=True, slots=True)
class Preview:
    """What a conversion would look like.

    Attributes
    ----------
    predicted_bytes : int or None
        Of the whole GIF; None where its length is not known yet.
    bytes_per_frame : float
    frames : tuple of int
        Which frames were converted.
    view : dict
        As `ssimgif.page_data` makes it.
    """

    predicted_bytes: int | None
    bytes_per_frame: float
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
            look=page_data,
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
            settings, effort=1, max_bytes=None, strict=False, scene_threshold=0.0, **plain
        )
        views: list[dict[str, Any]] = []

        def look(clip: Clip, gif: Any, report: Report) -> None:
            views.append(page_data(clip, gif, report))

        result = encode(excerpt.clip, quick, progress, look)
        by_frame = _bytes_by_frame(result.data, views[-1]["blocks"])
        whole, frame = excerpt.predict(by_frame)
        return Preview(whole, frame, excerpt.indices, views[-1])

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
            excerpt = take_excerpt(path, settings, size, progress)
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = excerpt
        return self._kept[key]


def open_source(path: Path, settings: Settings) -> Clip:
    """Open a file as a conversion does, not yet cut or scaled.

    Raises
    ------
    SourceError
    """
    return open_clip(path, settings.source_options)


def take_excerpt(
    path: Path, settings: Settings, size: tuple[int, int], progress: ProgressCallback
) -> Excerpt:
    """Read a clip, for a while, and take frames from all over what was read.

    ``size`` is the most pixels of all frames together, and the most frames.
    """
    clip = prepared(open_source(path, settings), settings)
    pixels = clip.width * clip.height
    shrink = max(1.0, pixels / FRAME_PIXELS) ** 0.5
    if shrink > 1:
        small = replace(settings, width=max(1, round(clip.width / shrink)))
        clip = prepared(open_source(path, small), small)
    changes, complete = _read(clip, progress)
    if not changes:
        raise SourceError(f"{path.name} has no frames")
    shown = clip.width * clip.height
    moving = [i for i, change in enumerate(changes) if change]
    places = spread(len(moving), min(size[1], max(FEWEST, size[0] // shown)))
    indices = tuple(moving[place] for place in places)
    frames = list(_pick(clip, indices))
    excerpt = Clip(
        clip.width, clip.height, lambda: iter(frames), clip.loop, len(frames), clip.has_alpha,
        path.name,
    )  # fmt: skip
    return Excerpt(
        clip=excerpt,
        indices=indices,
        total=len(changes) if complete else clip.frame_count,
        changes=tuple(_changes(excerpt)),
        changes_per_frame=float(np.mean(changes[1:] or [0.0])),
        area=pixels / shown,
    )


def _read(clip: Clip, progress: ProgressCallback) -> tuple[list[float], bool]:
    """Return how much changes with each frame, and whether the clip was read to its end."""
    started = monotonic()
    out: list[float] = []
    for change in _changes(clip):
        if progress(Progress("reading", len(out), clip.frame_count)) is False:
            raise Cancelled("stopped on request")
        out.append(change)
        if monotonic() - started > SECONDS:
            return out, False
    return out, True


def _changes(clip: Clip) -> Iterator[float]:
    """Yield the root of the share of pixels that change with each frame, 1 with the first."""
    before = None
    for frame in clip.frames():
        green = frame.pixels[::2, ::2, 1].astype(np.int16)
        yield 1.0 if before is None else float(np.mean(np.abs(green - before) > CHANGE)) ** 0.5
        before = green


def spread(count: int, wanted: int) -> tuple[int, ...]:
    """Return the frames to take: runs of consecutive ones, spread over the clip."""
    if count <= wanted:
        return tuple(range(count))
    runs = max(1, min(3, wanted // 2)) if count >= 2 * wanted else 1
    length = wanted // runs
    middles = (np.arange(runs) + 0.5) / runs * count
    return tuple(int(m) - length // 2 + i for m in middles for i in range(length))


def _pick(clip: Clip, indices: tuple[int, ...]) -> Iterator[Frame]:
    wanted = set(indices)
    for index, frame in enumerate(clip.frames()):
        if index in wanted:
            yield frame
        if index >= indices[-1]:
            return


def _bytes_by_frame(gif: bytes, blocks: list[int]) -> list[int]:
    """Return the bytes of the blocks that begin with each frame."""
    out, done = [], 0
    sizes = block_sizes(BytesIO(gif))
    for block in blocks:
        out.append(sum(sizes[done : block + 1]))
        done = max(done, block + 1)
    return out
