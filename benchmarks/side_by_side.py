"""Put a source frame and the GIF's frame of the same moment side by side: SOURCE GIF OUT.png."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
from PIL import Image

from ssimgif import plugins
from ssimgif.model import U8, Clip


def frame_at(clip: Clip, moment: Fraction) -> U8:
    """Return the pixels on screen at ``moment`` seconds, u8[h, w, 4]; at last the final frame."""
    shown = None
    for shown in clip.frames():
        moment -= shown.duration
        if moment < 0:
            break
    assert shown is not None
    return shown.pixels


def main(source: str, gif: str, out: str) -> None:
    """Write rows of pairs: a third, and two thirds into the clip."""
    clips = [plugins.open_clip(name) for name in (source, gif)]
    length = sum((frame.duration for frame in clips[0].frames()), Fraction(0))
    rows = [np.hstack([frame_at(clip, length * third / 3) for clip in clips]) for third in (1, 2)]
    Image.fromarray(np.vstack(rows)).save(out)


if __name__ == "__main__":
    main(*sys.argv[1:4])
