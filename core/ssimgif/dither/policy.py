"""Decide where a frame is dithered, and make the picture that the encoder is to come close to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ssimgif.dither.methods import auto_strength, strength_map
from ssimgif.dither.strength import Banding
from ssimgif.errors import SettingsError
from ssimgif.image import luma
from ssimgif.metrics import FrameReference
from ssimgif.model import F32, U8, Ditherer, Palette

AUTO, NONE = "auto", "none"
AUTO_DITHERER = "bluenoise"
# What a tile keeps of its strength from one frame to the next, so that it does not flicker.
PERSISTENCE = 0.9


def check_dither(name: str, ditherers: Mapping[str, Ditherer]) -> None:
    """Refuse a name that nobody has.

    Raises
    ------
    SettingsError
    """
    if name != AUTO and name not in ditherers:
        names = ", ".join([AUTO, *sorted(ditherers)])
        raise SettingsError(f"dither {name!r} is none of {names}")


class Dithering:
    """Dithers the frames of a clip by one of the ditherers, where it is worth it.

    Parameters
    ----------
    name : str
        A ditherer's name; ``auto`` is blue noise where a smooth gradient would show a false
        contour, and nothing elsewhere.
    ditherers : mapping of str to Ditherer
    banding : callable, optional
        Tells for ``auto`` how visible the false contours are, see `auto_strength`.
    """

    def __init__(
        self,
        name: str,
        ditherers: Mapping[str, Ditherer],
        banding: Banding | None = None,
    ) -> None:
        self.automatic = name == AUTO
        self._banding = banding
        self._ditherer = (
            None if name == NONE else ditherers[AUTO_DITHERER if self.automatic else name]
        )
        self._strength: F32 | None = None
        self._before: U8 | None = None

    def looks(self, banded: bool) -> bool:
        """Tell whether a frame is looked at: ``auto`` leaves those alone where none is banded."""
        return self._ditherer is not None and (banded or not self.automatic)

    def indices(
        self, rgb: U8, nearest: U8, palette: Palette, reference: FrameReference
    ) -> U8 | None:
        """Return the indices of the frame, dithered where it is worth it, or None where nowhere.

        Parameters
        ----------
        rgb : u8[h, w, 3]
        nearest : u8[h, w]
            The frame's nearest palette indices.
        palette : Palette
        reference : FrameReference
            Of the same frame.

        Returns
        -------
        u8[h, w] or None
            ``nearest`` outside the areas that are dithered.
        """
        if self._ditherer is None:
            return None
        strength = self._steady(self._wanted_strength(rgb, palette.colors[nearest], reference))
        if not strength.any():
            return None
        return np.where(strength > 0, self._ditherer(rgb, palette, strength), nearest)

    def _wanted_strength(self, rgb: U8, quantised: U8, reference: FrameReference) -> F32:
        if self.automatic:
            return auto_strength(rgb, quantised, self._banding)
        light = luma(rgb)
        before, self._before = self._before, light
        motion: F32 | float = 0.0
        if before is not None:
            motion = np.abs(light.astype(np.float32) - before)
        return strength_map(reference.ssim.map(luma(quantised)), motion)

    def _steady(self, strength: F32) -> F32:
        """Let strength fall slowly."""
        if self._strength is not None:
            strength = np.maximum(strength, PERSISTENCE * self._strength)
        self._strength = np.where(strength < 0.05, np.float32(0), strength)
        return self._strength
