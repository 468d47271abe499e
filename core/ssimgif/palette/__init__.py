"""Palettes: quantizers, and which strategies compete."""

from ssimgif.palette.quantizer import STRATEGIES, box_means, candidate_palettes, merge
from ssimgif.palette.strategies import PaletteChoice

__all__ = ["STRATEGIES", "PaletteChoice", "box_means", "candidate_palettes", "merge"]
