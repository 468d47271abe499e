"""Pictures small enough to be embedded: AVIF as data URLs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from ssimgif.html_report.maps import SCALES, Maps, levels
from ssimgif.model import U8

SPEED = 9


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How faithfully pictures are embedded.

    Attributes
    ----------
    quality : int
        AVIF quality of the source, 0..100.
    reduction : int
        By how much width and height are divided.
    """

    quality: int
    reduction: int = 1


LADDER = (
    *(Fidelity(quality) for quality in (90, 80, 65, 50)),
    *(Fidelity(65, reduction) for reduction in (2, 4, 8, 16)),
)
MAP_QUALITY = 45
# Maps are smooth, so those of pictures that are not small are kept at half the size.
SMALL = 128


def choose_fidelity(measure: Callable[[Fidelity], int], allowance: int) -> Fidelity:
    """Return the best fidelity at which a frame takes no more bytes than it may."""
    for fidelity in LADDER[:-1]:
        if measure(fidelity) <= allowance:
            return fidelity
    return LADDER[-1]


def embed(source: U8, maps: Maps | None, fidelity: Fidelity) -> dict[str, str]:
    """Return a source frame u8[h, w, 4] and its maps, if there are any, as data URLs.

    Chroma is not subsampled, since colours are to be compared.
    """
    opaque = bool((source[..., 3] == 255).all())
    picture = Image.fromarray(np.ascontiguousarray(source[..., :3]) if opaque else source)
    urls = {"source": _data_url(picture, fidelity.reduction, fidelity.quality, "4:4:4")}
    halved = 2 if min(source.shape[:2]) >= SMALL else 1
    for name, end in SCALES.items() if maps else ():
        gray = Image.fromarray(levels(getattr(maps, name), end))
        urls[name] = _data_url(gray, halved * fidelity.reduction, MAP_QUALITY, "4:0:0")
    return urls


def _data_url(picture: Image.Image, reduction: int, quality: int, subsampling: str) -> str:
    buffer = BytesIO()
    small = picture.reduce(reduction) if reduction > 1 else picture
    small.save(buffer, "AVIF", quality=quality, subsampling=subsampling, speed=SPEED)
    return "data:image/avif;base64," + b64encode(buffer.getvalue()).decode()
