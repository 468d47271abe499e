"""Write core/ssimgif/data/bluenoise.npy: a blue-noise threshold tile by void and cluster.

R. A. Ulichney, "The void-and-cluster method for dither array generation", Proc. SPIE 1913 (1993).

Usage: python scripts/make_bluenoise.py [SIZE] [SEED]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TILE = Path(__file__).parents[1] / "core" / "ssimgif" / "data" / "bluenoise.npy"
SIGMA = 1.5
FIRST_SHARE = 0.1

F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


class Pattern:
    """Points on a torus and how crowded each place is: the sum of Gaussians around all points."""

    def __init__(self, points: Bool) -> None:
        size = len(points)
        distance = np.minimum(np.arange(size), size - np.arange(size))
        self._gaussian = np.exp(-(distance[:, None] ** 2 + distance[None] ** 2) / (2 * SIGMA**2))
        self.points = np.zeros_like(points)
        self._crowd = np.zeros(points.shape)
        for place in map(tuple, np.argwhere(points)):
            self.set(place, True)

    def set(self, place: tuple[int, ...], value: bool) -> None:
        """Put a point in a place or take it away."""
        around = np.roll(self._gaussian, place, axis=(0, 1))
        self._crowd += around if value else -around
        self.points[place] = value

    def tightest_cluster(self) -> tuple[int, ...]:
        """Return the most crowded point."""
        return self._place(np.where(self.points, self._crowd, -np.inf).argmax())

    def largest_void(self) -> tuple[int, ...]:
        """Return the least crowded place without a point."""
        return self._place(np.where(self.points, np.inf, self._crowd).argmin())

    def _place(self, flat: np.intp) -> tuple[int, ...]:
        return tuple(int(i) for i in np.unravel_index(flat, self.points.shape))


def first_points(size: int, seed: int) -> Bool:
    """Return few, evenly spread points: random ones, moved from clusters to voids."""
    rng = np.random.default_rng(seed)
    points = np.zeros(size * size, np.bool_)
    points[rng.choice(size * size, int(FIRST_SHARE * size * size), replace=False)] = True
    pattern = Pattern(points.reshape(size, size))
    while True:
        cluster = pattern.tightest_cluster()
        pattern.set(cluster, False)
        void = pattern.largest_void()
        pattern.set(void, True)
        if void == cluster:
            return pattern.points


def void_and_cluster(size: int, seed: int) -> NDArray[np.uint16]:
    """Return the ranks u16[size, size], 0..size**2 - 1, each once."""
    start = first_points(size, seed)
    ranks = np.zeros((size, size), np.uint16)
    count = int(start.sum())
    pattern = Pattern(start)
    for rank in range(count - 1, -1, -1):
        place = pattern.tightest_cluster()
        pattern.set(place, False)
        ranks[place] = rank
    pattern = Pattern(start)
    for rank in range(count, size * size):
        place = pattern.largest_void()
        pattern.set(place, True)
        ranks[place] = rank
    return ranks


def main() -> None:
    """Write the tile."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    np.save(TILE, void_and_cluster(size, seed))
    print(f"{TILE}: {size} x {size}, {TILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
