"""Pictures: canvases, colour spaces, histograms, nearest palette colours."""

from ssimgif.image.canvas import Area, Canvas, dispose, draw, white
from ssimgif.image.changes import area_of, around, change_to, changed_area
from ssimgif.image.color import LINEAR_LIGHT, exact_luma, luma, oklab_from_rgb, rgb_of
from ssimgif.image.histogram import ColorSet, bins_of, histogram_distance
from ssimgif.image.nearest import NearestColors, map_nearest, nearest_colors

__all__ = [
    "LINEAR_LIGHT",
    "Area",
    "Canvas",
    "ColorSet",
    "NearestColors",
    "area_of",
    "around",
    "bins_of",
    "change_to",
    "changed_area",
    "dispose",
    "draw",
    "exact_luma",
    "histogram_distance",
    "luma",
    "map_nearest",
    "nearest_colors",
    "oklab_from_rgb",
    "rgb_of",
    "white",
]
