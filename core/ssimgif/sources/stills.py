"""Still pictures as clips of one frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ssimgif.model import U8, Clip, Frame, Notes
from ssimgif.sources.limits import STILL_DURATION, STILL_NOTE
from ssimgif.sources.salvage import checked


def still(clip: Clip) -> Clip:
    """Return a clip of one frame as a still image, which lasts as stills do and says so."""

    def frames() -> Iterator[Frame]:
        return (replace(frame, duration=STILL_DURATION) for frame in clip.frames())

    clip.notes.add(STILL_NOTE)
    return replace(clip, open_frames=frames, loop=0)


def still_picture(read: Callable[[], U8], name: str, notes: Notes) -> Clip:
    """Return the clip of a picture u8[h, w, 4] that is read each time it is shown."""
    height, width = read().shape[:2]
    clip = Clip(
        width, height, lambda: iter([Frame(read(), STILL_DURATION)]), name=name, notes=notes
    )
    return still(checked(clip))
