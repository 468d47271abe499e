"""GIF animations as browsers show them: single images decoded here, and laid over one another.

What no image has drawn is transparent, and so is what "restore to background" clears.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from ssimgif.errors import SourceError
from ssimgif.kernels import lzw
from ssimgif.model import U8, Clip, Frame, Notes
from ssimgif.sources.compositing import draw_opaque
from ssimgif.sources.gif_copy import copy_images
from ssimgif.sources.gif_file import BACKGROUND, PREVIOUS, Image, Repeats, Screen, blocks, colors
from ssimgif.sources.limits import Limits, time_on_screen
from ssimgif.sources.salvage import TOO_EARLY, DamagedError, checked
from ssimgif.sources.stills import still

_CODE_SIZES = range(1, 9)


@dataclass(frozen=True, slots=True, eq=False)
class _Animation:
    """A file and what is known of it before any image is decoded."""

    path: Path
    name: str
    screen: Screen
    delays: tuple[int, ...]
    plays: int


def open_gif(path: Path, name: str, limits: Limits) -> Clip:
    """Open a GIF; one with a single image is a still.

    The file is read through once, so that damage anywhere in it is found here.

    Raises
    ------
    SourceError
        When it has no image that can be shown, or is over a limit.
    """
    found = _looked_through(path, name, limits)
    notes = Notes()
    clip = Clip(
        found.screen.width,
        found.screen.height,
        lambda: _frames(found, limits, notes),
        loop=found.plays,
        name=name,
        notes=notes,
        copy_gif=partial(copy_images, path),
        gif_delays=found.delays,
    )
    return still(checked(clip)) if len(found.delays) == 1 else checked(clip)


def _looked_through(path: Path, name: str, limits: Limits) -> _Animation:
    """Go through the blocks; a count of repeats holds wherever it stands, the last if several."""
    screen, delays, plays = Screen(0, 0, b""), [], 1
    with path.open("rb") as file:
        try:
            for block in blocks(file):
                match block:
                    case Screen():
                        screen = block
                    case Image():
                        screen = screen if delays else screen.with_room_for(block.area)
                        delays.append(block.control.delay)
                        limits.check_count(name, len(delays))
                    case Repeats():
                        plays = block.count + 1 if block.count else 0
        except DamagedError as error:
            if not delays:
                raise SourceError(f"{name} is damaged: {error}") from None
    if not delays:
        raise SourceError(f"{name} is damaged: it has no picture in it")
    limits.check_size(name, screen.width, screen.height)
    return _Animation(path, name, screen, tuple(delays), plays)


def _frames(found: _Animation, limits: Limits, notes: Notes) -> Iterator[Frame]:
    screen = found.screen
    canvas = np.zeros((screen.height, screen.width, 4), np.uint8)
    with found.path.open("rb") as file:
        images = (block for block in blocks(file) if isinstance(block, Image))
        for number, image in enumerate(images, 1):
            if image.area.width * image.area.height:
                limits.check_size(found.name, image.area.width, image.area.height)
            indices, known = _decoded(image)
            if known < indices.size:
                notes.add(f"{found.name} is damaged: frame {number} lacks pixels", damage=True)
            place = image.area.of(canvas)
            before = place.copy() if image.control.disposal == PREVIOUS else None
            picture = _picture(image, screen, indices, known)
            draw_opaque(place, picture[: place.shape[0], : place.shape[1]])
            yield Frame(canvas.copy(), time_on_screen(Fraction(image.control.delay, 100)))
            if before is not None:
                place[...] = before
            elif image.control.disposal == BACKGROUND:
                place[...] = 0


def _decoded(image: Image) -> tuple[U8, int]:
    """Return the indices u8[n] of an image, and how many its data give.

    Raises
    ------
    DamagedError
        On data that can't be decoded, or end with the file.
    """
    indices = np.zeros(image.area.width * image.area.height, np.uint8)
    if not indices.size:
        return indices, 0
    if image.minimum_code_size not in _CODE_SIZES:
        raise DamagedError(f"{image.minimum_code_size} is no LZW code size")
    data = np.frombuffer(image.data, np.uint8)
    known = lzw.decode(data, image.minimum_code_size, indices)
    if known < 0:
        raise DamagedError("its data can't be decoded")
    if known < indices.size and not image.complete:
        raise DamagedError(TOO_EARLY)
    return indices, known


def _picture(image: Image, screen: Screen, indices: U8, known: int) -> U8:
    """Return how an image looks, u8[h, w, 4]; pixels that are not known are transparent."""
    pixels = colors(image.table or screen.table, image.control.transparent)[indices]
    pixels[known:] = 0
    rows = pixels.reshape(image.area.height, image.area.width, 4)
    if not image.interlaced:
        return rows
    out = np.empty_like(rows)
    out[_interlaced_rows(image.area.height)] = rows
    return out


def _interlaced_rows(height: int) -> list[int]:
    """Return where the rows of an interlaced image go, in their order (GIF89a, appendix E)."""
    passes = ((0, 8), (4, 8), (2, 4), (1, 2))
    return [row for first, step in passes for row in range(first, height, step)]
