"""Dither: methods, and where and how strongly they are used."""

from ssimgif.dither.methods import ditherers
from ssimgif.dither.policy import Dithering, check_dither

__all__ = ["Dithering", "check_dither", "ditherers"]
