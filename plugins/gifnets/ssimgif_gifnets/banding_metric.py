"""How much banding a picture shows: a no-reference metric after Wang et al. (2016).

"A perceptual visibility metric for banding artifacts" (ICIP 2016) looks for banding where two
uniform areas meet along an edge that is long and of low contrast, and adds up the edges' lengths
by how visible they are. Its constants are not public; this is a reconstruction:

1. Segments are 4-connected areas of equal luma (BT.601, 8 bit). Those of less than
   `SMALLEST_AREA` pixels are texture or dither, in which no banding is seen (Baugh et al. 2014
   place that limit near 10 pixels).
2. An edge is all pixel sides that two segments share and where both are `LEAST_DEPTH` pixels
   deep, so that the pores of dithered areas do not count. It needs `SHORTEST_EDGE` sides.
3. Its visibility rises with the step in luma, `1 - exp(-step / VISIBLE_STEP)`, and fades out
   between `FADING_STEP` and `TRUE_STEP`: greater steps are the picture's own edges.
4. The score is `1 - exp(-GAIN * sum(length * visibility) / pixels)`, 0..1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.kernels.banding_segments import add_edges, label_segments, shared_sides

SMALLEST_AREA = 24
LEAST_DEPTH = 3
SHORTEST_EDGE = 12
VISIBLE_STEP = 4.0
FADING_STEP = 20.0
TRUE_STEP = 40.0
GAIN = 32.0


def banding_score(pixels: U8) -> float:
    """Return the banding score of sRGB pixels u8[h, w, 3], 0 (none) to 1."""
    density = banding_density(pixels, max(pixels.shape[:2]))
    return 1 - float(np.exp(-density.sum(dtype=np.float64)))


def banding_density(pixels: U8, cell: int) -> F32:
    """Return where the banding is.

    Parameters
    ----------
    pixels : u8[h, w, 3]
        sRGB.
    cell : int
        Width and height of a cell in pixels.

    Returns
    -------
    f32[ceil(h / cell), ceil(w / cell)]
        `GAIN` * length * visibility of each cell, by the picture's pixels: the score is 1 - exp of
        minus their sum.
    """
    plane = np.rint(pixels @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.uint8)
    labels = np.empty(plane.shape, np.int32)
    areas, levels = label_segments(plane, labels)
    limits = (labels, areas, SMALLEST_AREA, LEAST_DEPTH)
    edges, lengths = np.unique(shared_sides(*limits), return_counts=True)
    edges = edges[lengths >= SHORTEST_EDGE]
    first, second = np.divmod(edges, len(areas))
    steps = np.abs(levels[first].astype(np.float64) - levels[second])
    values = (GAIN / plane.size * visibility(steps)).astype(np.float32)
    density = np.zeros([-(-side // cell) for side in plane.shape], np.float32)
    add_edges(*limits, edges, values, cell, density)
    return density


def visibility(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how visible steps f64[n] of 1..255 levels are as banding, f64[n] 0..1."""
    fading = np.clip((TRUE_STEP - steps) / (TRUE_STEP - FADING_STEP), 0, 1)
    return np.asarray((1 - np.exp(-steps / VISIBLE_STEP)) * fading)
