"""Stands for the gimp module of GIMP 2.10, with as much of it as the plug-in uses. Python 2.7.

Pixels are wholly opaque or wholly transparent, so that every composition is exact.
"""

import copy

RGB, INDEXED = 0, 2
PRECISION_U8_GAMMA, PRECISION_U16_LINEAR = 150, 200

said = {"messages": [], "progress": [], "stages": [], "save handlers": []}


class PixelRgn(object):
    def __init__(self, layer):
        self.layer = layer

    def __getitem__(self, area):
        columns, rows = area
        layer = self.layer
        found = bytearray()
        for y in range(rows.start, rows.stop):
            for x in range(columns.start, columns.stop):
                at = 4 * (y * layer.width + x)
                found += layer.pixels[at : at + (4 if layer.has_alpha else 3)]
        return bytes(found)


class Layer(object):
    def __init__(self, name, width, height, pixels, offsets=(0, 0), visible=True):
        self.name, self.width, self.height = name, width, height
        self.pixels, self.offsets, self.visible = bytearray(pixels), tuple(offsets), visible
        self.has_alpha = True

    def get_pixel_rgn(self, x, y, width, height, dirty=True, shadow=False):
        assert (x, y, width, height) == (0, 0, self.width, self.height)
        assert not (dirty or shadow)
        return PixelRgn(self)


class Image(object):
    def __init__(self, name, width, height, layers, base_type, precision):
        self.name, self.width, self.height = name, width, height
        self.base_type, self.precision = base_type, precision
        self._layers = list(layers)
        self.deleted = False
        self.copies = []

    @property
    def layers(self):
        return list(self._layers)

    def duplicate(self):
        self.copies.append(copy.deepcopy(self))
        return self.copies[-1]

    def add_layer(self, layer, position=-1):
        self._layers.insert(position, layer)

    def remove_layer(self, layer):
        self._layers.remove(layer)

    def shown(self):
        """Return the visible layers composed, without alpha where nothing shows through."""
        assert (self.base_type, self.precision) == (RGB, PRECISION_U8_GAMMA)
        canvas = bytearray(4 * self.width * self.height)
        for layer in reversed(self._layers):
            if layer.visible:
                self._put(layer, canvas)
        shown = Layer("", self.width, self.height, canvas)
        shown.has_alpha = 0 in canvas[3::4]
        return shown

    def _put(self, layer, canvas):
        left, top = layer.offsets
        for y in range(max(0, -top), min(layer.height, self.height - top)):
            for x in range(max(0, -left), min(layer.width, self.width - left)):
                pixel = layer.pixels[4 * (y * layer.width + x) :][:4]
                if pixel[3]:
                    at = 4 * ((y + top) * self.width + x + left)
                    canvas[at : at + 4] = pixel


def delete(thing):
    thing.deleted = True


def message(text):
    said["messages"].append(text)


def progress_init(text=""):
    said["progress"].append(0.0)


def progress_update(fraction):
    assert 0.0 <= fraction <= 1.0
    said["progress"].append(fraction)


def register_save_handler(procedure, extensions, prefixes):
    said["save handlers"].append([procedure, extensions, prefixes])
