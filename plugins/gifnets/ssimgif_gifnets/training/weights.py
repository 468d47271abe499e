"""Weights of the networks as half-precision ``.npz`` files, written and read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from ssimgif_gifnets.training.networks.banding_net import BandingNet
from ssimgif_gifnets.training.networks.dither_net import DitherNet
from ssimgif_gifnets.training.networks.palette_net import PaletteNet
from ssimgif_gifnets.training.noise import noise_tile

NETWORKS: dict[str, type[nn.Module]] = {
    "palettenet": PaletteNet,
    "bandingnet": BandingNet,
    "dithernet": DitherNet,
}


def save_weights(network: nn.Module, path: Path) -> None:
    """Write a network's parameters as f16 arrays under their torch names.

    DitherNet's file also has the ``noise`` f16[64, 64] that it was trained with.
    """
    arrays = {
        name: value.detach().cpu().numpy().astype(np.float16)
        for name, value in network.state_dict().items()
    }
    if isinstance(network, DitherNet):
        arrays["noise"] = noise_tile().astype(np.float16)
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ValueError(f"{path.name}: a weight is not finite in half precision")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load_network(name: str, folder: Path) -> nn.Module:
    """Make one of `NETWORKS` with the weights of ``folder/name.npz``, for evaluation.

    Returns
    -------
    Module
        On the CPU, in single precision.
    """
    network: nn.Module = NETWORKS[name]()
    with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
        state = {
            key: torch.from_numpy(arrays[key].astype(np.float32))
            for key in arrays.files
            if key != "noise"
        }
    network.load_state_dict(state)
    return network.eval()
