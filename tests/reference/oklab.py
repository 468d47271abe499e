"""sRGB to OKLab in plain NumPy, from https://bottosson.github.io/posts/oklab/."""

import numpy as np
from numpy.typing import NDArray

M1 = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
M2 = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Convert u8[..., 3] to f64[..., 3]."""
    x = rgb / 255
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ M1.T) @ M2.T


def distances(rgb: NDArray[np.uint8], colors: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the OKLab distances f64[..., k] of u8[..., 3] pixels to u8[k, 3] colours."""
    return np.sqrt(((oklab(rgb)[..., None, :] - oklab(colors)) ** 2).sum(axis=-1))
