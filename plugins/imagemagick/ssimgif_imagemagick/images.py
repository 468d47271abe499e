"""The images of a MIFF stream, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssimgif_imagemagick.colors import to_srgb
from ssimgif_imagemagick.header import Header, read_header
from ssimgif_imagemagick.samples import Layout, layout_of, read_samples, to_bytes
from ssimgif_imagemagick.stream import ByteReader, MiffError, Readable

_MOST_COLORS = 65_536
_OPAQUE = 255


@dataclass(frozen=True, slots=True, eq=False)
class MiffImage:
    """One image as it is in the file, not yet placed on its canvas.

    Attributes
    ----------
    header : Header
    pixels : u8[rows, columns, 4]
        Straight alpha, sRGB.
    """

    header: Header
    pixels: NDArray[np.uint8]


def read_images(
    stream: Readable, check_size: Callable[[int, int], None] | None = None
) -> Iterator[MiffImage]:
    """Read images one at a time, holding no more than one.

    Parameters
    ----------
    stream : Readable
        Only ``read`` is needed; it need not be seekable.
    check_size : callable, optional
        Called with an image's width and height before memory is taken for it.

    Raises
    ------
    MiffError
        Where the stream is damaged, or holds what can't be read.
    """
    reader = ByteReader(stream)
    while (header := read_header(reader)) is not None:
        if not header.columns or not header.rows:
            raise MiffError("its size is missing")
        if check_size is not None:
            check_size(header.columns, header.rows)
        yield MiffImage(header, _read_pixels(reader, header))


def _read_pixels(reader: ByteReader, header: Header) -> NDArray[np.uint8]:
    layout = layout_of(header)
    _skip_extras(reader, header)
    space = header.fields.get("colorspace", "sRGB")
    colors = _read_color_map(reader, header, layout, space) if header.indexed else None
    samples = read_samples(reader, layout, header.columns, header.rows)
    pixels = np.empty((*samples.shape[:2], 4), np.uint8)
    count = layout.color_samples
    if colors is None:
        pixels[..., :3] = to_srgb(samples[..., :count], space)
    else:
        indices = samples[..., 0]
        if indices.max() >= len(colors):
            raise MiffError("a pixel's colour is not in its colour map")
        pixels[..., :3] = colors[indices]
    pixels[..., 3] = _alpha(samples, layout)
    return pixels


def _alpha(samples: NDArray[Any], layout: Layout) -> NDArray[np.uint8] | int:
    if not layout.has_alpha:
        return _OPAQUE
    alpha = to_bytes(samples[..., layout.color_samples])
    return _OPAQUE - alpha if layout.alpha_inverted else alpha


def _skip_extras(reader: ByteReader, header: Header) -> None:
    """Pass over a montage's directory and the profiles."""
    if "montage" in header.fields:
        while (byte := reader.byte()) > 0:
            pass
        if byte:
            raise MiffError("it ends too early")
    for _ in range(header.profiles):
        length = int.from_bytes(reader.read(4), "big")
        while length:
            piece = min(length, 1 << 20)
            reader.read(piece)
            length -= piece


def _read_color_map(
    reader: ByteReader, header: Header, layout: Layout, space: str
) -> NDArray[np.uint8]:
    """Return the colour map as u8[n, 3]; without one, indices are a scale of 256 grays."""
    count = header.number("colors", 0)
    if count > _MOST_COLORS:
        raise MiffError(f"its colour map has {count} colours")
    if not count:
        return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    data = reader.read(3 * layout.bytes_each * count)
    entries = np.frombuffer(data, f">u{layout.bytes_each}").reshape(count, 3)
    return to_srgb(entries, space)
