"""What a person changes before encoding: time range, rate, size, direction and plays.

Every step is a clip made of a clip: it reads its source frame by frame and can be read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np
from PIL import Image

from ssimgif.errors import SourceError
from ssimgif.image import rgb_of
from ssimgif.model import U8, Clip, Frame

LARGEST_SIDE = 65_535
_BACKWARD_BYTES = 256 << 20


def edit(
    clip: Clip,
    *,
    fps: Fraction | None = None,
    width: int | None = None,
    start: Fraction | None = None,
    end: Fraction | None = None,
    bounce: bool = False,
    loop: int | None = None,
) -> Clip:
    """Apply the given changes: first trim, then rate, size, bounce and loop.

    Parameters
    ----------
    clip : Clip
    fps : Fraction or None
        Show frames on a regular grid of this rate.
    width : int or None
        Scale to this width, keeping the aspect.
    start, end : Fraction or None
        Seconds; frames partly inside are cut to their part.
    bounce : bool
        Play forward, then backward without showing the two end frames twice.
    loop : int or None
        Total plays, 0 for ever.

    Raises
    ------
    SourceError
        When nothing is left, or a side is over GIF's limit of 65,535 pixels.
    """
    if start or end is not None:
        clip = trim(clip, start or Fraction(0), end)
    if fps is not None:
        clip = resample(clip, fps)
    if width is not None and width != clip.width:
        clip = scale(clip, width)
    if max(clip.width, clip.height) > LARGEST_SIDE:
        raise SourceError(
            f"{clip.name} is {clip.width}x{clip.height}, but a GIF's sides are at most"
            f" {LARGEST_SIDE} pixels (--width scales it)"
        )
    if bounce:
        clip = back_and_forth(clip)
    return clip if loop is None else replace(clip, loop=loop)


def trim(clip: Clip, start: Fraction, end: Fraction | None = None) -> Clip:
    """Keep what is shown from ``start`` to ``end`` seconds.

    Raises
    ------
    SourceError
        When the clip ends before ``start``.
    """

    def frames() -> Iterator[Frame]:
        begins, left = clip.frames_from(start)
        shown = False
        for frame in left:
            ends = begins + frame.duration
            inside = (ends if end is None else min(ends, end)) - max(begins, start)
            if inside > 0:
                shown = True
                yield Frame(frame.pixels, inside)
            begins = ends
            if end is not None and begins >= end:
                break
        if not shown:
            length, first = float(begins), float(start)
            raise SourceError(f"{clip.name} lasts {length:g} s: nothing is left from {first:g} s")

    next(frames())
    return replace(clip, open_frames=frames, frame_count=None)


def resample(clip: Clip, fps: Fraction) -> Clip:
    """Show frames on a regular grid, each slot with the frame on screen at its middle.

    The last slot is as long or short as the clip's whole duration asks.
    """
    slot = 1 / Fraction(fps)

    def frames() -> Iterator[Frame]:
        begins = Fraction(0)
        slots = 0
        held: Frame | None = None
        for frame in clip.frames():
            ends = begins + frame.duration
            while (slots + Fraction(1, 2)) * slot < ends:
                if held is not None and slots:
                    yield Frame(held.pixels, slot)
                held = frame
                slots += 1
            held = held or frame  # what is shown where the clip is shorter than half a slot
            begins = ends
        if held is not None:
            yield Frame(held.pixels, begins - max(slots - 1, 0) * slot)

    return replace(clip, open_frames=frames, frame_count=None)


def scale(clip: Clip, width: int) -> Clip:
    """Scale to a width with a Lanczos filter, alpha premultiplied meanwhile."""
    height = max(1, round(clip.height * width / clip.width))

    def frames() -> Iterator[Frame]:
        for frame in clip.frames():
            yield Frame(resized(frame.pixels, width, height, clip.has_alpha), frame.duration)

    return replace(clip, width=width, height=height, open_frames=frames)


def resized(pixels: U8, width: int, height: int, has_alpha: bool) -> U8:
    """Scale one frame, u8[h, w, 4], with a Lanczos filter."""
    if has_alpha:  # Pillow premultiplies the mode RGBA by itself
        image = Image.fromarray(np.ascontiguousarray(pixels))
        return np.array(image.resize((width, height), Image.Resampling.LANCZOS))
    image = Image.fromarray(rgb_of(pixels))
    out = np.full((height, width, 4), 255, np.uint8)
    out[..., :3] = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))
    return out


def back_and_forth(clip: Clip, most_bytes: int = _BACKWARD_BYTES) -> Clip:
    """Play forward, then backward, without repeating the first and the last frame.

    Backward, the clip is read again for every block of frames that ``most_bytes`` hold.
    """

    def frames() -> Iterator[Frame]:
        count = 0
        for frame in clip.frames():
            count += 1
            yield frame
        yield from _backward(clip.frames, count, max(1, most_bytes // frame_bytes))

    frame_bytes = clip.width * clip.height * 4
    count = clip.frame_count
    return replace(
        clip, open_frames=frames, frame_count=max(count, 2 * count - 2) if count else None
    )


def _backward(frames: Callable[[], Iterator[Frame]], count: int, block: int) -> Iterator[Frame]:
    """Yield frames ``count - 2`` down to 1."""
    stop = count - 1
    while stop > 1:
        start = max(1, stop - block)
        yield from reversed(list(islice(frames(), start, stop)))
        stop = start
