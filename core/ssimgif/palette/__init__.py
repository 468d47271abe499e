"""Palettes: quantizers, and which strategies compete."""

from ssimgif.palette.quantizer import STRATEGIES, box_means, candidate_palettes, merge
from ssimgif.palette.strategies import EXACT, PaletteChoice

__all__ = ["EXACT", "STRATEGIES", "PaletteChoice", "box_means", "candidate_palettes", "merge"]
