"""Standard dynamic range in other primaries or transfers than sRGB's, to sRGB.

As browsers do, the transfers of BT.601, BT.709 and BT.2020 count as that of sRGB: video is made to
look right on displays of that kind.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ssimgif.model import F32, U8
from ssimgif.sources.hdr import gamut, srgb_codes

LINEAR, GAMMA22, GAMMA28 = 8, 4, 5
WIDE = frozenset({9, 11, 12})
_EXPONENTS = {LINEAR: 1.0, GAMMA22: 2.2, GAMMA28: 2.8}


def differs(primaries: int, transfer: int) -> bool:
    """Tell whether colours of these code points (ITU-T H.273) are to be converted."""
    return primaries in WIDE or transfer in _EXPONENTS


def to_srgb(codes: NDArray[np.uint16], primaries: int, transfer: int) -> U8:
    """Convert to 8-bit sRGB; colours outside its gamut are clipped.

    Parameters
    ----------
    codes : u16[h, w, 4]
        Full-range RGB codes and alpha.
    primaries, transfer : int
        Code points of ITU-T H.273.

    Returns
    -------
    u8[h, w, 4]
    """
    light = _linear(transfer)[codes[..., :3]]
    if primaries in WIDE:
        light = light @ gamut(primaries)[0].T
    out = np.empty(codes.shape, np.uint8)
    levels = np.rint(light.clip(0, 1) * 65535).astype(np.uint16)
    out[..., :3] = srgb_codes()[levels]
    out[..., 3] = codes[..., 3] >> 8
    return out


@lru_cache(maxsize=4)
def _linear(transfer: int) -> F32:
    """Linear light of each 16-bit code, 0..1."""
    code = np.arange(65536) / 65535
    if transfer in _EXPONENTS:
        return (code ** _EXPONENTS[transfer]).astype(np.float32)
    low = code / 12.92
    return np.where(code <= 0.04045, low, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)
