"""The trained weights that come with the package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

import numpy as np

from ssimgif_gifnets.arrays import F32

NAMES = ("palettenet", "bandingnet", "dithernet")


@lru_cache(maxsize=len(NAMES))
def load(name: str) -> Mapping[str, F32]:
    """Return a network's arrays, kept as half floats, as f32 by the names of torch's state_dict."""
    place = resources.files("ssimgif_gifnets") / "weights" / f"{name}.npz"
    with resources.as_file(place) as path, np.load(path, allow_pickle=False) as file:
        return {key: file[key].astype(np.float32) for key in file.files}
