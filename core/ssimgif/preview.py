"""What a GIF would weigh, told from a few of its frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import process_time

import numpy as np

from ssimgif.gif import bytes_by_frame
from ssimgif.model import Clip, Frame
from ssimgif.progress import ProgressCallback, notify

# A pixel changes when its green does by more than this, 0..255.
CHANGE = 8
# How much the first frame tells of the pixels that change later, as a share of such a frame.
PRIOR = 0.1
# How long a clip is read to find frames all over it: processor time, so that a busy machine sees as
# much of the clip as an idle one.
SECONDS = 1.0
# Frames that are taken at least, so that there is a change between two.
FEWEST = 2


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """A few frames of a clip, in runs of consecutive ones.

    Attributes
    ----------
    clip : Clip
        The frames.
    indices : tuple of int
        Which frames of the whole clip they are.
    total : int or None
        Frames of the whole clip; None where it was not read to its end.
    changes : tuple of float
        Root of the share of pixels that change with each of the frames, 1 with the first.
    changes_per_frame : float
        The same, mean of all frames of the clip that were read, but the first.
    area : float
        Pixels of the whole clip's frames for one pixel of these.
    """

    clip: Clip
    indices: tuple[int, ...]
    total: int | None
    changes: tuple[float, ...]
    changes_per_frame: float
    area: float = 1.0

    @property
    def whole(self) -> bool:
        """Whether these are all the frames, in full size."""
        return len(self.indices) == self.total and self.area == 1

    def predict(self, gif: bytes) -> tuple[int | None, float]:
        """Return the bytes of the whole GIF, if its length is known, and of a frame.

        Bytes are taken to go with the root of the share of pixels that change, which fits what
        clips take better than the share itself: few changes cost more a pixel than many. How many
        bytes that makes is a median, since single frames, in which text appears, take far more.

        Parameters
        ----------
        gif : bytes
            What was made of these frames.
        """
        first, *others = bytes_by_frame(gif, [frame.duration for frame in self.clip.frames()])
        moving = [
            (size, change) for size, change in zip(others, self.changes[1:], strict=True) if change
        ]
        rates = [size / change for size, change in moving] + [first]
        weights = [change for _, change in moving] + [PRIOR]
        each = np.quantile(rates, 0.5, weights=weights, method="inverted_cdf")
        frame = self.area * float(each) * self.changes_per_frame
        if self.whole:
            return len(gif), frame
        if self.total is None:
            return None, frame
        return round(self.area * first + frame * (self.total - 1)), frame


def take_excerpt(
    clip: Clip,
    pixels: int,
    most: int | None = None,
    include: int | None = None,
    progress: ProgressCallback | None = None,
) -> Excerpt:
    """Read a clip, for a while, and take frames from all over what was read.

    Parameters
    ----------
    clip : Clip
    pixels : int
        Of all frames together, at most, where that is two frames or more.
    most : int, optional
        Frames at most.
    include : int, optional
        A frame that is taken in any case, with the one before it.
    progress : callable, optional
        Called with a `Progress`; returning False stops the work.

    Raises
    ------
    SourceError, Cancelled
    """
    changes, complete = _read(clip, progress)
    moving = [i for i, change in enumerate(changes) if change]
    wanted = max(FEWEST, pixels // (clip.width * clip.height))
    wanted = min(wanted, most or wanted)
    if complete and wanted >= len(changes):
        moving = list(range(len(changes)))
    taken = {moving[i] for i in spread(len(moving), wanted)}
    if include is not None:
        taken |= {max(0, include - 1), include}
    indices = tuple(sorted(taken))
    frames = list(_pick(clip, indices))
    excerpt = replace(clip, open_frames=lambda: iter(frames), frame_count=len(frames))
    return Excerpt(
        clip=excerpt,
        indices=indices,
        total=len(changes) if complete else clip.frame_count,
        changes=tuple(_changes(excerpt)),
        changes_per_frame=float(np.mean(changes[1:] or [0.0])),
    )


def spread(count: int, wanted: int) -> tuple[int, ...]:
    """Return the frames to take: runs of consecutive ones, spread over the clip."""
    if count <= wanted:
        return tuple(range(count))
    runs = max(1, min(3, wanted // 2)) if count >= 2 * wanted else 1
    length = wanted // runs
    middles = (np.arange(runs) + 0.5) / runs * count
    return tuple(int(m) - length // 2 + i for m in middles for i in range(length))


def _read(clip: Clip, progress: ProgressCallback | None) -> tuple[list[float], bool]:
    """Return how much changes with each frame, and whether the clip was read to its end."""
    started = process_time()
    out: list[float] = []
    for change in _changes(clip):
        notify(progress, "reading", len(out), clip.frame_count)
        out.append(change)
        if process_time() - started > SECONDS:
            return out, False
    return out, True


def _changes(clip: Clip) -> Iterator[float]:
    """Yield the root of the share of pixels that change with each frame, 1 with the first."""
    before = None
    for frame in clip.frames():
        green = frame.pixels[::2, ::2, 1].astype(np.int16)
        yield 1.0 if before is None else float(np.mean(np.abs(green - before) > CHANGE)) ** 0.5
        before = green


def _pick(clip: Clip, indices: tuple[int, ...]) -> Iterator[Frame]:
    wanted = set(indices)
    for index, frame in enumerate(clip.frames()):
        if index in wanted:
            yield frame
        if index >= indices[-1]:
            return
