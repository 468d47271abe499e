"""Reading and writing single pictures, for ``ssimgif gifnets``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ssimgif import SettingsError, SourceError, check_destination, open_clip, staged
from ssimgif_gifnets.arrays import U8

FORMATS = {".png": "PNG", ".gif": "GIF"}
WHITE = 255


def read(path: Path) -> U8:
    """Return a picture, or the first one of an animation, as u8[h, w, 3] sRGB on white.

    Raises
    ------
    SourceError
        When it can't be read.
    """
    if path.is_dir():
        raise SourceError(f"{path} is a directory; name a picture")
    frame = next(iter(open_clip(path).frames()))
    rgb, alpha = frame.pixels[..., :3], frame.pixels[..., 3:]
    if (alpha == 255).all():
        return np.ascontiguousarray(rgb)
    mixed = rgb * (alpha / np.float32(255)) + (WHITE - alpha * np.float32(WHITE / 255))
    return np.rint(mixed).astype(np.uint8)


def check(source: Path, destinations: list[Path]) -> None:
    """Refuse names that pictures can't be written to.

    Raises
    ------
    SettingsError
        When a name ends otherwise than in .png or .gif, or two are the same.
    OutputError
        See `ssimgif.check_destination`.
    """
    for path in destinations:
        if path.suffix.lower() not in FORMATS:
            raise SettingsError(f"{path} ends in neither {' nor '.join(FORMATS)}")
        check_destination(source, path)
    places = [path.resolve() for path in destinations]
    if len(set(places)) < len(places):
        raise SettingsError(f"two pictures can't both be written to {destinations[0]}")


def indexed(indices: U8, colors: U8) -> Image.Image:
    """Return a picture of palette indices u8[h, w] and colours u8[n, 3]."""
    picture = Image.fromarray(indices)
    picture.putpalette(colors.tobytes(), "RGB")
    return picture


def write(picture: Image.Image, path: Path) -> None:
    """Write a picture, whole or not at all, in the format that the name asks for.

    Raises
    ------
    OutputError
    """
    with staged(path) as temporary:
        picture.save(temporary, FORMATS[path.suffix.lower()], optimize=False)
