"""A plain, lossless animation coder built of the project's pieces, for pictures in RGBA."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ssimgif.gif import delta, disposal, lzw, tables
from ssimgif.image.canvas import Area, Canvas, draw
from ssimgif.model import U8, CodedFrame, Disposal, Palette


def palette_of(pictures: Sequence[U8]) -> Palette:
    """Return all colours of the pictures, and a transparent entry."""
    colors = np.unique(np.concatenate([p[p[..., 3] == 255][:, :3] for p in pictures]), axis=0)
    return tables.with_transparent(Palette(colors if len(colors) else np.zeros((1, 3), np.uint8)))


def indexed(picture: U8, palette: Palette) -> U8:
    """Return the exact index of each pixel."""
    same = (picture[..., None, :3] == palette.colors[None, None, : palette.transparent]).all(axis=3)
    return np.where(picture[..., 3] == 255, same.argmax(axis=2), palette.transparent).astype(
        np.uint8
    )


def encode(pictures: Sequence[U8], delay: int = 5) -> tuple[list[CodedFrame], list[Canvas]]:
    """Code the pictures u8[h, w, 4] without loss; also return what should be on screen."""
    palette = palette_of(pictures)
    transparent = palette.transparent
    assert transparent is not None
    size = tables.minimum_code_size(len(palette.colors))
    height, width = pictures[0].shape[:2]
    canvas = Canvas.blank(width, height)
    frames: list[CodedFrame] = []
    shown: list[Canvas] = []
    for number, picture in enumerate(pictures):
        following = Canvas.of(pictures[number + 1]) if number + 1 < len(pictures) else None
        chosen = disposal.choose(canvas, Canvas.of(picture), following, tolerance=0)
        cover = None
        if chosen is Disposal.BACKGROUND:
            cover = disposal.to_clear(canvas, Canvas.of(picture), following)
        patch = delta.patch(canvas, indexed(picture, palette), palette, cover)
        if patch is None:
            # Something must be drawn all the same, or the disposal before would not happen.
            nothing = np.full((1, 1), transparent, np.uint8)
            patch = delta.Patch(Area(0, 0, 1, 1), nothing, np.zeros((1, 1), np.bool_))
        data = lzw.encode_ties(patch.indices, patch.held, transparent, size)
        area = patch.area
        rectangle = (area.left, area.top, area.width, area.height)
        frames.append(CodedFrame(data, size, palette, *rectangle, chosen, delay))
        after = draw(canvas, patch.filled(transparent), palette, area)
        shown.append(after)
        canvas = disposal.dispose(canvas, after, chosen, area)
    return frames, shown
