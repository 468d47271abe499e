"""Training of BandingNet on the banding metric (stage one)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ssimgif_gifnets.banding_inputs import banding_inputs
from ssimgif_gifnets.banding_metric import banding_score
from ssimgif_gifnets.training.config import BandingSettings
from ssimgif_gifnets.training.networks.banding_net import BandingNet
from ssimgif_gifnets.training.photographs import Photograph, recolored
from ssimgif_gifnets.training.quantized import Example, quantized_example, random_part
from ssimgif_gifnets.training.session import Session, learning_rate_factor

LOG_EVERY = 500


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
