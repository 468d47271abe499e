"""Colours of ImageMagick's colour spaces as 8-bit sRGB."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssimgif_imagemagick.samples import to_bytes, to_unit
from ssimgif_imagemagick.stream import MiffError

Unit = NDArray[np.float64]


def to_srgb(samples: NDArray[Any], space: str) -> NDArray[np.uint8]:
    """Convert the colour samples of pixels.

    Parameters
    ----------
    samples : array[..., 1, 3 or 4]
        Integers of their full range, or floats 0..1.
    space : str
        ImageMagick's name of the colour space.

    Returns
    -------
    u8[..., 3]

    Raises
    ------
    MiffError
        For a colour space that is not known here.
    """
    known = space.lower()
    if known in ("srgb", "gray", "transparent", "rec601luma", "rec709luma"):
        return _three(to_bytes(samples))
    convert = _CONVERSIONS.get(known)
    if convert is None:
        raise MiffError(f"its colour space is {space[:40]} (add -colorspace sRGB)")
    return _three(to_bytes(convert(to_unit(samples))))


def _three(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if samples.shape[-1] == 1:
        return np.repeat(samples, 3, axis=-1)
    return samples


def _from_linear(light: Unit) -> Unit:
    """Apply the transfer curve of IEC 61966-2-1."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _from_cmyk(inks: Unit) -> Unit:
    """Subtract inks from white, as ImageMagick does where no profile says better."""
    return (1 - inks[..., :3]) * (1 - inks[..., 3:])


def _from_ycbcr(red: float, blue: float) -> Callable[[Unit], Unit]:
    """Return the inverse of the matrix of full-range YCbCr with these luma weights."""
    green = 1 - red - blue

    def convert(samples: Unit) -> Unit:
        luma, cb, cr = samples[..., 0], samples[..., 1] - 0.5, samples[..., 2] - 0.5
        r = luma + 2 * (1 - red) * cr
        b = luma + 2 * (1 - blue) * cb
        g = (luma - red * r - blue * b) / green
        return np.stack([r, g, b], axis=-1)

    return convert


_REC_601, _REC_709 = (0.299, 0.114), (0.2126, 0.0722)
_CONVERSIONS: dict[str, Callable[[Unit], Unit]] = {
    "rgb": _from_linear,
    "scrgb": _from_linear,
    "lineargray": _from_linear,
    "cmyk": _from_cmyk,
    "ycbcr": _from_ycbcr(*_REC_601),
    "rec601ycbcr": _from_ycbcr(*_REC_601),
    "rec709ycbcr": _from_ycbcr(*_REC_709),
}
