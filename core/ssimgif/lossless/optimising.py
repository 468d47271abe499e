"""A clip as it is, in the fewest bytes known."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from ssimgif.errors import SourceError
from ssimgif.gif import MAX_COLORS, reader, syntax
from ssimgif.lossless.changes import Changes
from ssimgif.lossless.coding import coded_blocks
from ssimgif.lossless.planning import planned
from ssimgif.lossless.screen import Screen
from ssimgif.lossless.tables import global_table
from ssimgif.model import Clip, Frame
from ssimgif.settings import Settings
from ssimgif.sources import Limits, Spooled, open_file

# Told of blocks that are done, and of how many there are.
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """A clip to be written without loss.

    Attributes
    ----------
    source : Clip
        As it was opened.
    shown : Clip
        As it is to be shown; it may have been edited.
    settings : Settings
    tell : callable
    """

    source: Clip
    shown: Clip
    settings: Settings
    tell: Tell = lambda done, total: None

    @property
    def as_read(self) -> bool:
        """Whether frames and times are the source's."""
        return self.settings.keeps_frames and not self.source.notes.damage


def preferred(source: Clip, shown: Clip, settings: Settings, size: int) -> Spooled | None:
    """Return the exact GIF of a GIF source where it is to be preferred to one made for a target.

    Parameters
    ----------
    source, shown : Clip
        See `Request`.
    settings : Settings
    size : int
        Bytes of the GIF that was made for the target, if it is valid. A larger one is preferred
        where the best is asked for that fits a budget.
    """
    restyled = settings.colors < MAX_COLORS or settings.dither != "auto"
    if source.changes is None or source.notes.damage or restyled:
        return None
    most = size - 1
    if settings.max_bytes is not None and not settings.names_target:
        most = settings.max_bytes
    try:
        return exact_gif(Request(source, shown, settings), most)
    except SourceError:
        return None


def exact_gif(request: Request, most: int = sys.maxsize) -> Spooled | None:
    """Return the smallest GIF that shows exactly the clip, None where it has more bytes than most.

    It is made of the pictures; or of the source's own images, without what does not show, where
    that is smaller.

    Raises
    ------
    SourceError
        When a picture has more colours than a table.
    """
    made, fault = None, None
    try:
        made = _coded(request, most)
    except SourceError as error:
        fault = error
    copy = _copied(request)
    least = most + 1 if made is None else _bytes(made)
    if copy is not None and _bytes(copy) < least and _plays(copy, request):
        return copy
    if fault is not None:
        raise fault
    return made


def _coded(request: Request, most: int) -> Spooled | None:
    clip = request.shown
    changes = Changes(clip, request.source if request.as_read else None, request.settings.lossless)
    blocks = planned(clip.name, Screen(clip.width, clip.height), changes)
    common = global_table(blocks)
    start = syntax.head(clip.width, clip.height, common.to_bytes())
    if len(blocks) > 1:
        start += syntax.loop(clip.loop)
    size = len(start) + len(syntax.TRAILER)
    screen = Screen(clip.width, clip.height)
    spooled = Spooled(clip.name)
    with spooled.path.open("wb") as file:
        file.write(start)
        coded = coded_blocks(blocks, screen, changes, common)
        for done, data in enumerate(coded, 1):
            size += len(data)
            if size > most:
                return None
            file.write(data)
            request.tell(done, len(blocks))
        file.write(syntax.TRAILER)
    return spooled


def _copied(request: Request) -> Spooled | None:
    """Return the source's own images, where there are such that may show the same."""
    source = request.source
    if source.copy_gif is None or not request.as_read or source.loop != request.shown.loop:
        return None
    copy = Spooled(source.name)
    with copy.path.open("wb") as file:
        source.copy_gif(file, request.settings.lossless)
    return copy


def _bytes(gif: Spooled) -> int:
    return gif.path.stat().st_size


def _plays(copy: Spooled, request: Request) -> bool:
    """Tell whether a copy plays exactly the clip, and other decoders can read it, too."""
    shown, settings = request.shown, request.settings
    try:
        clip = open_file(copy.path, copy.name, Limits(settings.max_frames, settings.max_pixels))
        if clip.loop != shown.loop or not all(
            _alike(*pair) for pair in zip_longest(clip.frames(), shown.frames())
        ):
            return False
        sizes = {pixels.shape[:2] for pixels, _ in reader.read(copy.path)}
    except SourceError:
        return False
    return sizes == {(shown.height, shown.width)}


def _alike(one: Frame | None, other: Frame | None) -> bool:
    if one is None or other is None or one.duration != other.duration:
        return False
    return np.array_equal(one.pixels, other.pixels)
