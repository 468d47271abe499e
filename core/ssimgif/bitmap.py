"""The pixels of Pillow's pictures, of any mode, as 8-bit sRGB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ssimgif import icc

# Modes that Pillow turns into RGBA not at all, or without a sound alpha.
_STEPPING_STONES = {"La": "LA", "LAB": "RGB"}


def bitmap_pixels(
    image: Image.Image, profile: bytes | None = None
) -> tuple[NDArray[np.uint8], bool]:
    """Return the pixels of a picture in sRGB, u8[h, w, 4], and whether its colour profile is sound.

    Parameters
    ----------
    image : Image
    profile : bytes, optional
        A colour profile, where the picture doesn't have it with it.
    """
    image, sound = _eight_bits(image), True
    profile = image.info.get("icc_profile") if profile is None else profile
    if profile is not None:
        try:
            image = icc.image_to_srgb(image, profile)
        except icc.ProfileError:
            sound = False
    if image.mode in _STEPPING_STONES:
        image = image.convert(_STEPPING_STONES[image.mode])
    return np.array(image.convert("RGBA")), sound


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture of 8 bits a channel; floats are 0..1, or 0..255 where any is larger."""
    if image.mode.startswith("I;16"):
        levels = np.asarray(image) >> 8
    elif image.mode == "I":
        levels = np.asarray(image)
        levels = levels >> 8 if levels.max() > 255 else levels
    elif image.mode == "F":
        levels = np.nan_to_num(np.asarray(image))
        levels = levels * 255 if levels.max() <= 1 else levels
    else:
        return image
    gray = Image.fromarray(np.rint(levels).clip(0, 255).astype(np.uint8))
    gray.info = dict(image.info)
    return gray
