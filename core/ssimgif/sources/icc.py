"""Colours of an ICC profile to sRGB, by LittleCMS."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from ssimgif.model import U8


def to_srgb(pixels: U8, profile: bytes) -> U8:
    """Convert RGB with straight alpha from a profile to sRGB, relative colorimetric.

    A profile that can't be read, or is of another colour space, changes nothing.

    Parameters
    ----------
    pixels : u8[h, w, 4]
    profile : bytes
    """
    transform = _transform(profile)
    if transform is None:
        return pixels
    image = ImageCms.applyTransform(
        Image.fromarray(np.ascontiguousarray(pixels[..., :3])), transform
    )
    assert image is not None
    out = pixels.copy()
    out[..., :3] = np.asarray(image)
    return out


@lru_cache(maxsize=8)
def _transform(profile: bytes) -> ImageCms.ImageCmsTransform | None:
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.buildTransform(
            given,
            ImageCms.createProfile("sRGB"),
            "RGB",
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
