"""Projection of colours onto a palette: soft with a temperature, and hard."""

from __future__ import annotations

import torch
from torch import Tensor

from ssimgif_gifnets.training.networks.palette_net import squared_distances

# Colours of a pixel that the straight-through projection mixes for its gradient.
NEAREST = 6


def soft_projection(image: Tensor, palette: Tensor, temperature: float) -> Tensor:
    """Mix the palette's colours by their nearness to each pixel (equation 3).

    Parameters
    ----------
    image : f32[b, 3, h, w]
        0..1.
    palette : f32[b, k, 3]
        0..1.
    temperature : float
        Greater than 0, in squared colour units: the weights are a softmax of -distance^2 / T.
        (The paper prints the sign the other way round; near colours must count more.)

    Returns
    -------
    f32[b, 3, h, w]
    """
    pixels = image.flatten(2).transpose(1, 2)
    weights = torch.softmax(-squared_distances(pixels, palette) / temperature, dim=2)
    return (weights @ palette).transpose(1, 2).reshape(image.shape)


def nearest_indices(image: Tensor, palette: Tensor) -> Tensor:
    """Return i64[b, h, w], the nearest colour of each pixel (equation 1)."""
    pixels = image.flatten(2).transpose(1, 2)
    # |x|^2 is the same for all colours of a pixel.
    score = palette.square().sum(2)[:, None] - 2 * pixels @ palette.transpose(1, 2)
    return score.argmin(2).reshape(image.shape[0], *image.shape[2:])


def colors_at(palette: Tensor, indices: Tensor) -> Tensor:
    """Return the picture f32[b, 3, h, w] of palettes f32[b, k, 3] and indices i64[b, h, w]."""
    flat = indices.flatten(1)[..., None].expand(-1, -1, 3)
    return palette.gather(1, flat).transpose(1, 2).reshape(len(palette), 3, *indices.shape[1:])


def hard_projection(image: Tensor, palette: Tensor) -> Tensor:
    """Return the nearest colours, differentiable by the palette only (equation 1)."""
    return colors_at(palette, nearest_indices(image.detach(), palette.detach()))


def straight_through(image: Tensor, palette: Tensor, temperature: float | Tensor) -> Tensor:
    """Return the hard projection's values with the soft projection's gradients.

    Only the `NEAREST` colours of each pixel take part in the soft projection; the others' share
    is next to nothing at temperatures below the squared spacing of the palette. The temperature
    may differ by picture, f32[b, 1, 1].
    """
    pixels = image.flatten(2).transpose(1, 2)
    count = min(NEAREST, palette.shape[1])
    with torch.no_grad():
        score = palette.square().sum(2)[:, None] - 2 * pixels @ palette.transpose(1, 2)
        nearest = score.topk(count, dim=2, largest=False).indices
    rows = torch.arange(len(palette), device=palette.device)[:, None, None]
    colors = palette[rows, nearest]
    distance = (colors - pixels[:, :, None]).square().sum(3)
    weights = torch.softmax(-distance / temperature, dim=2)
    soft = (weights[..., None] * colors).sum(2)
    out = soft + (colors[:, :, 0] - soft).detach()
    return out.transpose(1, 2).reshape(image.shape)


def spacing(palette: Tensor, indices: Tensor) -> Tensor:
    """Return f32[b, 1, h, w], how far each pixel's palette colour is from the nearest other one."""
    distance = torch.cdist(palette.detach(), palette.detach())
    same = torch.eye(palette.shape[1], dtype=torch.bool, device=palette.device)
    nearest = distance.masked_fill(same, torch.inf).amin(2).clamp_max(3**0.5)
    return nearest.gather(1, indices.flatten(1)).reshape(len(palette), 1, *indices.shape[1:])
