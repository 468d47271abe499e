"""Writing frames as MIFF, for ImageMagick to read."""

from __future__ import annotations

from typing import BinaryIO

from ssimgif import Clip
from ssimgif_imagemagick.header import MAGIC


def write_clip(clip: Clip, stream: BinaryIO) -> None:
    """Write all frames of a clip, with their times and the number of plays.

    Times are exact where they are whole fractions of a second up to the denominator that
    ImageMagick's ticks can hold.
    """
    for scene, frame in enumerate(clip.frames()):
        delay = frame.duration.limit_denominator(65_535)
        fields = {
            "version": "1.0",
            "class": "DirectClass",
            "matte": str(clip.has_alpha),
            "columns": clip.width,
            "rows": clip.height,
            "depth": 8,
            "colorspace": "sRGB",
            "page": f"{clip.width}x{clip.height}+0+0",
            "scene": scene,
            "iterations": clip.loop,
            "delay": delay.numerator,
            "ticks-per-second": delay.denominator,
            # Each frame is whole: where it is transparent, nothing of the last one may show.
            "dispose": "Background" if clip.has_alpha else "None",
        }
        text = "\n".join([MAGIC.decode(), *(f"{name}={value}" for name, value in fields.items())])
        stream.write(text.encode() + b"\n\f\n:\x1a")
        pixels = frame.pixels if clip.has_alpha else frame.pixels[..., :3]
        stream.write(pixels.tobytes())
