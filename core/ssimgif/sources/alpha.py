"""Alpha for a format that has one bit of it: a background colour, or an edge without a halo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ssimgif.kernels.matte import nearest_known
from ssimgif.model import F32, U8, Clip, Frame

Bool = NDArray[np.bool_]

WHITE = (255, 255, 255)
AREAS_NOTE = "half-transparent areas are shown on white (--background takes another colour)"
_OPAQUE_FROM = 128
# Below and from which alpha counts as none and as full: coders don't keep 0 and 255.
_CLEAR_BELOW, _SOLID_FROM = 16, 240
# An edge lies no further than this many pixels from both sides of it.
_EDGE_REACH = 4


def matte(clip: Clip, background: tuple[int, int, int] | None, feather: float = 0.0) -> Clip:
    """Return a clip whose alpha is 0 or 255 everywhere.

    With a background colour the frames are composited onto it and the clip is opaque. Without,
    pixels of at least half opacity become opaque: translucent areas as they look on white, and
    edge pixels with the colour of the opaque pixels beside them the more, the less opaque they
    were, so that nothing of what lay behind them shows as a halo. Transparent pixels become black
    with alpha 0.

    Parameters
    ----------
    clip : Clip
        Returned as it is when it has no alpha.
    background : (r, g, b) or None
        sRGB, 0..255.
    feather : float
        Width of the softened edge, pixels.
    """
    if not clip.has_alpha:
        return clip

    def frames() -> Iterator[Frame]:
        for frame in clip.frames():
            pixels = frame.pixels
            if background is None:
                pixels = _without_areas(pixels, clip)
            pixels = softened(pixels, feather) if feather > 0 else pixels
            pixels = one_bit(pixels) if background is None else composited(pixels, background)
            yield Frame(pixels, frame.duration)

    return replace(clip, open_frames=frames, has_alpha=background is None)


def composited(pixels: U8, background: tuple[int, int, int]) -> U8:
    """Lay straight-alpha pixels over a colour.

    Parameters
    ----------
    pixels : u8[..., 4]
    background : (r, g, b)

    Returns
    -------
    u8[..., 4], opaque
    """
    alpha = pixels[..., 3:].astype(np.uint32)
    over = pixels[..., :3] * alpha + np.array(background, np.uint32) * (255 - alpha)
    out = np.full(pixels.shape, 255, np.uint8)
    out[..., :3] = (over + 127) // 255
    return out


def translucent_areas(alpha: U8) -> Bool:
    """Return where pixels of at least half opacity are more than an edge, bool[h, w].

    They have no opaque and transparent pixels both within `_EDGE_REACH`, and lie in a block of
    3x3 such pixels.

    Parameters
    ----------
    alpha : u8[h, w]
    """
    partial = (alpha >= _CLEAR_BELOW) & (alpha < _SOLID_FROM)
    if not partial.any():
        return partial
    edge = _near(alpha < _CLEAR_BELOW, _EDGE_REACH) & _near(alpha >= _SOLID_FROM, _EDGE_REACH)
    partial &= ~edge
    thick = _near(~_near(~partial, 1), 1)
    return partial & thick & (alpha >= _OPAQUE_FROM)


def _without_areas(pixels: U8, clip: Clip) -> U8:
    """Return a frame whose translucent areas are opaque, as they look on white."""
    areas = translucent_areas(pixels[..., 3])
    if not areas.any():
        return pixels
    clip.notes.add(AREAS_NOTE)
    out = pixels.copy()
    out[areas] = composited(pixels[areas], WHITE)
    return out


def _near(mask: Bool, reach: int) -> Bool:
    """Return which pixels have one of the mask's in the square around them."""
    if not mask.any():
        return mask
    # A box blur of 0 and 255 is above 0 wherever one of up to 15x15 pixels is.
    image = Image.fromarray(mask.astype(np.uint8) * np.uint8(255))
    return np.asarray(image.filter(ImageFilter.BoxBlur(reach))) > 0


def one_bit(pixels: U8) -> U8:
    """Make each pixel opaque, with a colour free of a halo, or transparent black.

    Parameters
    ----------
    pixels : u8[h, w, 4]
    """
    alpha = pixels[..., 3]
    shown = alpha >= _OPAQUE_FROM
    out = np.zeros_like(pixels)
    out[shown, :3] = pixels[shown, :3]
    out[shown, 3] = 255
    edge = shown & (alpha < 255) & _near(alpha == 255, _EDGE_REACH)
    if edge.any():
        # A half-opaque pixel's own colour is uncertain: coders smear what lies behind it.
        trust = (alpha[edge, None].astype(np.float32) / 255) ** 2
        own = pixels[edge, :3] * trust
        out[edge, :3] = np.rint(own + _bled(pixels, alpha == 255, edge) * (1 - trust))
    return out


def softened(pixels: U8, feather: float) -> U8:
    """Let the edge fade over about ``feather`` pixels, with colours bled outward.

    Parameters
    ----------
    pixels : u8[h, w, 4]
    feather : float
        Pixels, more than 0.
    """
    alpha = pixels[..., 3]
    out = pixels.copy()
    if (alpha == 255).any():
        hidden = alpha == 0
        out[hidden, :3] = _bled(pixels, alpha == 255, hidden)
    blur = ImageFilter.GaussianBlur(feather / 2)
    out[..., 3] = np.asarray(Image.fromarray(np.ascontiguousarray(alpha)).filter(blur))
    return out


def _bled(pixels: U8, known: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> F32:
    """Return the colour of the nearest known pixel for each wanted one, f32[n, 3]."""
    rows = np.empty(known.shape, np.int32)
    columns = np.empty(known.shape, np.int32)
    nearest_known(known, rows, columns)
    return pixels[rows[wanted], columns[wanted], :3].astype(np.float32)
