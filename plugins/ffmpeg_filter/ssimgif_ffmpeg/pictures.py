"""Pixels in and out of PyAV's frames, and what a GIF shows as frames."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from ssimgif_ffmpeg.timeline import CENTISECOND

U8 = NDArray[np.uint8]

COLORS = 256
# Perceptual quantiser and hybrid log-gamma, sRGB and BT.709: code points of ITU-T H.273.
_HDR = {16, 18}
_SRGB, _BT709 = 13, 1


def to_rgba(frame: VideoFrame) -> U8:
    """Return a frame's pixels as sRGB with straight alpha, u8[h, w, 4].

    High dynamic range becomes sRGB with 203 nits as white; brighter light is clipped.
    """
    if int(frame.color_trc) in _HDR:
        frame = frame.reformat(format="rgba", dst_color_trc=_SRGB, dst_color_primaries=_BT709)
    return np.asarray(frame.to_ndarray(format="rgba"), np.uint8)


def from_rgba(pixels: U8, has_alpha: bool, start: int, duration: int, base: Fraction) -> VideoFrame:
    """Return a frame of pixels u8[h, w, 4], ``rgba`` or without alpha ``rgb24``.

    Parameters
    ----------
    start, duration : int
        In units of ``base`` seconds.
    """
    shown = pixels if has_alpha else pixels[..., :3]
    kind = "rgba" if has_alpha else "rgb24"
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(shown), format=kind)
    return timed(frame, start, duration, base)


def timed(frame: VideoFrame, start: int, duration: int, base: Fraction) -> VideoFrame:
    """Give a frame its time, in units of ``base`` seconds, and return it."""
    frame.time_base = base
    frame.pts, frame.duration = start, duration
    return frame


def shown_frames(gif: bytes, paletted: bool) -> Iterator[VideoFrame]:
    """Yield what a GIF shows, picture after picture, as decoded by Pillow.

    Parameters
    ----------
    gif : bytes
        Where ``paletted``, one that `fits_palettes`.
    paletted : bool
        Whether to yield ``pal8``, else ``rgba``.
    """
    start = 0
    for pixels, delay in _shown(gif):
        if paletted:
            both: Any = to_palette(pixels)
            frame = VideoFrame.from_ndarray(both, format="pal8")
        else:
            frame = VideoFrame.from_ndarray(pixels, format="rgba")
        yield timed(frame, start, delay, CENTISECOND)
        start += delay


def fits_palettes(gif: bytes) -> bool:
    """Return whether no picture of a GIF shows more than 256 colours.

    Where colour tables of several frames meet on screen, one can.
    """
    return all(len(np.unique(_packed(pixels))) <= COLORS for pixels, _ in _shown(gif))


def _shown(gif: bytes) -> Iterator[tuple[U8, int]]:
    """Yield pictures u8[h, w, 4] and their delays in centiseconds."""
    with Image.open(io.BytesIO(gif), formats=["GIF"]) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            yield np.array(image.convert("RGBA")), int(image.info.get("duration", 0)) // 10


def to_palette(pixels: U8) -> tuple[U8, U8]:
    """Return a picture of at most 256 colours as indices and a palette.

    Parameters
    ----------
    pixels : u8[h, w, 4]
        Alpha is 0 or 255.

    Returns
    -------
    indices : u8[h, w]
    palette : u8[256, 4]
        Alpha, red, green, blue.
    """
    packed = _packed(pixels)
    found, where = np.unique(packed, return_inverse=True)
    palette = np.zeros((COLORS, 4), np.uint8)
    palette[: len(found)] = found.astype(">u4").view(np.uint8).reshape(-1, 4)
    return where.reshape(packed.shape).astype(np.uint8), palette


def _packed(pixels: U8) -> NDArray[np.uint32]:
    """Return alpha, red, green and blue in one number, 0 for what is transparent."""
    argb = np.ascontiguousarray(pixels[..., [3, 0, 1, 2]]).view(">u4")[..., 0]
    return np.where(pixels[..., 3] == 255, argb, 0).astype(np.uint32)
