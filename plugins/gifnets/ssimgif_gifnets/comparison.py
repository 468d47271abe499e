"""Pictures side by side, as in the figures of the paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ssimgif_gifnets.arrays import U8

GAP = 8
MARGIN = 4
TEXT_SIZE = 14
BACKGROUND, INK = "white", "black"


def floyd_steinberg(pixels: U8, count: int) -> U8:
    """Return a picture u8[h, w, 3] in a median-cut palette, dithered by Floyd and Steinberg.

    It is Pillow's, the usual way to a GIF that the paper compares with.
    """
    picture = Image.fromarray(pixels)
    palette = picture.quantize(count, Image.Quantize.MEDIANCUT)
    dithered = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    return np.asarray(dithered.convert("RGB"))


def side_by_side(panels: Sequence[tuple[str, U8]]) -> Image.Image:
    """Return pictures u8[h, w, 3] of one size next to one another, each below its lines of text."""
    font = ImageFont.load_default(TEXT_SIZE)
    probe = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    boxes = [probe.multiline_textbbox((0, 0), text, font=font) for text, _ in panels]
    top = int(max(box[3] for box in boxes)) + 2 * MARGIN
    height = panels[0][1].shape[0]
    widths = [
        max(pixels.shape[1], int(box[2]) + 2 * MARGIN)
        for box, (_, pixels) in zip(boxes, panels, strict=True)
    ]
    sheet = Image.new("RGB", (sum(widths) + GAP * (len(panels) - 1), top + height), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    left = 0
    for width, (text, pixels) in zip(widths, panels, strict=True):
        draw.multiline_text((left + MARGIN, MARGIN), text, INK, font=font)
        sheet.paste(Image.fromarray(pixels), (left, top))
        left += width + GAP
    return sheet
