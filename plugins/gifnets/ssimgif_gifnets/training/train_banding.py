"""Training of BandingNet on the banding metric (stage one)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from ssimgif_gifnets.banding_inputs import banding_inputs
from ssimgif_gifnets.banding_metric import banding_density, banding_score
from ssimgif_gifnets.training.config import BandingSettings
from ssimgif_gifnets.training.networks.banding_net import CELL, BandingNet, score_of
from ssimgif_gifnets.training.photographs import Photograph, recolored
from ssimgif_gifnets.training.quantized import Example, quantized_example, random_part
from ssimgif_gifnets.training.session import Session, learning_rate_factor

LOG_EVERY = 250


def train_banding_net(
    photographs: Sequence[Photograph],
    held_out: Sequence[Photograph],
    settings: BandingSettings,
    session: Session,
    channels: int = 2,
    log_every: int = LOG_EVERY,
    save: Callable[[BandingNet], None] | None = None,
) -> BandingNet:
    """Distil the banding metric into a network.

    Parameters
    ----------
    channels : int
        1 leaves out the edge map, to see what it is worth.
    log_every : int
        Steps.
    save : callable, optional
        Is given the network as often.
    """
    random = session.start("banding")
    network = BandingNet(channels).to(session.device)
    drawn = random.permutation(len(photographs))[: settings.examples]
    examples = [
        quantized_example(recolored(photographs[i].pixels(), random, settings.augmentation), random)
        for i in drawn
    ]
    apart = [quantized_example(photograph.pixels(), random) for photograph in held_out]
    optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate_factor(step, settings.steps)
    )
    total, difference = 0.0, 0.0
    for step in range(1, settings.steps + 1):
        chosen = [examples[i] for i in random.integers(len(examples), size=settings.batch)]
        inputs, wanted = _batch(chosen, settings, random, session.device)
        density = network.density(inputs)
        scores, found = score_of(wanted), score_of(density)
        loss = nn.functional.huber_loss(found, scores, delta=settings.huber) / settings.huber
        places = nn.functional.huber_loss(torch.log1p(density), torch.log1p(wanted))
        optimizer.zero_grad()
        loss = loss + settings.places_weight * places
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        difference += (found.detach() - scores).abs().mean().item()
        if step % log_every == 0 or step == settings.steps:
            count = (step - 1) % log_every + 1
            session.log(
                net=f"banding {channels}",
                step=step,
                loss=total / count,
                difference=difference / count,
                held_out=mean_difference(network, apart),
            )
            total, difference = 0.0, 0.0
            if save is not None:
                save(network)
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
    """Cut parts of examples, turn them, and find their banding.

    Returns
    -------
    inputs : f32[b, 2, crop, crop]
    density : f32[b, crop / CELL, crop / CELL]
        Its mean is that of `banding_density`, so that 1 - exp(-mean) is the score.
    """
    inputs, densities = [], []
    for example in examples:
        part = random_part(example.pixels, settings.crop, random)
        inputs.append(torch.from_numpy(banding_inputs(part)))
        discount = settings.dithered_discount if example.diffused else 1.0
        density = banding_density(part, CELL)
        densities.append(torch.from_numpy(density * density.size * discount))
    return torch.stack(inputs).to(device), torch.stack(densities).to(device)
