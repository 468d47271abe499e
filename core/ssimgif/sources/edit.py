"""What a person changes before encoding: time range, part of the picture, speed, size and more.

Every step is a clip made of a clip: it reads its source frame by frame and can be read again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np
from PIL import Image

from ssimgif.errors import SourceError
from ssimgif.image import rgb_of
from ssimgif.model import U8, Clip, Frame
from ssimgif.setting_values import Crop
from ssimgif.settings import Settings
from ssimgif.sources.limits import Limits

LARGEST_SIDE = 65_535
# Its usual palettes have 4 to 64 colours.
PIXEL_ART_COLORS = 64
_BACKWARD_BYTES = 256 << 20


def edit(clip: Clip, settings: Settings) -> Clip:
    """Apply what the settings change: trim, crop, speed, rate, size, direction and plays.

    Parameters
    ----------
    clip : Clip
    settings : Settings
        Times are the source's, sizes those before it is scaled; ``width`` and ``height`` together
        are the exact size, and one of them keeps the aspect.

    Raises
    ------
    SourceError
        When nothing is left, the crop goes outside the picture, or a side is over GIF's limit of
        65,535 pixels; while frames are read, when there are more than ``max_frames``.
    """
    if settings.start or settings.end is not None:
        clip = trim(clip, settings.start or Fraction(0), settings.end)
    if settings.crop is not None:
        clip = crop(clip, settings.crop)
    if settings.speed is not None:
        clip = speed_up(clip, settings.speed)
    if settings.fps is not None:
        clip = resample(clip, settings.fps)
    size = _size(clip, settings)
    if max(size) > LARGEST_SIDE:
        raise SourceError(
            f"{clip.name} is {size[0]}x{size[1]}, but a GIF's sides are at most"
            f" {LARGEST_SIDE} pixels (--width scales it)"
        )
    limits = Limits(settings.max_frames, settings.max_pixels)
    if size != (clip.width, clip.height):
        limits.check_size(clip.name, *size)
        clip = scale(clip, size, _resampling(limits.while_read(clip), size, settings.scale_filter))
    if settings.reverse:
        clip = backwards(limits.while_read(clip), bounce=settings.bounce)
    elif settings.bounce:
        clip = back_and_forth(clip)
    return clip if settings.loop is None else replace(clip, loop=settings.loop)


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


def crop(clip: Clip, rectangle: Crop) -> Clip:
    """Keep a rectangle of every picture: width, height, left and top, pixels.

    Raises
    ------
    SourceError
        When it goes outside the picture.
    """
    width, height, left, top = rectangle
    if left + width > clip.width or top + height > clip.height:
        raise SourceError(
            f"{clip.name} is {clip.width}x{clip.height}:"
            f" the crop {width}x{height}+{left}+{top} goes outside it"
        )

    def frames() -> Iterator[Frame]:
        for frame in clip.frames():
            kept = frame.pixels[top : top + height, left : left + width]
            yield Frame(kept.copy(), frame.duration)

    return replace(clip, width=width, height=height, open_frames=frames)


def speed_up(clip: Clip, factor: Fraction) -> Clip:
    """Show every frame for its time divided by a factor."""

    def frames() -> Iterator[Frame]:
        for frame in clip.frames():
            yield Frame(frame.pixels, frame.duration / factor)

    return replace(clip, open_frames=frames)


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


def height_at(clip: Clip, width: int) -> int:
    """Return the height of a clip at a width that keeps its shape, pixels."""
    return max(1, round(clip.height * Fraction(width, clip.width)))


def _size(clip: Clip, settings: Settings) -> tuple[int, int]:
    """Return the width and the height that are asked for, pixels."""
    width, height = settings.width, settings.height
    if width is None and height is None:
        return clip.width, clip.height
    if width is None:
        width = max(1, round(clip.width * Fraction(height or 0, clip.height)))
    if height is None:
        height = height_at(clip, width)
    return width, height


def _resampling(clip: Clip, size: tuple[int, int], name: str) -> Image.Resampling:
    """Return the filter of a name; of itself, pixel art keeps its hard edges at whole factors."""
    if name == "auto":
        whole = not (size[0] % clip.width or size[1] % clip.height)
        name = "nearest" if whole and _few_colors(clip) else "smooth"
    return Image.Resampling.NEAREST if name == "nearest" else Image.Resampling.LANCZOS


def _few_colors(clip: Clip) -> bool:
    """Tell whether every picture has no more colours than pixel art has."""
    packed = (np.ascontiguousarray(frame.pixels).view(np.uint32) for frame in clip.frames())
    return all(np.unique(pixels).size <= PIXEL_ART_COLORS for pixels in packed)


def scale(clip: Clip, size: tuple[int, int], resampling: Image.Resampling) -> Clip:
    """Scale to a width and a height, alpha premultiplied meanwhile."""

    def frames() -> Iterator[Frame]:
        for frame in clip.frames():
            yield Frame(resized(frame.pixels, size, clip.has_alpha, resampling), frame.duration)

    return replace(clip, width=size[0], height=size[1], open_frames=frames)


def resized(
    pixels: U8,
    size: tuple[int, int],
    has_alpha: bool,
    resampling: Image.Resampling = Image.Resampling.LANCZOS,
) -> U8:
    """Scale one frame, u8[h, w, 4], to a width and a height."""
    if has_alpha:  # Pillow premultiplies the mode RGBA by itself
        image = Image.fromarray(np.ascontiguousarray(pixels))
        return np.array(image.resize(size, resampling))
    image = Image.fromarray(rgb_of(pixels))
    out = np.full((size[1], size[0], 4), 255, np.uint8)
    out[..., :3] = np.asarray(image.resize(size, resampling))
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
        yield from _backward(clip.frames, 1, count - 1, _block(clip, most_bytes))

    return replace(clip, open_frames=frames, frame_count=_bounced(clip.frame_count))


def backwards(clip: Clip, most_bytes: int = _BACKWARD_BYTES, *, bounce: bool = False) -> Clip:
    """Play backward; with ``bounce``, then forward without repeating the two end frames.

    The clip is read again for every block of frames that ``most_bytes`` hold.
    """

    def frames() -> Iterator[Frame]:
        count = 0
        last: deque[Frame] = deque(maxlen=_block(clip, most_bytes))
        for frame in clip.frames():
            count += 1
            last.append(frame)
        left = count - len(last)
        while last:
            yield last.pop()
        yield from _backward(clip.frames, 0, left, _block(clip, most_bytes))
        if bounce:
            yield from islice(clip.frames(), 1, max(1, count - 1))

    count = _bounced(clip.frame_count) if bounce else clip.frame_count
    return replace(clip, open_frames=frames, frame_count=count)


def _bounced(count: int | None) -> int | None:
    return max(count, 2 * count - 2) if count else None


def _block(clip: Clip, most_bytes: int) -> int:
    """Return how many frames the bytes hold, 1 at least."""
    return max(1, most_bytes // (clip.width * clip.height * 4))


def _backward(
    frames: Callable[[], Iterator[Frame]], first: int, stop: int, block: int
) -> Iterator[Frame]:
    """Yield frames ``stop - 1`` down to ``first``."""
    while stop > first:
        start = max(first, stop - block)
        yield from reversed(list(islice(frames(), start, stop)))
        stop = start
