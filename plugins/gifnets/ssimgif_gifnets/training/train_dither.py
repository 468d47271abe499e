"""Training of DitherNet with PaletteNet as it is (stage two), and of both (stage three)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.color_bins import color_bins
from ssimgif_gifnets.training.config import DitherSettings
from ssimgif_gifnets.training.features import FeatureLoss
from ssimgif_gifnets.training.losses import banding_density, blurred_error
from ssimgif_gifnets.training.networks.banding_net import BandingNet
from ssimgif_gifnets.training.networks.dither_net import DitherNet
from ssimgif_gifnets.training.networks.palette_net import PaletteNet
from ssimgif_gifnets.training.noise import noise_at
from ssimgif_gifnets.training.photographs import Photograph, recolored
from ssimgif_gifnets.training.projection import (
    colors_at,
    hard_projection,
    nearest_indices,
    spacing,
    straight_through,
)
from ssimgif_gifnets.training.quantized import random_part
from ssimgif_gifnets.training.session import Session, learning_rate_factor
from ssimgif_gifnets.training.strength_costs import StrengthCosts
from ssimgif_gifnets.training.train_palette import Bins, PaletteBatch, palette_error
from ssimgif_gifnets.training.weights import load_network, save_weights

LOG_EVERY = 50
# Where colours are put that a palette does not have, out of reach of any pixel.
NOWHERE = 10.0
# Squared errors of palettes below this, a quarter of a level, are none.
LEAST_ERROR = 1e-6
# How much more banding counts at first, until half of the steps are done. As long as the network
# can't tell places apart, no dither anywhere may cost less than dither everywhere, and a strength
# of 0 everywhere is hard to leave again.
FIRST_BANDING = 2.0


@dataclass(frozen=True)
class Networks:
    """The networks of the chain.

    Attributes
    ----------
    palette : PaletteNet
    dither : DitherNet
    banding : BandingNet
        Only a loss.
    features : FeatureLoss or None
        Only a loss; None when its weight is 0.
    """

    palette: PaletteNet
    dither: DitherNet
    banding: BandingNet
    features: FeatureLoss | None


@dataclass(frozen=True)
class Example:
    """A picture and its colour histogram.

    Attributes
    ----------
    pixels : u8[h, w, 3]
    bins : Bins
        Of the whole picture.
    """

    pixels: U8
    bins: Bins


@dataclass(frozen=True)
class DitherBatch:
    """Parts of pictures, with the histograms of the whole pictures.

    Attributes
    ----------
    image : f32[b, 3, h, w]
        0..1.
    noise : f32[b, 1, h, w]
        -0.5..0.5.
    histograms : PaletteBatch
    """

    image: Tensor
    noise: Tensor
    histograms: PaletteBatch


def train_dither_net(
    joint: bool,
    photographs: Sequence[Photograph],
    held_out: Sequence[Photograph],
    settings: DitherSettings,
    session: Session,
    log_every: int = LOG_EVERY,
) -> None:
    """Train DitherNet, or fine-tune it with PaletteNet, and write the weights.

    The networks that it builds on are read from ``session.out``.
    """
    name = "joint" if joint else "dither"
    random = session.start(name)
    networks = _networks(joint, settings, session)
    trained: list[nn.Module] = [networks.dither, *([networks.palette] if joint else [])]
    for network in (networks.palette, networks.banding):
        network.requires_grad_(network in trained)
    steps = settings.joint_steps if joint else settings.steps
    rate = settings.joint_learning_rate if joint else settings.learning_rate
    parameters = [parameter for network in trained for parameter in network.parameters()]
    optimizer = torch.optim.AdamW(parameters, rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate_factor(step, steps)
    )
    drawn = random.permutation(len(photographs))[: settings.examples]
    examples = [_example(photographs[i], random, settings.augmentation) for i in drawn]
    apart = [_example(photograph, random, 0.0) for photograph in held_out[: settings.held_out]]
    sums: dict[str, float] = {}
    for step in range(1, steps + 1):
        progress = 1.0 if joint else step / steps
        batch = _batch(examples, settings, random, session.device)
        losses = dither_losses(networks, batch, settings, progress)
        optimizer.zero_grad()
        losses["total"].backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        for key, value in losses.items():
            sums[key] = sums.get(key, 0.0) + value.item()
        if step % log_every == 0 or step == steps:
            count = (step - 1) % log_every + 1
            means = {key: value / count for key, value in sums.items()}
            session.log(net=name, step=step, **means)
            sums = {}
            save_weights(networks.dither, session.out / "dithernet.npz")
    session.log(net=name, held_out=_held_out(networks, apart, settings, session))
    save_weights(networks.dither, session.out / "dithernet.npz")
    if joint:
        save_weights(networks.palette, session.out / "palettenet.npz")


def dither_losses(
    networks: Networks, batch: DitherBatch, settings: DitherSettings, progress: float
) -> dict[str, Tensor]:
    """Pass a batch through the chain and weigh the losses of equation 9.

    ``structure`` and ``banding`` are what DitherNet's strength costs (see `StrengthCosts`); the
    other losses look at the picture made, with the straight-through gradient of its projection.

    Parameters
    ----------
    networks : Networks
    batch : DitherBatch
    settings : DitherSettings
    progress : float
        Of the training, 0..1.

    Returns
    -------
    dict of str to f32[]
        Each loss by itself, and their weighted sum as ``total``.
    """
    image, histograms = batch.image, batch.histograms
    palette = networks.palette(
        histograms.bins, histograms.weights, histograms.start, histograms.used
    )
    error_of_palette = palette_error(histograms, palette) + LEAST_ERROR
    error_of_palette = error_of_palette / (
        palette_error(histograms, histograms.start) + LEAST_ERROR
    )
    palette = torch.where(histograms.used[..., None], palette, NOWHERE)
    indices = nearest_indices(image, palette.detach())
    projected = colors_at(palette, indices)
    apart = spacing(palette, indices)
    reach = apart * batch.noise
    strength = networks.dither.strength(image, projected.detach(), batch.noise, apart)
    costs = StrengthCosts.of(
        image,
        lambda wanted: hard_projection(wanted, palette),
        reach,
        lambda shown: banding_density(networks.banding, shown, settings.pyramid_share),
    )
    structure, banding = costs.at(strength)
    error = reach * strength
    fall = settings.last_temperature / settings.first_temperature
    temperature = settings.first_temperature * fall**progress
    scale = apart.square().mean((2, 3)) * temperature
    made = straight_through(image + error, palette, scale[..., None].clamp_min(1e-6))
    typical = (image - projected.detach()).abs().mean((1, 2, 3), keepdim=True) + 1 / 255
    blurry = blurred_error(image, made) / blurred_error(image, projected.detach()).clamp_min(1e-7)
    losses = {
        "palette": error_of_palette.mean(),
        "image": ((image - made).abs() / typical).mean(),
        # The sign is that of equation 9; equation 6 prints the other one.
        "error": ((error - (image - projected.detach())).abs() / typical).mean(),
        "banding": banding.mean(),
        "blurred": blurry,
        "structure": (structure / typical.flatten()).mean(),
    }
    if networks.features is not None:
        losses["perceptual"] = networks.features(image, made)
    weights = {key: getattr(settings, f"{key}_weight") for key in losses}
    weights["banding"] *= max(1.0, FIRST_BANDING + (1 - FIRST_BANDING) * 2 * progress)
    total = sum(
        (weights[key] * value for key, value in losses.items()),
        start=torch.zeros((), device=image.device),
    )
    return {"total": total, **losses}


def _networks(joint: bool, settings: DitherSettings, session: Session) -> Networks:
    palette_net = load_network("palettenet", session.out)
    banding_net = load_network("bandingnet", session.out)
    dither_net = load_network("dithernet", session.out) if joint else DitherNet()
    assert isinstance(palette_net, PaletteNet)
    assert isinstance(banding_net, BandingNet)
    assert isinstance(dither_net, DitherNet)
    features = FeatureLoss() if settings.perceptual_weight > 0 else None
    return Networks(
        palette_net.to(session.device),
        dither_net.to(session.device),
        banding_net.to(session.device),
        features.to(session.device) if features is not None else None,
    )


def _example(photograph: Photograph, random: np.random.Generator, amount: float) -> Example:
    pixels = photograph.pixels()
    if amount > 0:
        pixels = recolored(pixels, random, amount)
    return Example(pixels, color_bins(pixels))


def _batch(
    examples: Sequence[Example],
    settings: DitherSettings,
    random: np.random.Generator,
    device: torch.device,
) -> DitherBatch:
    chosen = [examples[i] for i in random.integers(len(examples), size=settings.batch)]
    size = int(random.choice(np.array(settings.sizes)))
    parts = [random_part(example.pixels, settings.crop, random) for example in chosen]
    return _assembled(parts, [example.bins for example in chosen], size, random, device)


def _assembled(
    parts: Sequence[U8],
    bins: Sequence[Bins],
    size: int,
    random: np.random.Generator,
    device: torch.device,
) -> DitherBatch:
    image = np.stack(parts).astype(np.float32).transpose(0, 3, 1, 2) / np.float32(255)
    noise: list[F32] = [noise_at(part.shape[0], part.shape[1], random)[None] for part in parts]
    return DitherBatch(
        torch.from_numpy(np.ascontiguousarray(image)).to(device),
        torch.from_numpy(np.stack(noise)).to(device),
        PaletteBatch.of(bins, size, device),
    )


@torch.no_grad()
def _held_out(
    networks: Networks, examples: Sequence[Example], settings: DitherSettings, session: Session
) -> dict[str, dict[str, float]]:
    """Return the mean losses by palette size on whole pictures set apart."""
    found = {}
    for size in settings.sizes:
        sums: dict[str, list[float]] = {}
        for number, example in enumerate(examples):
            random = np.random.default_rng(number)
            batch = _assembled([example.pixels], [example.bins], size, random, session.device)
            for key, value in dither_losses(networks, batch, settings, 1.0).items():
                sums.setdefault(key, []).append(value.item())
        found[str(size)] = {key: float(np.mean(values)) for key, values in sums.items()}
    return found
