"""Alpha for a format that has one bit of it: a background colour, or an edge without a halo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ssimgif.kernels.matte import nearest_known
from ssimgif.model import F32, U8, Clip, Frame

_OPAQUE_FROM = 128


def matte(clip: Clip, background: tuple[int, int, int] | None, feather: float = 0.0) -> Clip:
    """Return a clip whose alpha is 0 or 255 everywhere.

    With a background colour the frames are composited onto it and the clip is opaque. Without,
    pixels of at least half opacity become opaque; edge pixels take on the colour of the opaque
    pixels beside them the more, the less opaque they were, so that nothing of what lay behind
    them shows as a halo. Transparent pixels become black with alpha 0.

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
            pixels = softened(frame.pixels, feather) if feather > 0 else frame.pixels
            if background is None:
                yield Frame(one_bit(pixels), frame.duration)
            else:
                yield Frame(composited(pixels, background), frame.duration)

    return replace(clip, open_frames=frames, has_alpha=background is None)


def composited(pixels: U8, background: tuple[int, int, int]) -> U8:
    """Lay straight-alpha pixels over a colour.

    Parameters
    ----------
    pixels : u8[h, w, 4]
    background : (r, g, b)

    Returns
    -------
    u8[h, w, 4], opaque
    """
    alpha = pixels[..., 3:].astype(np.uint32)
    over = pixels[..., :3] * alpha + np.array(background, np.uint32) * (255 - alpha)
    out = np.full(pixels.shape, 255, np.uint8)
    out[..., :3] = (over + 127) // 255
    return out


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
    edge = shown & (alpha < 255)
    if edge.any() and (alpha == 255).any():
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
