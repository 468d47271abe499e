"""Training of BandingNet on the banding metric (stage one)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ssimgif_gifnets.arrays import U8
from ssimgif_gifnets.banding_inputs import banding_inputs
from ssimgif_gifnets.banding_metric import banding_score
from ssimgif_gifnets.training.config import BandingSettings
from ssimgif_gifnets.training.networks.banding_net import BandingNet
from ssimgif_gifnets.training.noise import noise_at
from ssimgif_gifnets.training.photographs import Photograph, recolored
from ssimgif_gifnets.training.quantizers import (
    floyd_steinberg,
    least_variance,
    median_cut,
    nearest,
    noise_dither,
)
from ssimgif_gifnets.training.session import Session, learning_rate_factor

LOG_EVERY = 500
SIZES = (8, 256)
UNCHANGED_SHARE = 0.05
UNDITHERED_SHARE = 0.6


@dataclass(frozen=True)
class Example:
    """A picture to score.

    Attributes
    ----------
    pixels : u8[h, w, 3]
    diffused : bool
        Whether it has Floyd-Steinberg dither.
    """

    pixels: U8
    diffused: bool


def quantized_example(pixels: U8, random: np.random.Generator) -> Example:
    """Reduce a picture to 8..256 colours by some palette and some dither, or seldom not at all."""
    if random.random() < UNCHANGED_SHARE:
        return Example(pixels, False)
    size = int(2 ** random.uniform(*np.log2(SIZES)))
    palette = (median_cut if random.random() < 0.5 else least_variance)(pixels, size)
    kind = random.random()
    if kind < UNDITHERED_SHARE:
        indices = nearest(pixels, palette)
    elif kind < (1 + UNDITHERED_SHARE) / 2:
        indices = floyd_steinberg(pixels, palette)
    else:
        noise = noise_at(*pixels.shape[:2], random)
        indices = noise_dither(pixels, palette, noise, random.uniform(0.1, 1.2))
    diffused = UNDITHERED_SHARE <= kind < (1 + UNDITHERED_SHARE) / 2
    return Example(palette[indices], diffused)


def train_banding_net(
    photographs: Sequence[Photograph],
    held_out: Sequence[Photograph],
    settings: BandingSettings,
    session: Session,
    channels: int = 2,
) -> BandingNet:
    """Distil the banding metric into a network.

    Parameters
    ----------
    channels : int
        1 leaves out the edge map, to see what it is worth.
    """
    random = session.start("banding")
    network = BandingNet(channels).to(session.device)
    examples = [
        quantized_example(recolored(photograph.pixels(), random, settings.augmentation), random)
        for photograph in photographs
    ]
    apart = [quantized_example(photograph.pixels(), random) for photograph in held_out]
    optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate_factor(step, settings.steps)
    )
    total = 0.0
    for step in range(1, settings.steps + 1):
        chosen = [examples[i] for i in random.integers(len(examples), size=settings.batch)]
        inputs, scores = _batch(chosen, settings, random, session.device)
        found = network(inputs)
        loss = torch.nn.functional.huber_loss(found, scores, delta=settings.huber)
        optimizer.zero_grad()
        (loss / settings.huber).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += (found.detach() - scores).abs().mean().item()
        if step % LOG_EVERY == 0 or step == settings.steps:
            count = (step - 1) % LOG_EVERY + 1
            session.log(
                net=f"banding {channels}",
                step=step,
                difference=total / count,
                held_out=mean_difference(network, apart),
            )
            total = 0.0
    return network


@torch.no_grad()
def mean_difference(network: BandingNet, examples: Sequence[Example]) -> float:
    """Return the mean absolute difference of the network's scores from the metric's."""
    device = next(network.parameters()).device
    differences = [
        abs(
            network(torch.from_numpy(banding_inputs(example.pixels))[None].to(device)).item()
            - banding_score(example.pixels)
        )
        for example in examples
    ]
    return float(np.mean(differences)) if differences else 0.0


def _batch(
    examples: Sequence[Example],
    settings: BandingSettings,
    random: np.random.Generator,
    device: torch.device,
) -> tuple[Tensor, Tensor]:
    """Cut parts of examples, turn them, and score them: f32[b, 2, crop, crop] and f32[b]."""
    inputs, scores = [], []
    for example in examples:
        part = random_part(example.pixels, settings.crop, random)
        inputs.append(torch.from_numpy(banding_inputs(part)))
        discount = settings.dithered_discount if example.diffused else 1.0
        scores.append(banding_score(part) * discount)
    return torch.stack(inputs).to(device), torch.tensor(scores, device=device)


def random_part(pixels: U8, side: int, random: np.random.Generator) -> U8:
    """Cut a random square u8[side, side, 3] of a picture, in one of eight orientations."""
    top = int(random.integers(pixels.shape[0] - side + 1))
    left = int(random.integers(pixels.shape[1] - side + 1))
    part = pixels[top : top + side, left : left + side]
    if random.random() < 0.5:
        part = part[::-1]
    if random.random() < 0.5:
        part = part[:, ::-1]
    if random.random() < 0.5:
        part = part.swapaxes(0, 1)
    return np.ascontiguousarray(part)
