"""Pictures as Python's libraries hand them over: arrays of many shapes and types, as RGBA."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssimgif.errors import FrameError

SHAPES = "(height, width), or that with 1, 3 or 4 channels"
BROKEN_PROFILE = "its colour profile can't be read"
# What resampling and arithmetic in 32 bits leave beyond 0..1.
ROUNDING = 1e-3


def to_rgba(
    array: Any, name: str = "the frame", damaged: Callable[[str], None] | None = None
) -> NDArray[np.uint8]:
    """Return a picture as 8-bit RGBA; an array that already is so is not copied.

    Parameters
    ----------
    array : array-like of bool, u8 or float, or PIL image
        ``[h, w]`` or ``[h, w, 1]`` gray, ``[h, w, 2]`` gray with alpha, ``[h, w, 3]`` sRGB,
        ``[h, w, 4]`` sRGB with straight alpha; with the channels first where the last axis can't
        be theirs. Floats are 0..1. Images may have any mode, and a colour profile.
    name : str
        What messages call it.
    damaged : callable, optional
        Called with a sentence where an image is used without its colour profile, which is broken.

    Returns
    -------
    u8[h, w, 4]

    Raises
    ------
    FrameError
        On another shape or type, on floats outside of 0..1, and on images that can't be read.
    """
    if _is_image(array):
        return _image_pixels(array, name, damaged or (lambda _: None))
    try:
        pixels = np.asarray(array)
    except (TypeError, ValueError) as error:  # rows of different lengths, memory of another device
        raise FrameError(f"{name} can't be read as an array: {error}") from error
    if not pixels.ndim:
        raise FrameError(f"{name} is no picture, but of type {type(array).__name__}")
    return _with_alpha(_eight_bits(_channels_last(pixels, name), name))


def pictures_of(frames: Any) -> list[Any]:
    """Return the frames of an array, or of an iterable of pictures, as a list.

    Raises
    ------
    FrameError
        When there are none, or they are one picture.
    """
    if isinstance(frames, str | bytes) or not isinstance(frames, Iterable):
        one = "one picture" if _is_image(frames) else f"of type {type(frames).__name__}"
        raise FrameError(f"frames must be an array [n, h, w, 3 or 4] or pictures, not {one}")
    if isinstance(frames, np.ndarray):
        _check_stack(frames)
    pictures = list(frames)
    if not pictures:
        raise FrameError("there are no frames")
    return pictures


def _check_stack(frames: NDArray[Any]) -> None:
    if frames.ndim < 3 or not frames.size:
        raise FrameError(f"frames must be an array [n, h, w, 3 or 4], not {frames.shape}")
    if frames.ndim == 3 and frames.shape[2] in (3, 4):
        raise FrameError(
            f"frames of the shape {frames.shape} look like one picture; give [picture] for a single"
            " frame, and gray frames as [n, h, w, 1]"
        )


def _is_image(picture: Any) -> bool:
    """Tell whether something is a PIL image, which arrays of palette indices would misread."""
    return hasattr(picture, "convert") and hasattr(picture, "getbands")


def _image_pixels(image: Any, name: str, damaged: Callable[[str], None]) -> NDArray[np.uint8]:
    from ssimgif.bitmap import bitmap_pixels

    try:
        pixels, sound = bitmap_pixels(image)
    except (OSError, ValueError) as error:  # its file is cut short, or was closed
        raise FrameError(f"{name} can't be used: {error}") from error
    if not sound:
        damaged(f"{name} is damaged: {BROKEN_PROFILE}")
    return pixels


def check_size(
    shape: tuple[int, ...], wanted: tuple[int, ...], what: str, other: str = "the first"
) -> None:
    """Refuse a picture of another size than all of its clip have, both ``(h, w, ...)``.

    Raises
    ------
    FrameError
        That calls the picture ``what``, and what has the wanted size ``other``.
    """
    if shape[:2] != wanted[:2]:
        raise FrameError(f"{what} is {shape[1]}x{shape[0]}, but {other} is {wanted[1]}x{wanted[0]}")


def _channels_last(array: NDArray[Any], name: str) -> NDArray[Any]:
    shape = array.shape
    if array.ndim == 2:
        array = array[..., None]
    elif array.ndim == 3 and shape[2] not in (1, 2, 3, 4) and shape[0] in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4) or not array.size:
        more = "; give the frames one by one" if array.ndim == 4 else ""
        raise FrameError(f"{name} has the shape {shape}, which is not {SHAPES}{more}")
    return array


def _eight_bits(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array * np.uint8(255)
    if not np.issubdtype(array.dtype, np.floating):
        raise FrameError(f"{name} is of {array.dtype}; give uint8 of 0 to 255, or floats of 0 to 1")
    low, high = float(array.min()), float(array.max())
    if not (low >= -ROUNDING and high <= 1 + ROUNDING):
        what = "not a number" if np.isnan(low) else f"from {low:g} to {high:g}"
        raise FrameError(
            f"{name} has values that are {what}; floats are 0 to 1, and uint8 0 to 255"
        )
    levels: NDArray[np.uint8] = np.rint(array.clip(0, 1) * 255).astype(np.uint8)
    return levels


def _with_alpha(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    channels = pixels.shape[2]
    if channels == 4:
        return pixels
    rgba = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    rgba[..., :3] = pixels if channels == 3 else pixels[..., :1]
    if channels == 2:
        rgba[..., 3] = pixels[..., 1]
    return rgba
