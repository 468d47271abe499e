"""What a GIF would weigh, told from a few of its frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import process_time

import numpy as np

from ssimgif.gif import bytes_by_frame
from ssimgif.model import Clip, Frame
from ssimgif.progress import ProgressCallback, notify

# A pixel changes when its green does by more than this, 0..255.
CHANGE = 4
# The least of a frame that takes time to code, as a share of its pixels, and the frames of a run:
# two, so that there is one that changes no more than it does in the clip.
LEAST_WORK = 0.15
RUN = 2
# What effort 1 takes for a byte of higher efforts (docs/web.md).
HASTE = 1.15
# How long a clip is read to find frames all over it: processor time, so that a busy machine sees as
# much of the clip as an idle one.
SECONDS = 1.0


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

    def predict(self, gif: bytes, effort: int = 1) -> tuple[int | None, float]:
        """Return the bytes of the whole GIF, if its length is known, and of a frame.

        What comes before the images, and the clip's first frame, which is one of these, count once.
        Bytes of the others are taken to go with the root of the share of pixels that change, which
        fits what clips take better than the share itself: few changes cost more a pixel than many.
        How many bytes that makes is a median, since single frames, in which text appears or the
        palette is another, take far more.

        Parameters
        ----------
        gif : bytes
            What was made of these frames with effort 1.
        effort : int, default 1
            That the whole GIF will be made with.
        """
        haste = HASTE if effort > 1 else 1.0
        sizes = bytes_by_frame(gif, [frame.duration for frame in self.clip.frames()])
        first, *others = sizes
        rates = [
            size / change for size, change in zip(others, self.changes[1:], strict=True) if change
        ]
        frame = self.area * float(np.median(rates or [first])) * self.changes_per_frame / haste
        if self.whole:
            return round(len(gif) / haste), frame
        if self.total is None:
            return None, frame
        head = len(gif) - sum(sizes)
        return round(head + self.area * first / haste + frame * (self.total - 1)), frame


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
        That change in all frames together, about, where that is three frames or more.
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
    each = float(np.mean(changes[1:] or [0.0]))
    wanted = 1 + int((pixels / (clip.width * clip.height) - 1) / max(LEAST_WORK, each))
    taken = set(spread(changes, min(wanted, most or wanted)))
    if complete and wanted >= len(changes) and (most or wanted) >= len(changes):
        taken = set(range(len(changes)))
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
        changes_per_frame=each,
    )


def spread(changes: Sequence[float], wanted: int) -> tuple[int, ...]:
    """Return the frames to take: the first one, and runs of consecutive ones that change.

    Each run ends in the middle of an equal part of all changes, so that frames in which much
    changes are taken rather than others.
    """
    moving = [0, *(i for i, change in enumerate(changes) if i and change)]
    if len(moving) <= wanted:
        return tuple(moving)
    runs = max(1, (wanted - 1) // RUN)
    done = np.cumsum([changes[i] for i in moving[1:]])
    ends = np.searchsorted(done, (np.arange(runs) + 0.5) / runs * done[-1]) + 1
    return tuple(sorted({0, *(moving[max(0, end - i)] for end in ends for i in range(RUN))}))


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
