"""PaletteNet (Yoo et al. 2020): a palette from a picture's colours, without iteration to the end.

The colours are bins of a histogram; the palette starts with the means of boxes of little variance,
and is moved by a few learned steps of attention to the bins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ssimgif_gifnets import weights
from ssimgif_gifnets.arrays import F32
from ssimgif_gifnets.kernels.attention import gather, nearest_other, weigh_colors
from ssimgif_gifnets.planes import Mixing

# Squared distances, in units of the picture's scale, that stand for all beyond them.
FARTHEST_MOVE = 4.0
APART = (1e-3, 1e3)
# The scale of a picture that has hardly more colours than the palette.
LEAST_SCALE = 1 / 512
LEAST_MASS = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Layers:
    """Two linear layers with a ReLU between."""

    first: Mixing
    second: Mixing

    @classmethod
    def of(cls, arrays: Mapping[str, F32], name: str) -> _Layers:
        return cls(Mixing.of(arrays, f"{name}.0", True), Mixing.of(arrays, f"{name}.2", False))

    def __call__(self, planes: F32) -> F32:
        return self.second(self.first(planes))


@dataclass(frozen=True, slots=True, eq=False)
class PaletteNet:
    """The learned steps.

    Attributes
    ----------
    first : layers
        From the palette's size to each colour's first state.
    steps : tuple of layers
        From what a colour has gathered to how it moves.
    """

    first: _Layers
    steps: tuple[_Layers, ...]

    @classmethod
    def of(cls, arrays: Mapping[str, F32]) -> PaletteNet:
        """Build the network from its arrays."""
        count = sum(name.endswith("update.0.weight") for name in arrays)
        return cls(
            _Layers.of(arrays, "first"),
            tuple(_Layers.of(arrays, f"steps.{i}.update") for i in range(count)),
        )

    def palette(self, bins: F32, shares: F32, start: F32) -> F32:
        """Return the palette.

        Parameters
        ----------
        bins : f32[n, 3]
            Colours, sRGB 0..1.
        shares : f32[n]
            Their weights; they sum to 1.
        start : f32[k, 3]
            The palette to begin with, 0..1.

        Returns
        -------
        f32[k, 3]
            0..1.
        """
        count = len(start)
        scale = _scale(bins, shares, start)
        points = np.ascontiguousarray((bins / scale).T)
        palette = np.ascontiguousarray((start / scale).T)
        size = np.full((1, count), np.log2(count) / 8, np.float32)
        first = self.first(size)
        head, state = first[:2], first[2:]
        for step in self.steps:
            gathered = _Gathered.of(points, shares, palette, head)
            out = step(np.vstack([gathered.features(size), state]))
            palette = gathered.moved(palette, out[:3])
            head, state = head + out[3:5], state + out[5:]
        clipped: F32 = np.clip(palette.T * scale, 0, 1)
        return clipped


@dataclass(frozen=True, slots=True, eq=False)
class _Gathered:
    """What colours gather of bins.

    Attributes
    ----------
    own, soft, far : f32[5, k]
        Sums, see `ssimgif_gifnets.kernels.attention.gather`.
    steps : tuple of f32[3, k]
        From the palette to their means; to the latter two no farther than half the way to the
        next colour.
    apart : f32[k]
        Squared distance of each colour to the nearest other one.
    """

    own: F32
    soft: F32
    far: F32
    steps: tuple[F32, F32, F32]
    apart: F32

    @classmethod
    def of(cls, points: F32, shares: F32, palette: F32, head: F32) -> _Gathered:
        """Let each colour of planes f32[3, k] gather bins f32[3, n], by its sharpness and bias."""
        total, count = points.shape[1], palette.shape[1]
        weighed = np.empty((total, count), np.float32)
        least, nearest = np.empty(total, np.float32), np.empty(total, np.int32)
        sharpness = np.logaddexp(head[0], np.float32(0), dtype=np.float32)
        weigh_colors(points, palette, sharpness, head[1], weighed, least, nearest)
        np.exp(weighed, out=weighed)
        own, soft, far = np.empty((3, 5, count), np.float32)
        gather(weighed, points, shares, least, nearest, own, soft, far)
        apart = np.empty(count, np.float32)
        nearest_other(palette, apart)
        steps = (
            _means(own) - palette,
            _shortened(_means(soft) - palette, apart / np.float32(4)),
            _shortened(_means(far) - palette, apart / np.float32(4)),
        )
        return cls(own, soft, far, steps, apart)

    def features(self, size: F32) -> F32:
        """Return what the learned layers are told of each colour, f32[9, k]."""
        mass = _mass(self.own)
        return np.stack(
            [
                _logarithm(mass * np.float32(len(mass))),
                _logarithm(_mass(self.soft) / mass),
                _logarithm(self.own[4] / mass),
                _logarithm(_mass(self.far) / mass),
                *(np.minimum(_squares(step), FARTHEST_MOVE) for step in self.steps),
                np.log(np.clip(self.apart, *APART)) / 2,
                size[0],
            ],
            dtype=np.float32,
        )

    def moved(self, palette: F32, gates: F32) -> F32:
        """Return the palette f32[3, k], moved by shares f32[3, k] of the three steps."""
        own, soft, far = self.steps
        moved = palette + (1 + gates[0]) * own
        return np.ascontiguousarray(moved + gates[1] * soft + gates[2] * far)


def _means(sums: F32) -> F32:
    return np.asarray(sums[:3] / _mass(sums), np.float32)


def _shortened(steps: F32, longest: F32) -> F32:
    """Return steps f32[3, k] with squared lengths of at most f32[k]."""
    squares = np.maximum(_squares(steps), np.float32(1e-9))
    return np.asarray(steps * np.sqrt(np.clip(longest / squares, 1e-6, 1)), np.float32)


def _mass(sums: F32) -> F32:
    return np.asarray(np.maximum(sums[3], np.float32(LEAST_MASS)), np.float32)


def _logarithm(values: F32) -> F32:
    return np.asarray(np.log(values + np.float32(1e-3)) / 2, np.float32)


def _squares(planes: F32) -> F32:
    return np.asarray(np.square(planes).sum(axis=0), np.float32)


def _scale(bins: F32, shares: F32, palette: F32) -> np.float32:
    """Return the root of the mean squared distance to the nearest colour, the unit of length."""
    count = palette.shape[0]
    least, nearest = np.empty(len(bins), np.float32), np.empty(len(bins), np.int32)
    zero = np.zeros(count, np.float32)
    weigh_colors(
        np.ascontiguousarray(bins.T),
        np.ascontiguousarray(palette.T),
        zero,
        zero,
        np.empty((len(bins), count), np.float32),
        least,
        nearest,
    )
    error = float(least.astype(np.float64) @ shares)
    return np.float32(max(LEAST_SCALE, error**0.5))


@lru_cache(maxsize=1)
def palette_net() -> PaletteNet:
    """Return the network with its trained weights."""
    return PaletteNet.of(weights.load("palettenet"))
