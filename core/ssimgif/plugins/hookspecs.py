"""The hooks through which strategies, sources and hosts join ssimgif. See docs/hooks.md."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pluggy

from ssimgif.model import F32, U8, Bool, Clip, Ditherer, Palette

hookspec = pluggy.HookspecMarker("ssimgif")
hookimpl = pluggy.HookimplMarker("ssimgif")


class HookSpecs:
    """The signatures of all hooks."""

    @hookspec(firstresult=True)
    def ssimgif_open_clip(self, source: Any, options: Mapping[str, Any]) -> Clip | None:
        """Open a source that the core can't, or return None."""

    @hookspec
    def ssimgif_palette_strategies(self) -> Mapping[str, bool]:
        """Name palette strategies, and tell of each whether it competes unless left out."""

    @hookspec
    def ssimgif_candidate_palettes(
        self, frames: Sequence[U8], weights: Sequence[F32], size: int, names: Collection[str]
    ) -> Mapping[str, Palette]:
        """Propose palettes of at most ``size`` colours for the sample frames of a scene."""

    @hookspec
    def ssimgif_ditherers(self) -> Mapping[str, Ditherer]:
        """Name the ditherers that ``--dither`` can choose."""

    @hookspec(firstresult=True)
    def ssimgif_banding(self, source: U8, shown: U8, suspected: Bool) -> F32 | None:
        """Tell how visible false contours are in each tile of a picture, or return None."""

    @hookspec
    def ssimgif_encoded(self, report: Any) -> None:
        """Be told of a finished GIF."""

    @hookspec
    def ssimgif_commands(self, add: Callable[[Any], None]) -> None:
        """Add click commands to ``ssimgif``."""

    @hookspec
    def ssimgif_doctor(self) -> Sequence[str]:
        """Say in lines what ``ssimgif doctor`` should tell."""
