"""BandingNet: how much banding a picture shows, as a differentiable score."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Means and spreads of the two inputs over the training pictures, fixed: Y in 0..255, E as made.
CENTER = (120.0, 0.0)
SPREAD = (60.0, 1.0)
# Side of the pixels' square that a cell of the density map stands for.
CELL = 16


def start_convolutions(network: nn.Module) -> None:
    """Draw weights that keep the spread of activations from layer to layer (He et al. 2015)."""
    for part in network.modules():
        if isinstance(part, nn.Conv2d) and part.bias is not None:
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            nn.init.zeros_(part.bias)


class BandingNet(nn.Module):
    """Maps banding inputs [Y, E] to a map of banding density and a score.

    The metric it learns sums visible false edges over the picture and saturates, so the net ends
    the same way: a density >= 0 at 1/16 of the size, and 1 - exp(-mean density) for the score.

    Parameters
    ----------
    channels : int
        2, or 1 to learn without the edge map (for comparison only).
    """

    def __init__(self, channels: int = 2) -> None:
        super().__init__()
        self.channels = channels
        self.convs = nn.ModuleList(
            [
                nn.Conv2d(channels, 16, 3, 2, 1),
                nn.Conv2d(16, 24, 3, 2, 1),
                nn.Conv2d(24, 32, 3, 2, 1),
                nn.Conv2d(32, 48, 3, 2, 1),
                nn.Conv2d(48, 64, 3, 1, 1),
            ]
        )
        self.head = nn.ModuleList([nn.Conv2d(64, 32, 1), nn.Conv2d(32, 1, 1)])
        start_convolutions(self)

    def density(self, inputs: Tensor) -> Tensor:
        """Return f32[b, h / 16, w / 16] (rounded up), >= 0, for inputs f32[b, 2, h, w]."""
        center = inputs.new_tensor(CENTER)[:, None, None]
        spread = inputs.new_tensor(SPREAD)[:, None, None]
        x = ((inputs - center) / spread)[:, : self.channels]
        for conv in self.convs:
            x = torch.relu(conv(x))
        x = torch.relu(self.head[0](x))
        return nn.functional.softplus(self.head[1](x))[:, 0]

    def forward(self, inputs: Tensor) -> Tensor:
        """Return scores f32[b], 0..1, for inputs f32[b, 2, h, w]; see `banding_inputs`."""
        return score_of(self.density(inputs))


def score_of(density: Tensor) -> Tensor:
    """Return scores f32[b], 0..1, of density maps f32[b, h, w]."""
    return 1 - torch.exp(-density.mean((1, 2)))
