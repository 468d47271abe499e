"""What can be shown of a damaged file."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from ssimgif.errors import DamagedError, SourceError
from ssimgif.model import Clip


class NoFrameError(SourceError):
    """A clip of which no frame can be shown."""


def checked(clip: Clip) -> Clip:
    """Read a clip to its end; state its frame count and whether it has any transparency.

    Of a clip whose reading ends with a `DamagedError`, the frames before are kept, with a note.

    Raises
    ------
    NoFrameError
        When there is no frame before the damage.
    """
    count, transparent = 0, False
    whole = clip.open_frames
    try:
        for frame in whole():
            count += 1
            transparent = transparent or bool((frame.pixels[..., 3] != 255).any())
    except DamagedError as error:
        if not count:
            raise NoFrameError(f"{clip.name} is damaged: {error}") from None
        clip.notes.add(f"{clip.name} is damaged at frame {count + 1}: {error}", damage=True)
        clip = replace(clip, open_frames=lambda: islice(whole(), count))
    return replace(clip, frame_count=count, has_alpha=transparent)
