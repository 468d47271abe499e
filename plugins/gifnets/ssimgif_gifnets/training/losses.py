"""DitherNet's losses (equations 6 to 9)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ssimgif_gifnets.kernels.edges import BOX, FLAT, LARGEST, UNIT
from ssimgif_gifnets.training.networks.banding_net import BandingNet

LUMA = (0.299, 0.587, 0.114)
# Each level of the pyramid is smaller by this factor than the one before (equation 8).
PYRAMID_FACTOR = 1.5
PYRAMID_LEVELS = 4
# Spreads of the blurs after which pictures are compared, in pixels.
BLURS = (1.5, 3.0)
SSIM_SIGMA = 1.5
SSIM_REACH = 5


def luma(image: Tensor) -> Tensor:
    """Return BT.601 luma f32[b, 1, h, w] of f32[b, 3, h, w], in the same unit."""
    return (image * image.new_tensor(LUMA)[:, None, None]).sum(1, keepdim=True)


def banding_inputs(image: Tensor) -> Tensor:
    """Do what `ssimgif_gifnets.banding_inputs` does, differentiably.

    Parameters
    ----------
    image : f32[b, 3, h, w]
        0..1.

    Returns
    -------
    f32[b, 2, h, w]
    """
    plane = luma(image) * 255
    padded = nn.functional.pad(plane, (0, 1, 0, 1), mode="replicate")
    across = padded[..., :-1, 1:] - plane
    down = padded[..., 1:, :-1] - plane
    # A little is added, for a root's slope at 0 is infinite.
    gradient = (across.square() + down.square() + 1e-8).sqrt()
    flat = torch.relu(1 - gradient / FLAT)
    reach = (BOX // 2,) * 4
    share = nn.functional.avg_pool2d(nn.functional.pad(flat, reach, mode="replicate"), BOX, 1)
    edges = (gradient / UNIT).clamp_max(LARGEST) * share.square()
    return torch.cat([plane, edges], 1)


def blurred(image: Tensor, sigma: float, reach: int | None = None) -> Tensor:
    """Blur f32[b, c, h, w] with a Gaussian, leaving out ``reach`` pixels at each border."""
    reach = math.ceil(2.5 * sigma) if reach is None else reach
    at = torch.arange(-reach, reach + 1, dtype=image.dtype, device=image.device)
    kernel = torch.exp(-(at**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    channels = image.shape[1]
    rows = kernel.view(1, 1, 1, -1).expand(channels, 1, 1, -1)
    columns = kernel.view(1, 1, -1, 1).expand(channels, 1, -1, 1)
    image = nn.functional.conv2d(image, rows, groups=channels)
    return nn.functional.conv2d(image, columns, groups=channels)


def dissimilarity(first: Tensor, second: Tensor) -> Tensor:
    """Return 1 - SSIM of two f32[b, 3, h, w], 0..1, on luma (Wang et al. 2004) around each pixel.

    Returns
    -------
    f32[b, 1, h - 2 SSIM_REACH, w - 2 SSIM_REACH]
        0..2; pixels nearer than `SSIM_REACH` to a border are left out.
    """
    x, y = luma(first), luma(second)
    stacked = torch.cat([x, y, x * x, y * y, x * y], 1)
    means = blurred(stacked, SSIM_SIGMA, SSIM_REACH)
    mx, my, mxx, myy, mxy = means.split(1, dim=1)
    c1, c2 = 0.01**2, 0.03**2
    above = (2 * mx * my + c1) * (2 * (mxy - mx * my) + c2)
    below = (mx * mx + my * my + c1) * (mxx - mx * mx + myy - my * my + c2)
    return 1 - above / below


def blurred_error(first: Tensor, second: Tensor) -> Tensor:
    """Return the mean squared difference after the blurs of `BLURS`, as seen from far away."""
    parts = [blurred(first - second, sigma).square().mean() for sigma in BLURS]
    return torch.stack(parts).mean()


def pyramid_level(image: Tensor, factor: float) -> Tensor:
    """Smooth, scale down and scale up again (equation 7); the size stays."""
    height, width = image.shape[2:]
    smaller = (max(1, round(height / factor)), max(1, round(width / factor)))
    small = nn.functional.interpolate(
        image, smaller, mode="bilinear", align_corners=False, antialias=True
    )
    return nn.functional.interpolate(small, (height, width), mode="bilinear", align_corners=False)


def banding_density(network: BandingNet, image: Tensor, pyramid_share: float) -> Tensor:
    """Return BandingNet's density of pictures and of their pyramids (equation 8).

    Parameters
    ----------
    network : BandingNet
    image : f32[b, 3, h, w]
        0..1.
    pyramid_share : float
        How much of it is the pyramid's; the paper uses the pyramid alone (1).

    Returns
    -------
    f32[b, 1, h / CELL, w / CELL]
        Rounded up, >= 0. A picture's score is 1 - exp(-mean).
    """
    density = (1 - pyramid_share) * network.density(banding_inputs(image))
    for level in range(1, PYRAMID_LEVELS + 1):
        scaled = pyramid_level(image, PYRAMID_FACTOR**level)
        part = network.density(banding_inputs(scaled))
        density = density + pyramid_share / PYRAMID_LEVELS * part
    return density[:, None]
