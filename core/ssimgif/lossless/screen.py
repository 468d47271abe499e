"""What is on screen while a GIF is played."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ssimgif.image import Area, area_of, around, changed_area
from ssimgif.model import Change, Disposal


class Screen:
    """What is shown, what the next block is drawn on, and what it will be.

    All work is in proportion to what changes.

    Attributes
    ----------
    before : u32[h, w]
        What the present block is drawn on, 0 where nothing shows.
    shown : u32[h, w]
        The present picture.
    following : u32[h, w]
        The next picture; the present one at the end.
    started : bool
        Whether a block before was not taken away again.
    left : Area or None
        Where the first two may differ.
    coming : Area or None
        Where the last two differ.
    """

    def __init__(self, width: int, height: int) -> None:
        self.before, self.shown, self.following = np.zeros((3, height, width), np.uint32)
        self.started = False
        self.left: Area | None = None
        self.coming: Area | None = None

    def play(self, changes: Iterable[Change]) -> Iterator[tuple[Change, Change | None]]:
        """Yield each change with the next; `dispose` is to be called for each."""
        waiting = iter(changes)
        change = next(waiting, None)
        if change is not None:
            change.apply(self.following)
        while change is not None:
            following = next(waiting, None)
            change.apply(self.shown)
            self.left = around(self.left, area_of(change))
            self.coming = None
            if following is not None:
                following.apply(self.following)
                self.coming = area_of(following)
            yield change, following
            change = following

    def drawn(self) -> Area | None:
        """Return the rectangle that the present block must draw."""
        return None if self.left is None else changed_area(self.before, self.shown, self.left)

    def dispose(self, disposal: Disposal, area: Area) -> None:
        """Dispose of the present picture, which was drawn in an area."""
        if disposal is Disposal.PREVIOUS:
            # What was before is on screen again, so that it differs where it did.
            return
        self.started = True
        changed = around(self.left, area)
        if changed is not None:
            self.before[changed.slices] = self.shown[changed.slices]
        self.left = None
        if disposal is Disposal.BACKGROUND:
            self.before[area.slices] = 0
            self.left = area
