"""Layers on planes with a ring of zeros around each: f32[channels, h + 2, w + 2]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ssimgif_gifnets.arrays import F32
from ssimgif_gifnets.kernels.convolution import GROUP, convolve, mix


def blank(channels: int, height: int, width: int) -> F32:
    """Return padded planes of zeros for pictures of this size."""
    return np.zeros((channels, height + 2, width + 2), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """A 3 x 3 convolution, padded by zeros.

    Attributes
    ----------
    weights : f32[groups, c, 3, 3, GROUP]
        See `ssimgif_gifnets.kernels.convolution.convolve`.
    bias : f32[groups * GROUP]
    channels : int
        Of the output.
    step : int
        1, or 2 for every other pixel.
    rectify : bool
        Whether negative outputs become 0 (ReLU).
    """

    weights: F32
    bias: F32
    channels: int
    step: int
    rectify: bool

    @classmethod
    def of(
        cls, arrays: Mapping[str, F32], name: str, step: int = 1, rectify: bool = True
    ) -> Convolution:
        """Take ``name.weight`` f32[k, c, 3, 3] and ``name.bias`` f32[k] from a network's arrays."""
        weight, bias = arrays[f"{name}.weight"], arrays[f"{name}.bias"]
        return cls(_grouped(weight), _whole_groups(bias), len(bias), step, rectify)

    def __call__(self, planes: F32) -> F32:
        """Return padded planes; with step 2 half as high and wide, rounded up."""
        height, width = planes.shape[1] - 2, planes.shape[2] - 2
        out = blank(self.channels, -(-height // self.step), -(-width // self.step))
        if self.step == 1:
            phases = planes[None]
        else:
            phases = np.zeros((4, len(planes), out.shape[1] - 1, out.shape[2]), np.float32)
            for phase, (top, left) in zip(phases, ((0, 0), (0, 1), (1, 0), (1, 1)), strict=True):
                pixels = planes[:, top::2, left::2]
                phase[:, : pixels.shape[1], : pixels.shape[2]] = pixels
        convolve(phases, self.step, self.weights, self.bias, self.rectify, out)
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Mixing:
    """A 1 x 1 convolution, or a linear layer with its inputs as planes.

    Attributes
    ----------
    weights : f32[groups, c, GROUP]
    bias : f32[groups * GROUP]
    channels : int
        Of the output.
    rectify : bool
    """

    weights: F32
    bias: F32
    channels: int
    rectify: bool

    @classmethod
    def of(cls, arrays: Mapping[str, F32], name: str, rectify: bool) -> Mixing:
        """Take ``name.weight`` f32[k, c] or f32[k, c, 1, 1] and ``name.bias`` f32[k]."""
        weight, bias = arrays[f"{name}.weight"], arrays[f"{name}.bias"]
        flat = weight.reshape(weight.shape[:2])
        return cls(_grouped(flat), _whole_groups(bias), len(bias), rectify)

    def __call__(self, planes: F32) -> F32:
        """Return planes of the same shape, f32[channels, ...]; the ring of padded ones is not 0."""
        flat = planes.reshape(len(planes), -1)
        out = np.empty((self.channels, flat.shape[1]), np.float32)
        mix(flat, self.weights, self.bias, self.rectify, out)
        return out.reshape(self.channels, *planes.shape[1:])


def _grouped(weights: F32) -> F32:
    """Bring f32[k, c, ...] into f32[groups, c, ..., GROUP], with zeros for missing planes."""
    whole = _whole_groups(weights)
    split = whole.reshape(-1, GROUP, *weights.shape[1:])
    return np.ascontiguousarray(np.moveaxis(split, 1, -1))


def _whole_groups(values: F32) -> F32:
    whole = np.zeros((-(-len(values) // GROUP) * GROUP, *values.shape[1:]), np.float32)
    whole[: len(values)] = values
    return whole
