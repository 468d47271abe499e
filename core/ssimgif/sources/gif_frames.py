"""GIF animations as browsers show them: single images decoded here, and laid over one another.

What no image has drawn is transparent, and so is what "restore to background" clears.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from ssimgif.errors import TOO_EARLY, DamagedError, SourceError
from ssimgif.gif import NONE, PREVIOUS, Image, Repeats, Screen, blocks, colors
from ssimgif.image import Area, around, change_to
from ssimgif.kernels import lzw
from ssimgif.kernels.canvas import draw_rows
from ssimgif.model import U8, U32, Change, Clip, Frame, Notes
from ssimgif.sources.gif_copy import copy_images
from ssimgif.sources.limits import Limits, time_on_screen
from ssimgif.sources.salvage import NoFrameError
from ssimgif.sources.stills import still

_CODE_SIZES = range(1, 9)


@dataclass(frozen=True, slots=True, eq=False)
class _Animation:
    """A file and what is known of it before any image is decoded."""

    path: Path
    name: str
    screen: Screen
    images: int
    plays: int


def open_gif(path: Path, name: str, limits: Limits) -> Clip:
    """Open a GIF; one with a single image is a still.

    The file is read through once, so that damage anywhere in it is found here. Of one with damage,
    the frames before it are kept, with a note.

    Raises
    ------
    SourceError
        When it has no image that can be shown, or is over a limit.
    """
    found = _looked_through(path, name, limits)
    notes = Notes()
    count, transparent = _checked(found, limits, notes)

    def changes() -> Iterator[Change]:
        return islice(_changes(found, limits, notes), count)

    clip = Clip(
        found.screen.width,
        found.screen.height,
        lambda: _frames(found.screen, changes()),
        loop=found.plays,
        frame_count=count,
        has_alpha=transparent,
        name=name,
        notes=notes,
        copy_gif=partial(copy_images, path),
        changes=changes,
    )
    return still(clip) if found.images == 1 else clip


def _looked_through(path: Path, name: str, limits: Limits) -> _Animation:
    """Go through the blocks; a count of repeats holds wherever it stands, the last if several."""
    screen, images, plays = Screen(0, 0, b""), 0, 1
    with path.open("rb") as file:
        try:
            for block in blocks(file):
                match block:
                    case Screen():
                        screen = block
                    case Image():
                        screen = screen if images else screen.with_room_for(block.area)
                        images += 1
                        limits.check_count(name, images)
                    case Repeats():
                        plays = block.plays
        except DamagedError as error:
            if not images:
                raise SourceError(f"{name} is damaged: {error}") from None
    if not images:
        raise SourceError(f"{name} is damaged: it has no picture in it")
    limits.check_size(name, screen.width, screen.height)
    return _Animation(path, name, screen, images, plays)


def _checked(found: _Animation, limits: Limits, notes: Notes) -> tuple[int, bool]:
    """Return how many frames can be shown, and whether any has transparent pixels.

    Raises
    ------
    NoFrameError
        When there is none before the damage.
    """
    count, transparent = 0, False
    try:
        for change in _changes(found, limits, notes):
            first_is_smaller = not count and change.pixels.shape != found.screen.shape
            transparent = transparent or first_is_smaller or not change.pixels.all()
            count += 1
    except DamagedError as error:
        if not count:
            raise NoFrameError(f"{found.name} is damaged: {error}") from None
        notes.add(f"{found.name} is damaged at frame {count + 1}: {error}", damage=True)
    return count, transparent


def _frames(screen: Screen, changes: Iterator[Change]) -> Iterator[Frame]:
    canvas = np.zeros((*screen.shape, 4), np.uint8)
    shown = canvas.view(np.uint32)[..., 0]
    for change in changes:
        change.apply(shown)
        yield Frame(canvas.copy(), time_on_screen(Fraction(change.delay, 100)))


def _changes(found: _Animation, limits: Limits, notes: Notes) -> Iterator[Change]:
    """Yield what changes, at a cost that goes with what the images cover."""
    screen = found.screen
    canvas, shown = np.zeros((2, *screen.shape), np.uint32)
    cleared: Area | None = None
    with found.path.open("rb") as file:
        images = (block for block in blocks(file) if isinstance(block, Image))
        for number, image in enumerate(images, 1):
            if image.area.width * image.area.height:
                limits.check_size(found.name, image.area.width, image.area.height)
            indices, known = _decoded(image)
            if known < indices.size:
                notes.add(f"{found.name} is damaged: frame {number} lacks pixels", damage=True)
            place = image.area.within(screen.width, screen.height)
            below = canvas[place.slices]
            before = below.copy() if image.control.disposal == PREVIOUS else None
            _draw(image, screen, indices[:known], below)
            change = change_to(shown, canvas, around(place, cleared) or place, image.control.delay)
            change.apply(shown)
            yield change
            cleared = None if image.control.disposal == NONE else place
            if before is not None:
                below[...] = before
            elif cleared is not None:
                below[...] = 0


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


def _draw(image: Image, screen: Screen, indices: U8, canvas: U32) -> None:
    """Draw the indices that are known on the image's part of the canvas."""
    if canvas.size and indices.size:
        height = image.area.height
        rows = _interlaced_rows(height) if image.interlaced else range(height)
        looks = colors(image.table or screen.table, image.control.transparent)
        packed = looks.view(np.uint32)[:, 0]
        draw_rows(indices, image.area.width, packed, np.array(rows, np.int64), canvas)


def _interlaced_rows(height: int) -> list[int]:
    """Return where the rows of an interlaced image go, in their order (GIF89a, appendix E)."""
    passes = ((0, 8), (4, 8), (2, 4), (1, 2))
    return [row for first, step in passes for row in range(first, height, step)]
