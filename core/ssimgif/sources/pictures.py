"""Still pictures, and WebP animations and TIFF pages, by Pillow; GIF and PNG have own readers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

from PIL import Image

from ssimgif.model import U8, Clip, Frame, Notes
from ssimgif.sources import bitmaps, gif_frames, png_frames
from ssimgif.sources.limits import (
    DEFAULT_FPS,
    Limits,
    one_picture,
    still,
    time_on_screen,
)
from ssimgif.sources.salvage import checked

_LARGEST_DENOMINATOR = 65_535
# A page that is a smaller version of another one (TIFF 6.0, NewSubfileType).
_SUBFILE_TYPE, _REDUCED = 254, 1


def is_picture(head: bytes) -> bool:
    """Tell whether a file's first 12 bytes belong to a format that Pillow reads best."""
    return head.startswith(tuple(bitmaps.SIGNATURES)) or (
        head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    )


def is_readable(path: Path) -> bool:
    """Tell whether Pillow knows a file's format."""
    try:
        with Image.open(path, formats=bitmaps.FORMATS):
            return True
    except Image.DecompressionBombError:
        return True
    except (OSError, SyntaxError, ValueError, RuntimeError):  # the last is AVIF's
        return False


def open_picture(path: Path, name: str, limits: Limits, fps: Fraction | None = None) -> Clip:
    """Open a still picture, an animation, or a TIFF file's pages.

    The file is read through once, so that damage anywhere in it is found here.

    Parameters
    ----------
    path : Path
    name : str
    limits : Limits
    fps : Fraction or None
        Pages a second; 10 when not given.

    Raises
    ------
    SourceError
        When it can't be read, no frame of it is sound, or it is over a limit.
    """
    kind = bitmaps.signature(path)
    if kind == "GIF":
        return gif_frames.open_gif(path, name, limits)
    if kind == "PNG":
        return png_frames.open_png(path, name, limits)
    with bitmaps.opened(path, name, limits) as image:
        count, plays = int(getattr(image, "n_frames", 1)), int(image.info.get("loop") or 0)
        kind = image.format or ""
        size = image.size
    notes = Notes()
    if kind == "WEBP" and count > 1:
        limits.check_count(name, count)
        frames = partial(_webp_frames, path, name, limits, notes)
        return checked(Clip(*size, frames, loop=plays, name=name, notes=notes))
    if kind == "TIFF" and count > 1:
        limits.check_count(name, count)
        frames = partial(_pages, path, name, limits, notes, 1 / (fps or DEFAULT_FPS))
        height, width = next(frames()).pixels.shape[:2]
        clip = checked(Clip(width, height, frames, name=name, notes=notes))
        return still(clip) if clip.frame_count == 1 else clip
    read = partial(read_still, path, name, limits, notes)
    return still(checked(one_picture(read, name, notes)))


def read_still(path: Path, name: str, limits: Limits, notes: Notes) -> U8:
    """Return the first picture of a file, upright, as u8[h, w, 4].

    Raises
    ------
    SourceError
        As `open_picture`.
    """
    kind = bitmaps.signature(path)
    if kind == "GIF":
        return next(gif_frames.open_gif(path, name, limits).frames()).pixels
    if kind == "PNG":
        return png_frames.read_still(path, name, limits, notes)
    with bitmaps.opened(path, name, limits) as image:
        return bitmaps.to_rgba(bitmaps.upright(image, name, notes), name, notes)


def _webp_frames(path: Path, name: str, limits: Limits, notes: Notes) -> Iterator[Frame]:
    with bitmaps.opened(path, name, limits) as image:
        for number in range(int(getattr(image, "n_frames", 1))):
            with bitmaps.damage():
                image.seek(number)
                image.load()
                delay = Fraction(image.info.get("duration") or 0) / 1000
                delay = delay.limit_denominator(_LARGEST_DENOMINATOR)
                pixels = bitmaps.to_rgba(image, name, notes)
            yield Frame(pixels, time_on_screen(delay))


def _pages(
    path: Path, name: str, limits: Limits, notes: Notes, duration: Fraction
) -> Iterator[Frame]:
    """Yield the pages of the first one's size; smaller versions of pages are none themselves."""
    size: tuple[int, ...] = ()
    with bitmaps.opened(path, name, limits) as image:
        for number in range(int(getattr(image, "n_frames", 1))):
            with bitmaps.damage():
                image.seek(number)
                limits.check_size(name, *image.size)
                tags = getattr(image, "tag_v2", {})
                if number and tags.get(_SUBFILE_TYPE, 0) & _REDUCED:
                    continue
                pixels = bitmaps.to_rgba(bitmaps.upright(image, name, notes), name, notes)
            size = size or pixels.shape
            if pixels.shape == size:
                yield Frame(pixels, duration)
            else:
                notes.add(f"pages of another size than {size[1]}x{size[0]} are left out")
