"""The blue-noise tile that DitherNet is given."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from ssimgif_gifnets.arrays import F32


def noise_tile() -> F32:
    """Return the tile f32[64, 64] of ssimgif's blue noise, -0.5..0.5."""
    with (files("ssimgif") / "data" / "bluenoise.npy").open("rb") as file:
        ranks = np.load(file, allow_pickle=False)
    centred = (ranks + 0.5) / (int(ranks.max()) + 1) - 0.5
    return np.asarray(centred.astype(np.float16), np.float32)


def noise_at(height: int, width: int, random: np.random.Generator) -> F32:
    """Return the repeated tile f32[height, width], begun at a random place."""
    tile = noise_tile()
    rows = (np.arange(height) + random.integers(len(tile))) % len(tile)
    columns = (np.arange(width) + random.integers(len(tile))) % len(tile)
    return np.asarray(tile[rows[:, None], columns], np.float32)
