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


def shown_frames(gif: bytes, paletted: bool) -> Iterator[tuple[VideoFrame, int]]:
    """Yield what a GIF shows, picture after picture, as decoded by Pillow.

    Each comes with the number of its pixels that are not exact: where local colour tables meet, a
    picture can show more than 256 colours, and in ``pal8`` the rarest become their nearest.

    Parameters
    ----------
    gif : bytes
    paletted : bool
        Whether to yield ``pal8``, else ``rgba``.
    """
    start = 0
    with Image.open(io.BytesIO(gif), formats=["GIF"]) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pixels = np.array(image.convert("RGBA"))
            delay = int(image.info.get("duration", 0)) // 10
            if paletted:
                indices, palette, inexact = to_palette(pixels)
                both: Any = (indices, palette)
                frame = VideoFrame.from_ndarray(both, format="pal8")
            else:
                frame, inexact = VideoFrame.from_ndarray(pixels, format="rgba"), 0
            yield timed(frame, start, delay, CENTISECOND), inexact
            start += delay


def to_palette(pixels: U8) -> tuple[U8, U8, int]:
    """Return pixels as indices and a palette, and how many pixels are not exact.

    Parameters
    ----------
    pixels : u8[h, w, 4]
        Alpha is 0 or 255.

    Returns
    -------
    indices : u8[h, w]
    palette : u8[256, 4]
        Alpha, red, green, blue. Transparent pixels have an entry of their own.
    inexact : int
    """
    opaque = pixels[..., 3] == 255
    packed = np.where(opaque, _packed(pixels), 0)
    found, where, counts = np.unique(packed, return_inverse=True, return_counts=True)
    where = where.reshape(packed.shape)
    inexact = 0
    if len(found) > COLORS:
        counts[found == 0] = packed.size + 1  # what is transparent stays so
        order = np.argsort(-counts, kind="stable")
        kept, left = np.sort(order[:COLORS]), order[COLORS:]
        inexact = int(counts[left].sum())
        place = np.empty(len(found), np.intp)
        place[kept] = np.arange(COLORS)
        place[left] = _nearest(found[left], found[kept])
        where, found = place[where], found[kept]
    palette = np.zeros((COLORS, 4), np.uint8)
    palette[: len(found)] = found.astype(">u4").view(np.uint8).reshape(-1, 4)
    return where.astype(np.uint8), palette, inexact


def _packed(pixels: U8) -> NDArray[np.uint32]:
    """Return alpha, red, green and blue in one number."""
    argb = np.ascontiguousarray(pixels[..., [3, 0, 1, 2]])
    return argb.view(">u4")[..., 0].astype(np.uint32)


def _nearest(colors: NDArray[np.uint32], among: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return for each packed colour the place of the nearest opaque one."""
    parts = [one.astype(">u4").view(np.uint8).reshape(-1, 4).astype(int) for one in (colors, among)]
    distance = ((parts[0][:, None, :] - parts[1][None, :, :]) ** 2).sum(axis=2)
    distance[:, parts[1][:, 0] == 0] = np.iinfo(distance.dtype).max
    nearest: NDArray[np.intp] = distance.argmin(axis=1)
    return nearest
