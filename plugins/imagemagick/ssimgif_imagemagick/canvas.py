"""Uncoalesced images, drawn onto their canvas as a GIF decoder would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ssimgif_imagemagick.header import Header
from ssimgif_imagemagick.images import MiffImage

Pixels = NDArray[np.uint8]


def canvas_size(headers: Iterable[Header]) -> tuple[int, int]:
    """Return the width and height of the canvas that all images share.

    It is the virtual canvas; an image without one counts with its size and offset.
    """
    width = height = 0
    for header in headers:
        page = header.page
        width = max(width, page.width or header.columns + max(page.x, 0))
        height = max(height, page.height or header.rows + max(page.y, 0))
    return width, height


def compose(images: Iterable[MiffImage], width: int, height: int) -> Iterator[Pixels]:
    """Draw each image over what the ones before left; yield the canvas, u8[height, width, 4]."""
    canvas = np.zeros((height, width, 4), np.uint8)
    for image in images:
        rows, columns, shown = _clip(image, width, height)
        before = canvas.copy()
        canvas[rows, columns] = _over(shown, canvas[rows, columns])
        yield canvas.copy()
        match image.header.word("dispose", "undefined"):
            case "background":
                canvas[rows, columns] = 0
            case "previous":
                canvas = before


def _clip(image: MiffImage, width: int, height: int) -> tuple[slice, slice, Pixels]:
    """Return the rectangle of the canvas that the image covers, and the pixels that fall on it."""
    page = image.header.page
    high, wide = image.pixels.shape[:2]
    left, top = min(max(page.x, 0), width), min(max(page.y, 0), height)
    right, bottom = max(left, min(page.x + wide, width)), max(top, min(page.y + high, height))
    x, y = left - page.x, top - page.y
    shown = image.pixels[y : y + bottom - top, x : x + right - left]
    return slice(top, bottom), slice(left, right), shown


def _over(upper: Pixels, lower: Pixels) -> Pixels:
    """Compose straight alpha; where either layer decides alone, its pixel is kept as it is."""
    alone = (upper[..., 3:] == 255) | (lower[..., 3:] == 0)
    result = np.where(alone, upper, lower)
    mixed = ~alone[..., 0] & (upper[..., 3] != 0)
    if mixed.any():
        above, below = upper[mixed].astype(np.float64), lower[mixed].astype(np.float64)
        cover = above[:, 3:] / 255
        rest = below[:, 3:] / 255 * (1 - cover)
        alpha = cover + rest
        colors = (above[:, :3] * cover + below[:, :3] * rest) / alpha
        result[mixed] = np.hstack([colors, alpha * 255]).round()
    return result
