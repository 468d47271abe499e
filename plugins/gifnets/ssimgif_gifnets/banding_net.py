"""BandingNet (Yoo et al. 2020): how plain the false contours of a picture are to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ssimgif_gifnets import weights
from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.banding_inputs import banding_inputs
from ssimgif_gifnets.planes import Convolution, Mixing, blank

# Means and spreads of luma and the edge map that the network was trained with.
CENTER = (120.0, 0.0)
SPREAD = (60.0, 1.0)
STEPS = (2, 2, 2, 2, 1)
# Width and height of the pixels that a cell of the density map stands for.
CELL = 16


@dataclass(frozen=True, slots=True, eq=False)
class BandingNet:
    """Five convolutions and a head that make a map of banding density.

    Attributes
    ----------
    convolutions : tuple of Convolution
    head : tuple of Mixing
    """

    convolutions: tuple[Convolution, ...]
    head: tuple[Mixing, ...]

    @classmethod
    def of(cls, arrays: Mapping[str, F32]) -> BandingNet:
        """Build the network from its arrays."""
        return cls(
            tuple(Convolution.of(arrays, f"convs.{i}", step) for i, step in enumerate(STEPS)),
            (Mixing.of(arrays, "head.0", True), Mixing.of(arrays, "head.1", False)),
        )

    def density(self, pixels: U8) -> F32:
        """Return the banding density f32[h / 16, w / 16] (rounded up), 0 or more.

        Parameters
        ----------
        pixels : u8[h, w, 3]
            sRGB.
        """
        planes = blank(2, *pixels.shape[:2])
        center, spread = np.array([CENTER, SPREAD], np.float32)[:, :, None, None]
        planes[:, 1:-1, 1:-1] = (banding_inputs(pixels) - center) / spread
        for convolution in self.convolutions:
            planes = convolution(planes)
        planes = np.ascontiguousarray(planes[:, 1:-1, 1:-1])
        for mixing in self.head:
            planes = mixing(planes)
        density: F32 = np.logaddexp(planes[0], np.float32(0), dtype=np.float32)
        return density

    def score(self, pixels: U8) -> float:
        """Return the banding score of a picture u8[h, w, 3]: 0 (none) to 1."""
        return float(-np.expm1(-self.density(pixels).mean(dtype=np.float64)))


@lru_cache(maxsize=1)
def banding_net() -> BandingNet:
    """Return the network with its trained weights."""
    return BandingNet.of(weights.load("bandingnet"))
