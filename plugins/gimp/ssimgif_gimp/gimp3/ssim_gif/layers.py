"""From layers to frames: each top-level layer or group, as GIMP shows it, bottom first."""

from collections.abc import Generator, Iterator
from typing import BinaryIO

import frame_names
from gi.repository import Gegl, Gimp

PIXELS = "R'G'B'A u8"
# What is shown is composed step by step; where layers mix, each step would round anew.
ROUNDED = {
    Gimp.Precision.U8_NON_LINEAR: Gimp.Precision.FLOAT_NON_LINEAR,
    Gimp.Precision.U8_PERCEPTUAL: Gimp.Precision.FLOAT_PERCEPTUAL,
    Gimp.Precision.U8_LINEAR: Gimp.Precision.FLOAT_LINEAR,
}


def frame_layers(image: Gimp.Image, visible_only: bool) -> list[Gimp.Layer]:
    """Return the layers that are frames, in the order in which they are shown."""
    layers = reversed(image.get_layers())
    return [layer for layer in layers if not visible_only or layer.get_visible()]


def compose(
    image: Gimp.Image, visible_only: bool, replace_by_default: bool, raw: BinaryIO
) -> Generator[tuple[int, int]]:
    """Write all frames to ``raw``, one at each step, and yield how many are done, of how many.

    GIMP itself composes them, in a copy of the image: a frame alone, or on top of what was shown
    before it. So masks, modes, opacity, offsets, filters, groups and colour profiles are right by
    definition. What was shown before is one layer, so that a step takes the same time anywhere.
    """
    width, height = image.get_width(), image.get_height()
    area = Gegl.Rectangle.new(0, 0, width, height)
    copy = image.duplicate()
    try:
        copy.undo_disable()
        layers = frame_layers(copy, visible_only)
        _prepare(copy, layers)
        for layer in copy.get_layers():
            layer.set_visible(False)
        under = None
        for done, layer in enumerate(layers, 1):
            if under is not None and frame_names.replaces(layer.get_name(), replace_by_default):
                copy.remove_layer(under)
                under = None
            layer.set_visible(True)
            shown = Gimp.Layer.new_from_visible(copy, copy, "shown")
            raw.write(shown.get_buffer().get(area, 1.0, PIXELS, Gegl.AbyssPolicy.NONE))
            layer.set_visible(False)
            copy.insert_layer(shown, None, len(copy.get_layers()))
            if under is not None:
                copy.remove_layer(under)
            under = shown
            yield done, len(layers)
        raw.flush()
    finally:
        copy.delete()


def _prepare(copy: Gimp.Image, layers: list[Gimp.Layer]) -> None:
    floating = copy.get_floating_sel()
    if floating is not None:
        Gimp.floating_sel_anchor(floating)
    if copy.get_base_type() == Gimp.ImageBaseType.INDEXED:
        copy.convert_rgb()
    if copy.get_precision() in ROUNDED and not all(map(_is_plain, layers)):
        copy.convert_precision(ROUNDED[copy.get_precision()])


def _is_plain(layer: Gimp.Layer) -> bool:
    normal = Gimp.LayerMode.NORMAL, Gimp.LayerMode.NORMAL_LEGACY
    return (
        layer.get_mode() in normal
        and layer.get_opacity() == 100.0
        and layer.get_mask() is None
        and not layer.is_group()
    )


def add_frames(
    image: Gimp.Image, raw: BinaryIO, milliseconds: list[int], has_alpha: bool
) -> Iterator[int]:
    """Make a layer of each frame in ``raw``, the first one lowest; yield how many are done."""
    width, height = image.get_width(), image.get_height()
    area = Gegl.Rectangle.new(0, 0, width, height)
    kind = Gimp.ImageType.RGBA_IMAGE if has_alpha else Gimp.ImageType.RGB_IMAGE
    for done, time in enumerate(milliseconds, 1):
        name = frame_names.with_milliseconds(done, time)
        layer = Gimp.Layer.new(image, name, width, height, kind, 100.0, Gimp.LayerMode.NORMAL)
        image.insert_layer(layer, None, 0)
        buffer = layer.get_buffer()
        buffer.set(area, PIXELS, raw.read(width * height * 4))
        buffer.flush()
        layer.update(0, 0, width, height)
        yield done
