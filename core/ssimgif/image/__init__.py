"""Pictures: canvases, colour spaces, histograms, nearest palette colours."""

from ssimgif.image.canvas import Area, Canvas, dispose, draw, white
from ssimgif.image.color import luma, oklab_from_rgb, rgb_of
from ssimgif.image.color_set import ColorSet
from ssimgif.image.histogram import bins_of
from ssimgif.image.nearest import NearestColors, map_nearest, nearest_colors

__all__ = [
    "Area",
    "Canvas",
    "ColorSet",
    "NearestColors",
    "bins_of",
    "dispose",
    "draw",
    "luma",
    "map_nearest",
    "nearest_colors",
    "oklab_from_rgb",
    "rgb_of",
    "white",
]
