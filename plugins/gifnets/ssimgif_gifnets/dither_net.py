"""DitherNet (Yoo et al. 2020): a U-Net that predicts the error to add before the projection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from ssimgif_gifnets import weights
from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.kernels.convolution import add_enlarged
from ssimgif_gifnets.kernels.dithering import dither_inputs, error_levels, project
from ssimgif_gifnets.planes import Convolution, Mixing, blank
from ssimgif_gifnets.projection import Colors

INPUTS = 8
LEVELS = 3
# The network's deepest layer sees blocks of this many pixels.
BLOCK = 1 << LEVELS
# Pictures are worked on in parts of this many pixels, down and across ...
PART = 512
# ... and what lies this far away has no influence on a pixel. Both are multiples of BLOCK.
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
        """Return the last layer's padded plane f32[1, h + 2, w + 2] for `INPUTS` padded planes.

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

    def error(self, pixels: U8, colors: Colors, origin: tuple[int, int] = (0, 0)) -> F32:
        """Return the error image E' f32[h, w], for all channels, in 8-bit levels.

        Parameters
        ----------
        pixels : u8[h, w, 3]
            sRGB.
        colors : Colors
            Two or more.
        origin : tuple of int
            Where the picture begins in a larger one, down and across: the noise stays in place.
        """
        height, width = pixels.shape[:2]
        rows = np.empty((height, width), np.uint8)
        project(pixels.astype(np.float32), colors.sorted, rows)
        planes = blank(INPUTS, *(-(-side // BLOCK) * BLOCK for side in (height, width)))
        offset = np.array(origin, np.int64)
        dither_inputs(pixels, rows, colors.sorted, colors.spacing, self.noise, offset, planes)
        error = np.empty((height, width), np.float32)
        error_levels(self.raw(planes), planes, error)
        return error

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
            for rows, columns in product(*map(_stretches, strength.shape)):
                kept = rows.kept, columns.kept
                if strength[kept].any():
                    seen = np.ascontiguousarray(pixels[rows.seen, columns.seen])
                    error = self.error(seen, colors, (rows.seen.start, columns.seen.start))
                    grain = strength[kept] * error[rows.inner, columns.inner]
                    wanted[kept] += grain[..., None]
        return colors.nearest(wanted)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of a picture's rows or columns: with a margin, without, and where in the first."""

    seen: slice
    kept: slice
    inner: slice


def _stretches(size: int) -> Iterator[_Stretch]:
    for start in range(0, size, PART):
        stop = min(start + PART, size)
        first = max(0, start - REACH)
        yield _Stretch(
            slice(first, min(stop + REACH, size)),
            slice(start, stop),
            slice(start - first, stop - first),
        )


@lru_cache(maxsize=1)
def dither_net() -> DitherNet:
    """Return the network with its trained weights."""
    return DitherNet.of(weights.load("dithernet"))
