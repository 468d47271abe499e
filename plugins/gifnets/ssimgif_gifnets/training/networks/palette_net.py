"""PaletteNet: a palette from a picture's colour histogram, in one pass."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

STEPS = 3
STATE = 16
HIDDEN = 32
# What a token knows of itself at each step; see `PaletteStep.forward`.
FEATURES = 9
# Sharpness of the assignment that training starts from.
FIRST_SHARPNESS = 5.0
# Squared distances, in units of the picture's scale: of a colour that is not there, and one that
# is too small to matter.
FAR = 1e9
LEAST_SQUARE = 0.01


class PaletteStep(nn.Module):
    """One step of attention: tokens (palette colours) look at bins, then move.

    A bin belongs to its nearest token and is, besides, shared out among all tokens by a softmax of
    squared distances, measured by that of the nearest token. Each token gathers three means: of
    the bins that are its own, of its shares, and of its shares weighted by how far off the
    palette is there. Without the learned gates this would be one step of k-means; learned are
    the sharpness of the shares and how far a token goes towards each mean; towards the latter two
    no farther than half the way to the next token.
    """

    def __init__(self) -> None:
        super().__init__()
        self.update = nn.Sequential(
            nn.Linear(FEATURES + STATE, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, STATE + 5)
        )
        last = self.update[2]
        assert isinstance(last, nn.Linear)
        nn.init.normal_(last.weight, std=0.002)
        nn.init.zeros_(last.bias)

    def forward(
        self,
        bins: Tensor,
        weights: Tensor,
        palette: Tensor,
        used: Tensor,
        state: Tensor,
        head: Tensor,
        size: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Move the palette once.

        Parameters
        ----------
        bins : f32[b, n, 3]
            Colours in units of the picture's scale, see `PaletteNet`.
        weights : f32[b, n]
            Sum to 1; 0 where a row has fewer bins.
        palette : f32[b, k, 3]
            In the same units.
        used : bool[b, k]
            False where a row has fewer colours.
        state : f32[b, k, STATE]
        head : f32[b, k, 2]
            Sharpness (before softplus) and bias of each token.
        size : f32[b, 1]
            log2(k) / 8.

        Returns
        -------
        palette, state, head
            As given, after the step.
        """
        distance = squared_distances(bins, palette).masked_fill(~used[:, None], FAR)
        least, nearest = distance.detach().min(2, keepdim=True)
        sharpness = nn.functional.softplus(head[..., 0])
        logits = head[:, None, :, 1] - sharpness[:, None] * distance / (least + LEAST_SQUARE)
        share = torch.softmax(logits, dim=2) * weights[..., None]
        own = torch.zeros_like(share).scatter_(2, nearest, weights[..., None])
        mean, mass = pooled_means(own, bins)
        soft_mean, soft_mass = pooled_means(share, bins)
        far_mean, far_mass = pooled_means(share * least, bins)
        apart = nearest_other(palette, used)
        step = mean - palette
        soft_step = shortened(soft_mean - palette, apart / 4)
        far_step = shortened(far_mean - palette, apart / 4)
        features = torch.stack(
            [
                torch.log(mass * used.sum(1, keepdim=True) + 1e-3) / 2,
                torch.log(soft_mass / mass + 1e-3) / 2,
                torch.log((own * least).sum(1) / mass + 1e-3) / 2,
                torch.log(far_mass / mass + 1e-3) / 2,
                step.square().sum(2).clamp_max(4.0),
                soft_step.square().sum(2).clamp_max(4.0),
                far_step.square().sum(2).clamp_max(4.0),
                torch.log(apart.clamp(1e-3, 1e3)) / 2,
                size.expand_as(mass),
            ],
            dim=2,
        )
        out = self.update(torch.cat([features, state], 2))
        palette = palette + (1 + out[..., 0:1]) * step
        palette = palette + out[..., 1:2] * soft_step + out[..., 2:3] * far_step
        return palette, state + out[..., 5:], head + out[..., 3:5]


class PaletteNet(nn.Module):
    """Predicts a palette of any size from weighted colours.

    The start is a palette by boxes of least variance. Distances are measured in units of the
    picture's scale, the root of the start's weighted squared error, so that all sizes and
    pictures look alike to the steps.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(1, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, STATE + 2))
        last = self.first[2]
        assert isinstance(last, nn.Linear)
        nn.init.normal_(last.weight, std=0.02)
        nn.init.zeros_(last.bias)
        with torch.no_grad():
            last.bias[0] = math.log(math.expm1(FIRST_SHARPNESS))
        self.steps = nn.ModuleList(PaletteStep() for _ in range(STEPS))

    def forward(self, bins: Tensor, weights: Tensor, start: Tensor, used: Tensor) -> Tensor:
        """Return palettes f32[b, k, 3], 0..1.

        Parameters
        ----------
        bins : f32[b, n, 3]
            sRGB, 0..1.
        weights : f32[b, n]
            Sum to 1; 0 where a row has fewer bins.
        start : f32[b, k, 3]
            sRGB, 0..1.
        used : bool[b, k]
            False where a row has fewer colours.
        """
        scale = picture_scale(bins, weights, start, used)[:, None, None]
        size = torch.log2(used.sum(1, keepdim=True).to(bins.dtype)) / 8
        first = self.first(size)[:, None].expand(-1, start.shape[1], -1)
        head, state = first[..., :2], first[..., 2:]
        bins, palette = bins / scale, start / scale
        for step in self.steps:
            palette, state, head = step(bins, weights, palette, used, state, head, size)
        return (palette * scale).clamp(0, 1)


def squared_distances(points: Tensor, palette: Tensor) -> Tensor:
    """Return f32[b, n, k], the squared distances of f32[b, n, 3] to f32[b, k, 3]."""
    cross = points @ palette.transpose(1, 2)
    squares = points.square().sum(2)[..., None] + palette.square().sum(2)[:, None]
    return (squares - 2 * cross).clamp_min(0)


def shortened(steps: Tensor, longest: Tensor) -> Tensor:
    """Return steps f32[b, k, 3] with squared lengths of at most f32[b, k]."""
    squares = steps.square().sum(2).clamp_min(1e-9)
    return steps * (longest / squares).clamp(1e-6, 1.0).sqrt()[..., None]


def pooled_means(share: Tensor, bins: Tensor) -> tuple[Tensor, Tensor]:
    """Return the means f32[b, k, 3] of bins f32[b, n, 3] by shares f32[b, n, k], and their sums.

    The mean of nothing is 0, and its sum f32[b, k] at least 1e-9.
    """
    mass = share.sum(1).clamp_min(1e-9)
    return share.transpose(1, 2) @ bins / mass[..., None], mass


def nearest_other(palette: Tensor, used: Tensor) -> Tensor:
    """Return f32[b, k], each colour's squared distance to the nearest other one."""
    distance = squared_distances(palette, palette)
    same = torch.eye(palette.shape[1], dtype=torch.bool, device=palette.device)
    return distance.masked_fill(same | ~used[:, None], FAR).amin(2)


def picture_scale(bins: Tensor, weights: Tensor, palette: Tensor, used: Tensor) -> Tensor:
    """Return f32[b], the root of the weighted squared distance to the nearest colour, 0..1."""
    distance = squared_distances(bins, palette).masked_fill(~used[:, None], FAR)
    return (distance.amin(2) * weights).sum(1).clamp_min(1e-8).sqrt().clamp_min(1 / 512)
