"""Colour profiles of pictures (ICC.1), converted to sRGB by Little CMS."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

U8 = NDArray[np.uint8]

# Levels by which a profile may differ from sRGB and count as sRGB all the same.
_SAME = 2
_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}


class ProfileError(Exception):
    """A profile that can't be used."""


def to_srgb(pixels: U8, profile: bytes) -> U8:
    """Convert RGB with straight alpha to sRGB.

    A profile that can't be read, or is of another colour space, changes nothing.

    Parameters
    ----------
    pixels : u8[h, w, 4]
    profile : bytes
    """
    try:
        return np.array(image_to_srgb(Image.fromarray(pixels), profile).convert("RGBA"))
    except ProfileError:
        return pixels


def image_to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return a picture in sRGB.

    Parameters
    ----------
    image : Image
        8 bits a channel, any mode.
    profile : bytes
        A profile of other channels than the picture has is no profile of it, and left alone.

    Returns
    -------
    Image
        In the mode RGBA where it was converted.

    Raises
    ------
    ProfileError
        When the profile is broken.
    """
    transform = _transform(profile)
    if transform is None:
        return image
    rgba = image.convert("RGBA")
    opened = transform.input_mode
    if opened != "RGB" and image.mode.removesuffix("A") != opened:
        return image
    colors = rgba.convert("RGB") if opened == "RGB" else image.convert(opened)
    converted = transform.apply(colors)
    converted.putalpha(rgba.getchannel("A"))
    return converted


@lru_cache(maxsize=4)
def _transform(profile: bytes) -> ImageCms.ImageCmsTransform | None:
    """Return the way to sRGB, or None where there is nothing to do."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _SPACES.get(source.profile.xcolor_space)
        if mode is None:
            return None
        transform = ImageCms.ImageCmsTransform(
            source,
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (OSError, ImageCms.PyCMSError, ValueError) as error:
        raise ProfileError(str(error)) from None
    return None if mode == "RGB" and _is_srgb(transform) else transform


def _is_srgb(transform: ImageCms.ImageCmsTransform) -> bool:
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    out = np.asarray(transform.apply(Image.fromarray(grid)))
    return int(np.abs(out.astype(int) - grid).max()) <= _SAME
