"""What is asked of a clip: the settings' target, and more where most of it is flat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ssimgif.model import F32, F64
from ssimgif.settings import Settings
from ssimgif.target import HIGHEST_LOOKS, Target

# Points of SSIMULACRA2 that the floor rises, and the share by which the limit of the worst places
# falls, where the first to the second share of pixels is flat.
FLAT_LOOKS = 8.0
FLAT_LOCAL = 0.4
FLAT_SHARES = (0.5, 0.9)


def demanded(settings: Settings, flat: F32 | F64) -> Target:
    """Return what settings ask for, with more looks for flat pictures unless they name them.

    SSIMULACRA2 is a mean over the picture, so the more of it is flat and perfect, the worse
    may the rest be: small text rots first.

    Parameters
    ----------
    settings : Settings
    flat : f[frames]
        Share of each frame's pixels that are flat, 0..1.
    """
    target = settings.target()
    if settings.quality is not None:
        return target
    low, high = FLAT_SHARES
    share = min(max((float(np.mean(flat)) - low) / (high - low), 0.0), 1.0)
    raised = target.looks + FLAT_LOOKS * share
    return replace(
        target,
        looks=max(target.looks, min(raised, HIGHEST_LOOKS)),
        local=target.local * (1.0 - FLAT_LOCAL * share),
    )
