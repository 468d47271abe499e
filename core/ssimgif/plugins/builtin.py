"""The core's own sources and strategies, through the same hooks as everybody else's.

The stages are imported inside the functions: naming the hooks must not load the kernels.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ssimgif.host import kernel_cache
from ssimgif.model import F32, U8, Clip, Ditherer, Palette
from ssimgif.plugins.hookspecs import hookimpl


@hookimpl
def ssimgif_open_clip(source: Any, options: Mapping[str, Any]) -> Clip:
    """Open animated AVIF, video, animations and folders of pictures."""
    kernel_cache.prepare()
    from ssimgif.sources import open_clip

    return open_clip(source, **options)


@hookimpl
def ssimgif_palette_strategies() -> Mapping[str, bool]:
    """Name the core's strategies; where colours are few enough, all are kept in any case."""
    from ssimgif.palette import STRATEGIES

    return dict.fromkeys(STRATEGIES, True)


@hookimpl
def ssimgif_candidate_palettes(
    frames: Sequence[U8], weights: Sequence[F32], size: int, names: Collection[str]
) -> Mapping[str, Palette]:
    """Propose the core's palettes."""
    from ssimgif.palette import candidate_palettes

    return candidate_palettes(frames, weights, size, names)


@hookimpl
def ssimgif_ditherers() -> Mapping[str, Ditherer]:
    """Name the core's ditherers."""
    from ssimgif.dither import ditherers

    return ditherers()
