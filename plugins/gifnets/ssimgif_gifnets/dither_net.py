"""DitherNet (Yoo et al. 2020): a U-Net that predicts the error to add before the projection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ssimgif_gifnets import weights
from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.kernels.convolution import add_enlarged
from ssimgif_gifnets.kernels.dithering import add_error, dither_inputs, project
from ssimgif_gifnets.planes import Convolution, Mixing, blank
from ssimgif_gifnets.projection import Colors

INPUTS = 8
LEVELS = 3
# The network's deepest layer sees blocks of this many pixels.
BLOCK = 1 << LEVELS
# Pictures are worked on in parts of this many pixels, down and across ...
PART = 512
# ... and what lies this far away has no influence on a pixel.
REACH = 40


@dataclass(frozen=True, slots=True, eq=False)
class DitherNet:
    """The network, and the picture that comes of it.

    Attributes
    ----------
    enter, middle, leave : Convolution
    down, up : tuple of Convolution
        From full size down, and up from the smallest.
    narrow : tuple of Mixing
        Before each enlargement.
    noise : f32[t, t]
        Blue noise -0.5..0.5, repeated in place.
    """

    enter: Convolution
    down: tuple[Convolution, ...]
    middle: Convolution
    narrow: tuple[Mixing, ...]
    up: tuple[Convolution, ...]
    leave: Convolution
    noise: F32

    @classmethod
    def of(cls, arrays: Mapping[str, F32]) -> DitherNet:
        """Build the network from its arrays."""
        levels = range(LEVELS)
        return cls(
            Convolution.of(arrays, "enter"),
            tuple(Convolution.of(arrays, f"down.{i}", 2) for i in levels),
            Convolution.of(arrays, "middle"),
            tuple(Mixing.of(arrays, f"narrow.{i}", False) for i in levels),
            tuple(Convolution.of(arrays, f"up.{i}") for i in levels),
            Convolution.of(arrays, "leave", rectify=False),
            np.ascontiguousarray(arrays["noise"]),
        )

    def raw(self, planes: F32) -> F32:
        """Return the last layer's padded planes f32[4, h + 2, w + 2] for `INPUTS` padded planes.

        The height and width must be multiples of `BLOCK`.
        """
        planes = self.enter(planes)
        skips = []
        for convolution in self.down:
            skips.append(planes)
            planes = convolution(planes)
        planes = self.middle(planes)
        for mixing, convolution in zip(self.narrow, self.up, strict=True):
            larger = skips.pop()
            add_enlarged(mixing(planes), larger)
            planes = convolution(larger)
        return self.leave(planes)

    def dither(self, pixels: U8, colors: Colors, strength: F32) -> U8:
        """Map a picture onto colours so that no false contours show.

        Parameters
        ----------
        pixels : u8[h, w, 3]
            sRGB.
        colors : Colors
        strength : f32[h, w]
            What the error is multiplied by, 0 (nearest colour in RGB) to 1.

        Returns
        -------
        u8[h, w]
            Palette indices.
        """
        wanted = pixels.astype(np.float32)
        if len(colors.index) > 1:
            for part, inner in _parts(*strength.shape):
                self._add_error(pixels[part], colors, strength[part], part, wanted[part], inner)
        return colors.nearest(wanted)

    def _add_error(
        self,
        pixels: U8,
        colors: Colors,
        strength: F32,
        place: tuple[slice, slice],
        wanted: F32,
        inner: tuple[slice, slice],
    ) -> None:
        """Add the error to the inner pixels of a part of a picture."""
        if not strength[inner].any():
            return
        height, width = (-(-side // BLOCK) * BLOCK for side in strength.shape)
        nearest = np.empty(strength.shape, np.uint8)
        project(pixels.astype(np.float32), colors.sorted, nearest)
        planes = blank(INPUTS, height, width)
        offsets = np.array([side.start for side in place])
        dither_inputs(pixels, nearest, colors.sorted, colors.spacing, self.noise, offsets, planes)
        add_error(
            self.raw(planes),
            planes,
            strength,
            np.array([[side.start, side.stop] for side in inner]),
            wanted,
        )


def _parts(height: int, width: int) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Yield parts of a picture with a margin, and where in each the pixels without it are."""
    for top in range(0, height, PART):
        rows, inner_rows = _with_margin(top, height)
        for left in range(0, width, PART):
            columns, inner_columns = _with_margin(left, width)
            yield (rows, columns), (inner_rows, inner_columns)


def _with_margin(start: int, size: int) -> tuple[slice, slice]:
    first, stop = max(0, start - REACH), min(size, start + PART)
    last = min(size, stop + REACH)
    return slice(first, last), slice(start - first, stop - first)


@lru_cache(maxsize=1)
def dither_net() -> DitherNet:
    """Return the network with its trained weights."""
    return DitherNet.of(weights.load("dithernet"))
