"""A quick look: a few frames converted, and what the whole clip would weigh."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from time import monotonic
from typing import Any

import numpy as np

from ssimgif import (
    Cancelled,
    Clip,
    Frame,
    Progress,
    Report,
    Settings,
    SourceError,
    encode,
    page_data,
    prepared,
)
from ssimgif_web.blocks import block_sizes
from ssimgif_web.store import Stored, open_source

# Pixels of all frames that are converted together, and the most frames: while settings change,
# and once they stay.
QUICK = (520_000, 4)
FINE = (1_600_000, 12)
FEWEST = 2
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
    area : float
        Pixels of the edited clip's frames for one pixel of these.
    """

    clip: Clip
    indices: tuple[int, ...]
    total: int | None
    area: float


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
        self, source: Stored, settings: Settings, fine: bool, stop: threading.Event
    ) -> Preview:
        """Convert a few frames; a limit of bytes is left out.

        Parameters
        ----------
        source : Stored
        settings : Settings
        fine : bool
            Whether to take three times as long, and come nearer to the size.
        stop : Event
            Ends the work when set.

        Raises
        ------
        SourceError, Cancelled
        """
        excerpt = self._excerpt(source, settings, FINE if fine else QUICK, stop)
        plain = {f: getattr(Settings(), f) for f in EDITS}
        quick = replace(
            settings, effort=1, max_bytes=None, strict=False, scene_threshold=0.0, **plain
        )
        views: list[dict[str, Any]] = []

        def look(clip: Clip, gif: Any, report: Report) -> None:
            views.append(page_data(clip, gif, report))

        def going_on(_: Progress) -> bool:
            return not stop.is_set()

        result = encode(excerpt.clip, quick, going_on, look)
        by_frame = _bytes_by_frame(result.data, views[-1]["blocks"])
        key, delta = _key_and_delta(by_frame, excerpt.indices)
        key, delta = key * excerpt.area, delta * excerpt.area
        total = excerpt.total
        return Preview(
            predicted_bytes=None if total is None else round(key + delta * (total - 1)),
            bytes_per_frame=delta,
            frames=excerpt.indices,
            view=views[-1],
        )

    def forget(self, source: Stored) -> None:
        """Drop what is remembered of a file."""
        for key in [key for key in self._kept if key[0] == source.id]:
            del self._kept[key]

    def _excerpt(
        self, source: Stored, settings: Settings, size: tuple[int, int], stop: threading.Event
    ) -> Excerpt:
        key = (source.id, size, *(getattr(settings, name) for name in EDITS))
        if key not in self._kept:
            excerpt = take_excerpt(source, settings, size, stop)
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = excerpt
        return self._kept[key]


def take_excerpt(
    source: Stored, settings: Settings, size: tuple[int, int], stop: threading.Event
) -> Excerpt:
    """Read a clip, for a while, and take frames from all over what was read.

    ``size`` is the most pixels of all frames together, and the most frames.
    """
    clip = prepared(open_source(source.path, settings), settings)
    pixels = clip.width * clip.height
    shrink = max(1.0, pixels / FRAME_PIXELS) ** 0.5
    if shrink > 1:
        small = replace(settings, width=max(1, round(clip.width / shrink)))
        clip = prepared(open_source(source.path, small), small)
    started, seen, complete = monotonic(), 0, True
    for _ in clip.frames():
        seen += 1
        if stop.is_set():
            raise Cancelled("stopped on request")
        if monotonic() - started > SECONDS:
            complete = False
            break
    if not seen:
        raise SourceError(f"{source.name} has no frames")
    shown = clip.width * clip.height
    indices = spread(seen, min(size[1], max(FEWEST, size[0] // shown)))
    frames = list(_pick(clip, indices))
    excerpt = Clip(
        clip.width, clip.height, lambda: iter(frames), clip.loop, len(frames), clip.has_alpha,
        source.name,
    )  # fmt: skip
    return Excerpt(excerpt, indices, seen if complete else clip.frame_count, pixels / shown)


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


def _key_and_delta(by_frame: list[int], indices: tuple[int, ...]) -> tuple[float, float]:
    """Return bytes of a frame drawn anew, and of one drawn upon the frame before."""
    follows = [False, *(after == before + 1 for before, after in pairwise(indices))]
    keys = [size for size, later in zip(by_frame, follows, strict=True) if not later]
    deltas = [size for size, later in zip(by_frame, follows, strict=True) if later]
    return float(np.mean(keys)), float(np.mean(deltas or keys))
