"""Pixels of the frames that FFmpeg decoded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ssimgif import icc
from ssimgif.model import U8
from ssimgif.sources import gamut, hdr
from ssimgif.sources import yuv as colour
from ssimgif.sources.properties import StatedColor

_PLANAR = re.compile(r"(yuvj?4\d\dp|yuva4\d\dp|gbrp|gbrap|gray)(9|10|12|14|16)?(le)?")
_REPACKED = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv24": "yuv444p",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
    "p010le": "yuv420p10le",
    "p016le": "yuv420p16le",
    "p210le": "yuv422p10le",
    "y210le": "yuv422p10le",
}


@dataclass(frozen=True, slots=True)
class _Color:
    primaries: int
    transfer: int
    matrix: int
    full: bool


def has_alpha(frame: VideoFrame) -> bool:
    """Tell whether a frame's format has room for alpha."""
    parts = frame.format.components
    return frame.format.name == "pal8" or any(part.is_alpha for part in parts)


def peak_light(frame: VideoFrame, stated: StatedColor) -> float | None:
    """Return the brightest light of a high dynamic range frame, nits; None for other frames."""
    if not _PLANAR.fullmatch(frame.format.name):
        return None
    color = _color(frame, stated)
    if color.transfer not in hdr.TRANSFERS:
        return None
    return hdr.peak_light(_rgba(frame, color, deep=True), color.transfer)


def to_srgb(frame: VideoFrame, stated: StatedColor, peak: float | None) -> U8:
    """Convert a decoded frame to 8-bit sRGB with straight alpha.

    Parameters
    ----------
    frame : VideoFrame
    stated : StatedColor
    peak : float or None
        The clip's brightest light, nits, where high dynamic range is to be tone-mapped.

    Returns
    -------
    u8[h, w, 4]
    """
    if frame.format.name in _REPACKED:
        frame = frame.reformat(format=_REPACKED[frame.format.name])
    if not _PLANAR.fullmatch(frame.format.name):
        return frame.to_ndarray(format="rgba").astype(np.uint8, copy=False)
    color = _color(frame, stated)
    if peak is not None and color.transfer in hdr.TRANSFERS:
        deep = _rgba(frame, color, deep=True)
        pixels = hdr.tone_map(deep, color.transfer, color.primaries, peak)
    elif stated.profile is None and gamut.differs(color.primaries, color.transfer):
        pixels = gamut.to_srgb(_rgba(frame, color, deep=True), color.primaries, color.transfer)
    else:
        pixels = _rgba(frame, color, deep=False)
        if stated.profile is not None:
            pixels = icc.to_srgb(pixels, stated.profile)
    planes, bits = _planes(frame)
    if len(planes) == 4:
        pixels[..., 3] = colour.expand(planes[3], bits, True)
    return pixels


def alpha_plane(frame: VideoFrame, height: int, width: int) -> U8:
    """Return the luma of an alpha track's frame as alpha, u8[height, width]."""
    planes, bits = _planes(frame)
    alpha = colour.expand(planes[0], bits, int(frame.color_range) != colour.LIMITED)
    if alpha.shape != (height, width):
        rows = np.arange(height) * alpha.shape[0] // height
        columns = np.arange(width) * alpha.shape[1] // width
        alpha = alpha[rows[:, None], columns]
    return alpha


def _rgba(frame: VideoFrame, color: _Color, deep: bool) -> NDArray[Any]:
    planes, bits = _planes(frame)
    channels = 1 if len(planes) < 3 else 3
    return colour.to_rgba(planes[:channels], bits, color.matrix, color.full, deep=deep)


def _color(frame: VideoFrame, stated: StatedColor) -> _Color:
    name = frame.format.name
    own = int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)
    primaries, transfer, matrix = (
        mine if theirs == colour.UNSPECIFIED else theirs
        for mine, theirs in zip(own, stated.codes or own, strict=True)
    )
    own_range = int(frame.color_range)
    full = own_range == colour.FULL or name.startswith("yuvj")
    if name.startswith(("gray", "gbr")):
        full = own_range != colour.LIMITED
    if stated.full is not None:
        full = stated.full
    if name.startswith("gbr"):
        matrix = colour.IDENTITY
    return _Color(primaries, transfer, matrix, full)


def _planes(frame: VideoFrame) -> tuple[list[NDArray[Any]], int]:
    """Return views of a frame's planes and the bits of a sample."""
    bits = frame.format.components[0].bits
    kind: np.dtype[Any] = np.dtype(np.uint16 if bits > 8 else np.uint8)
    planes = []
    for plane in frame.planes:
        whole = np.frombuffer(memoryview(plane), kind)
        whole = whole.reshape(-1, plane.line_size // kind.itemsize)
        planes.append(whole[: plane.height, : plane.width])
    return planes, bits
