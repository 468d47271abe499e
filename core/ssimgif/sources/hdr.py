"""High dynamic range (PQ and HLG) to sRGB.

The curve does what the EETF of BT.2390 does: dark and middle tones stay, highlights are rolled
off below the target's peak. Its shoulder is a logarithm, because the spline of BT.2390 begins the
lower, the brighter the source's peak is (at 24 nits for a peak of 10,000), which would dim the
whole picture. Reference white, 203 nits (BT.2408), is the sRGB white of a source without
highlights.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ssimgif.kernels.tonemap import tone_map as _tone_map
from ssimgif.model import F32, U8

PQ, HLG = 16, 18
TRANSFERS = frozenset({PQ, HLG})
REFERENCE_WHITE = 203.0
KNEE = 100.0
NOMINAL_PEAK = 1000.0
HIGHEST_PEAK = 10_000.0
_HLG_GAMMA_LESS_1 = 0.2

# Chromaticities x, y of red, green and blue by code point (ITU-T H.273, table 2), white D65.
_BT709 = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
_PRIMARIES = {1: _BT709, 9: _BT2020, 11: _P3, 12: _P3}
_D65 = (0.3127, 0.3290)


def tone_map(codes: NDArray[np.uint16], transfer: int, primaries: int, peak: float) -> U8:
    """Convert to 8-bit sRGB.

    Parameters
    ----------
    codes : u16[h, w, 4]
        Full-range RGB codes and alpha.
    transfer : int
        16 (PQ) or 18 (HLG).
    primaries : int
        Code point of ITU-T H.273; unknown ones count as BT.2020.
    peak : float
        The brightest light to keep apart from white, nits.

    Returns
    -------
    u8[h, w, 4]
    """
    matrix, luminance = gamut(primaries)
    out = np.empty(codes.shape, np.uint8)
    out[..., 3] = codes[..., 3] >> 8
    gamma = np.float32(_HLG_GAMMA_LESS_1 if transfer == HLG else 0.0)
    _tone_map(
        codes,
        _light(transfer),
        luminance,
        gamma,
        matrix,
        np.float32(KNEE),
        np.float32(REFERENCE_WHITE),
        np.float32(_steepness(peak)),
        srgb_codes(),
        out,
    )
    return out


def peak_light(codes: NDArray[np.uint16], transfer: int) -> float:
    """Return the light of the brightest pixels, nits, a thousandth of them left out.

    Parameters
    ----------
    codes : u16[h, w, >= 3]
    transfer : int
    """
    brightest = codes[::2, ::2, :3].max(axis=2)
    return float(_light(transfer)[int(np.percentile(brightest, 99.9))])


def _steepness(peak: float) -> float:
    """Solve ``s = log(1 + s * t)`` for the peak's t, so that the peak becomes white."""
    reach = (min(peak, HIGHEST_PEAK) - KNEE) / (REFERENCE_WHITE - KNEE)
    if reach <= 1:
        return 0.0
    steepness = 10.0
    for _ in range(200):
        steepness = float(np.log1p(steepness * reach))
    return steepness


@lru_cache(maxsize=2)
def _light(transfer: int) -> F32:
    """Light of each 16-bit code, nits (BT.2100, tables 4 and 5)."""
    code = np.arange(65536) / 65535
    if transfer == PQ:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        root = code ** (1 / m2)
        part = np.maximum(root - c1, 0) / (c2 - c3 * root)
        return (HIGHEST_PEAK * part ** (1 / m1)).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    return (NOMINAL_PEAK * scene).astype(np.float32)


@lru_cache(maxsize=1)
def srgb_codes() -> U8:
    """Return the sRGB code of each 65535th of white, u8[65536]."""
    linear = np.arange(65536) / 65535
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    codes: U8 = np.rint(255 * encoded).astype(np.uint8)
    return codes


@lru_cache(maxsize=4)
def gamut(primaries: int) -> tuple[F32, F32]:
    """Return the matrix to BT.709's primaries, and the luminance shares of the source's."""
    source = _to_xyz(_PRIMARIES.get(primaries, _BT2020))
    matrix = np.linalg.inv(_to_xyz(_BT709)) @ source
    return matrix.astype(np.float32), source[1].astype(np.float32)


def _to_xyz(chromaticities: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in chromaticities]).T
    x, y = _D65
    scales = np.linalg.solve(columns, np.array([x / y, 1.0, (1 - x - y) / y]))
    return np.asarray(columns * scales)
