"""sRGB to OKLab (Ottosson 2020, "A perceptual color space for image processing")."""

import numpy as np

from ssimgif.kernels.jit import kernel


@kernel
def oklab(red, green, blue):
    """Return L, a and b of linear-light sRGB channels, 0..1."""
    long = np.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = np.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = np.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


@kernel
def srgb_to_oklab(pixels, linear, out):
    """Convert u8[n, 3] sRGB to f32[n, 3] OKLab; ``linear`` f32[256] is its linear light."""
    for i in range(pixels.shape[0]):
        light, a, b = oklab(linear[pixels[i, 0]], linear[pixels[i, 1]], linear[pixels[i, 2]])
        out[i, 0] = light
        out[i, 1] = a
        out[i, 2] = b
