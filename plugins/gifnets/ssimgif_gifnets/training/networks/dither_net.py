"""DitherNet: an error image that hides banding once it is added and projected."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ssimgif_gifnets.training.networks.banding_net import start_convolutions

CHANNELS = (16, 24, 32, 48)
INPUTS = 8
# Share of the palette's spacing that the noise spans before training.
FIRST_STRENGTH = 0.5


class DitherNet(nn.Module):
    """A U-Net from a picture, its hard projection, noise and colour spacing to an error image.

    Skips are added, not joined, which keeps the layers at full size narrow. A convolution can't
    break the symmetry of a flat area by itself; the blue-noise tile does it for it. What is
    learned is how strong the noise is at each pixel; before training, it spans `FIRST_STRENGTH` of
    the palette's spacing.
    """

    def __init__(self) -> None:
        super().__init__()
        full, half, quarter, eighth = CHANNELS
        self.enter = nn.Conv2d(INPUTS, full, 3, 1, 1)
        self.down = nn.ModuleList(
            [
                nn.Conv2d(full, half, 3, 2, 1),
                nn.Conv2d(half, quarter, 3, 2, 1),
                nn.Conv2d(quarter, eighth, 3, 2, 1),
            ]
        )
        self.middle = nn.Conv2d(eighth, eighth, 3, 1, 1)
        self.narrow = nn.ModuleList(
            [
                nn.Conv2d(eighth, quarter, 1),
                nn.Conv2d(quarter, half, 1),
                nn.Conv2d(half, full, 1),
            ]
        )
        self.up = nn.ModuleList(
            [
                nn.Conv2d(quarter, quarter, 3, 1, 1),
                nn.Conv2d(half, half, 3, 1, 1),
                nn.Conv2d(full, full, 3, 1, 1),
            ]
        )
        self.leave = nn.Conv2d(full, 1, 3, 1, 1)
        start_convolutions(self)
        nn.init.zeros_(self.leave.weight)
        assert self.leave.bias is not None
        nn.init.constant_(self.leave.bias, math.log(FIRST_STRENGTH / (1 - FIRST_STRENGTH)))

    def forward(self, image: Tensor, projected: Tensor, noise: Tensor, spacing: Tensor) -> Tensor:
        """Return the error image E' f32[b, 1, h, w], for all channels, in units of 1 = 255 levels.

        Parameters
        ----------
        image, projected, noise, spacing :
            As for `strength`.
        """
        return spacing * noise * self.strength(image, projected, noise, spacing)

    def strength(self, image: Tensor, projected: Tensor, noise: Tensor, spacing: Tensor) -> Tensor:
        """Return the strength of the noise f32[b, 1, h, w], 0..1.

        Parameters
        ----------
        image, projected : f32[b, 3, h, w]
            I and I', sRGB, 0..1. The height and width are multiples of 8.
        noise : f32[b, 1, h, w]
            Blue noise, -0.5..0.5.
        spacing : f32[b, 1, h, w]
            Distance from the palette colour of each pixel to the nearest other one, 0..1.73.
        """
        # Of the spacing, so that a contour looks alike in palettes of all sizes.
        away = 2 * (image - projected) / spacing.clamp_min(1 / 255)
        x = torch.cat([image - 0.5, away, 2 * noise, 8 * spacing], 1)
        x = torch.relu(self.enter(x))
        skips = []
        for conv in self.down:
            skips.append(x)
            x = torch.relu(conv(x))
        x = torch.relu(self.middle(x))
        for narrow, up in zip(self.narrow, self.up, strict=True):
            x = nn.functional.interpolate(narrow(x), scale_factor=2, mode="nearest")
            x = torch.relu(up(x + skips.pop()))
        return torch.sigmoid(self.leave(x))
