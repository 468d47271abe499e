"""Dither: methods, and where and how strongly they are used."""

from ssimgif.dither.methods import ditherers
from ssimgif.dither.policy import Dithering, check_dither
from ssimgif.dither.strength import Banding

__all__ = ["Banding", "Dithering", "check_dither", "ditherers"]
