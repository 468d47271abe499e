"""Training of PaletteNet (stage one)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ssimgif_gifnets.arrays import F32
from ssimgif_gifnets.color_bins import color_bins, initial_palette
from ssimgif_gifnets.training.config import PaletteSettings
from ssimgif_gifnets.training.networks.palette_net import PaletteNet, squared_distances
from ssimgif_gifnets.training.photographs import Photograph, color_change
from ssimgif_gifnets.training.session import Session, learning_rate_factor

LOG_EVERY = 250
REPORTED_SIZES = (16, 64, 256)

Bins = tuple[F32, F32]


@dataclass(frozen=True)
class PaletteBatch:
    """Histograms of a few pictures, padded to one length.

    Attributes
    ----------
    bins : f32[b, n, 3]
        0..1.
    weights : f32[b, n]
    start : f32[b, k, 3]
        0..1.
    used : bool[b, k]
    """

    bins: Tensor
    weights: Tensor
    start: Tensor
    used: Tensor

    @classmethod
    def of(cls, histograms: Sequence[Bins], size: int, device: torch.device) -> PaletteBatch:
        """Collect histograms as `color_bins` makes them, and their start at one palette size."""
        length = max(len(rgb) for rgb, _ in histograms)
        bins = np.zeros((len(histograms), length, 3), np.float32)
        weights = np.zeros((len(histograms), length), np.float32)
        start = np.zeros((len(histograms), size, 3), np.float32)
        used = np.zeros((len(histograms), size), np.bool_)
        for row, (rgb, weight) in enumerate(histograms):
            bins[row, : len(rgb)] = rgb / 255
            weights[row, : len(rgb)] = weight
            palette = initial_palette(rgb, weight, size)
            start[row, : len(palette)] = palette / 255
            used[row, : len(palette)] = True
        made = (torch.from_numpy(array).to(device) for array in (bins, weights, start, used))
        return cls(*made)


def palette_error(batch: PaletteBatch, palette: Tensor) -> Tensor:
    """Return f32[b], the mean squared distance of colours to the nearest palette colour.

    Equations 1 and 2, over bins in place of pixels.
    """
    distance = squared_distances(batch.bins, palette).masked_fill(~batch.used[:, None], 1e9)
    return (distance.amin(2) * batch.weights).sum(1)


def palette_loss(batch: PaletteBatch, palette: Tensor) -> Tensor:
    """Return the mean decibels of `palette_error`, so that all pictures and sizes count alike."""
    return 10 * torch.log10(palette_error(batch, palette) / 3 + 1e-7).mean()


def train_palette_net(
    photographs: Sequence[Photograph],
    held_out: Sequence[Photograph],
    settings: PaletteSettings,
    session: Session,
) -> PaletteNet:
    """Train PaletteNet alone on the colour histograms of photographs."""
    random = session.start("palette")
    network = PaletteNet().to(session.device)
    histograms = [color_bins(photograph.pixels()) for photograph in photographs]
    apart = [color_bins(photograph.pixels()) for photograph in held_out]
    optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate_factor(step, settings.steps)
    )
    total = 0.0
    for step, batch in enumerate(_batches(histograms, settings, random, session.device), 1):
        loss = palette_loss(batch, network(batch.bins, batch.weights, batch.start, batch.used))
        # What the start itself scores makes steps with different sizes comparable.
        gain = loss - palette_loss(batch, batch.start)
        optimizer.zero_grad()
        gain.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += gain.item()
        if step % LOG_EVERY == 0 or step == settings.steps:
            count = (step - 1) % LOG_EVERY + 1
            session.log(
                net="palette", step=step, decibels=total / count, **_reported(network, apart)
            )
            total = 0.0
    return network


def _batches(
    histograms: Sequence[Bins],
    settings: PaletteSettings,
    random: np.random.Generator,
    device: torch.device,
) -> Iterator[PaletteBatch]:
    for _ in range(settings.steps):
        low, high = np.log2([settings.smallest, settings.largest + 0.99])
        size = int(2 ** random.uniform(low, high))
        count = int(np.clip(settings.colors_per_batch // size, 2, 16))
        chosen = random.integers(len(histograms), size=count)
        yield PaletteBatch.of(
            [_recolored(histograms[i], random, settings.augmentation) for i in chosen],
            size,
            device,
        )


def _recolored(bins: Bins, random: np.random.Generator, amount: float) -> Bins:
    matrix, offset = color_change(random, amount)
    changed = bins[0] / np.float32(255) @ matrix + offset
    return np.asarray(np.clip(changed, 0, 1) * 255, np.float32), bins[1]


@torch.no_grad()
def _reported(network: PaletteNet, histograms: Sequence[Bins]) -> dict[str, float]:
    """Return the gain in decibels over the start, by size, on pictures set apart."""
    device = next(network.parameters()).device
    found = {}
    for size in REPORTED_SIZES:
        gains = []
        for histogram in histograms:
            batch = PaletteBatch.of([histogram], size, device)
            palette = network(batch.bins, batch.weights, batch.start, batch.used)
            gains.append(palette_loss(batch, palette) - palette_loss(batch, batch.start))
        found[f"gain_{size}"] = float(torch.stack(gains).mean()) if gains else 0.0
    return found
