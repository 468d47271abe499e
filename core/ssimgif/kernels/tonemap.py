"""High dynamic range to 8-bit sRGB, pixel by pixel."""

from __future__ import annotations

from typing import Any

import numpy as np

from ssimgif.kernels.jit import kernel


@kernel
def rolled_off(light: Any, knee: Any, white: Any, steepness: Any) -> Any:
    """Leave light up to the knee alone and go on as a logarithm of the same slope.

    Parameters
    ----------
    light, knee, white : f32
        Nits.
    steepness : f32
        ``s`` in ``knee + span * log(1 + s * t) / s`` with ``t = (light - knee) / span`` and
        ``span = white - knee``; 0 for a straight line.
    """
    if light <= knee or steepness == np.float32(0.0):
        return light
    span = white - knee
    part = (light - knee) / span
    return knee + span * np.log(np.float32(1.0) + steepness * part) / steepness


@kernel
def tone_map(
    codes: Any,
    light: Any,
    luminance: Any,
    system_gamma: Any,
    matrix: Any,
    knee: Any,
    white: Any,
    steepness: Any,
    encoded: Any,
    out: Any,
) -> None:
    """Turn code values into light, fit it into the smaller gamut and range, and encode it.

    Colours outside the gamut move towards the grey of their luminance until they are inside. The
    curve is applied to the greatest channel and scales all alike, so that hues stay; the more it
    takes away, the more the colour fades to grey, as bright colours do to the eye.

    Parameters
    ----------
    codes : u16[h, w, >= 3]
    light : f32[65536]
        Light of each code value, nits; scene light in nits of the nominal peak for HLG.
    luminance : f32[3]
        Shares of the channels in luminance, source primaries.
    system_gamma : f32
        Exponent of the luminance relative to 1000 nits that the light is multiplied by (the
        OOTF of HLG), or 0.
    matrix : f32[3, 3]
        Source primaries to BT.709's, linear light.
    knee, white : f32
        Nits: where the curve begins, and what becomes full white.
    steepness : f32
        As in `rolled_off`.
    encoded : u8[65536]
        sRGB code of each 65535th of white.
    out : u8[h, w, 4]
        Filled in channels 0 to 2.
    """
    height, width = codes.shape[:2]
    fading = np.float32(0.4)
    zero, half, one = np.float32(0.0), np.float32(0.5), np.float32(1.0)
    for y in range(height):
        for x in range(width):
            r, g, b = light[codes[y, x, 0]], light[codes[y, x, 1]], light[codes[y, x, 2]]
            if system_gamma > zero:
                scene = luminance[0] * r + luminance[1] * g + luminance[2] * b
                gain = (scene / np.float32(1000.0)) ** system_gamma
                r, g, b = r * gain, g * gain, b * gain
            grey = luminance[0] * r + luminance[1] * g + luminance[2] * b
            red = matrix[0, 0] * r + matrix[0, 1] * g + matrix[0, 2] * b
            green = matrix[1, 0] * r + matrix[1, 1] * g + matrix[1, 2] * b
            blue = matrix[2, 0] * r + matrix[2, 1] * g + matrix[2, 2] * b
            least = min(red, green, blue)
            if least < zero:
                keep = grey / (grey - least) if grey > zero else zero
                red = grey + keep * (red - grey)
                green = grey + keep * (green - grey)
                blue = grey + keep * (blue - grey)
            most = max(red, green, blue)
            scale, fade, pale = one, zero, grey
            if most > knee:
                scale = rolled_off(most, knee, white, steepness) / most
                fade = fading * (one - scale) * (one - scale)
                pale = rolled_off(grey, knee, white, steepness)
            for c in range(3):
                value = (red if c == 0 else green if c == 1 else blue) * scale
                value += fade * (pale - value)
                level = min(max(value / white, zero), one) * np.float32(65535.0)
                out[y, x, c] = encoded[int(level + half)]
