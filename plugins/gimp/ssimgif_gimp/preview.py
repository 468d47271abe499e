"""A quick look ahead: about how many bytes, how good, and what a frame will look like."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from ssimgif import Clip, Excerpt, Progress, Settings, encode, take_excerpt

U8 = NDArray[np.uint8]
Report = Callable[[Progress], bool | None]

# Coding this many pixels takes a few seconds.
SAMPLE_PIXELS = 1_600_000
# The largest picture that is handed back, width and height in pixels.
VIEW = (360, 270)
CHECKS = (102, 153)
CHECK_SIZE = 8
# The loss of SSIM that the error map shows in its brightest colour.
WORST_LOSS = 0.5


def preview(clip: Clip, settings: Settings, frame: int, progress: Report) -> dict[str, Any]:
    """Code a sample of the clip, with ``frame`` in it, with the least effort.

    Returns
    -------
    dict
        ``bytes`` expected of the whole clip, ``exact`` where that is what it will take, ``score``,
        ``looks``, ``valid``, and pictures ``before``, ``after`` and ``errors`` of the frame, as
        PNG in base64.
    """
    excerpt = take_excerpt(clip, SAMPLE_PIXELS, include=frame, progress=progress)
    quick = replace(settings, effort=1, made_for=None, max_bytes=None, strict=False)
    result = encode(excerpt.clip, quick, progress)
    size = _predicted_bytes(excerpt, result.data, settings.effort)
    if settings.max_bytes and size > settings.max_bytes:
        share = max(100, int(result.report.bytes * settings.max_bytes / size))
        result = encode(
            excerpt.clip, replace(quick, max_bytes=share, keep_size=True, keep_fps=True), progress
        )
        size = _predicted_bytes(excerpt, result.data, settings.effort)
    before = next(islice(clip.frames(), frame, None)).pixels
    after = _shown(result.data, excerpt.clip, excerpt.indices.index(frame))
    report = result.report
    return {
        "bytes": size,
        "exact": excerpt.whole and settings.effort == 1,
        "score": report.score,
        "looks": report.looks_mean,
        "valid": report.valid,
        "before": _png(_fit(_on_checks(before))),
        "after": _png(_fit(_on_checks(after))),
        "errors": _png(_fit(error_map(before, after))),
    }


def _predicted_bytes(excerpt: Excerpt, gif: bytes, effort: int) -> int:
    size, _ = excerpt.predict(gif, effort)
    assert size is not None, "the number of layers is known"
    return size


def error_map(before: U8, after: U8) -> U8:
    """Return u8[h, w, 3]: black where luma SSIM is 1, over red to yellow where it is lost."""
    from skimage import metrics

    structural_similarity: Callable[..., Any] = metrics.structural_similarity
    lumas = [_luma(_on_checks(pixels)) for pixels in (before, after)]
    if min(lumas[0].shape) < 11:
        loss = np.abs(lumas[0] - lumas[1]) / 255
    else:
        _, similarity = structural_similarity(
            *lumas,
            full=True,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=255,
        )
        loss = 1 - similarity
    heat = np.clip(loss / WORST_LOSS, 0, 1) * 3
    bands = [np.clip(heat - i, 0, 1) * 255 for i in range(3)]
    return np.stack([np.minimum(255, bands[0]), bands[1], bands[2]], axis=2).astype(np.uint8)


def _luma(pixels: U8) -> NDArray[np.float64]:
    weighted: NDArray[np.float64] = pixels[..., :3] @ np.array([0.299, 0.587, 0.114])
    return weighted


def _shown(gif: bytes, clip: Clip, frame: int) -> U8:
    """Return the picture that a GIF shows in the middle of a frame of its clip, u8[h, w, 4]."""
    times = [one.duration for one in islice(clip.frames(), frame + 1)]
    middle = 1000 * (sum(times[:-1], Fraction()) + times[-1] / 2)
    with Image.open(io.BytesIO(gif)) as image:
        end = 0
        for picture in ImageSequence.Iterator(image):
            end += int(picture.info.get("duration", 0))
            if end >= middle:
                break
        return np.asarray(picture.convert("RGBA"))


def _on_checks(pixels: U8) -> U8:
    """Put a picture on the checks that GIMP shows under transparency."""
    y, x = np.indices(pixels.shape[:2]) // CHECK_SIZE
    checks = np.where((x + y) % 2, *CHECKS)[..., None]
    alpha = pixels[..., 3:] / 255
    flat: U8 = np.rint(pixels[..., :3] * alpha + checks * (1 - alpha)).astype(np.uint8)
    return flat


def _fit(pixels: U8) -> Image.Image:
    image = Image.fromarray(pixels)
    image.thumbnail(VIEW, Image.Resampling.BOX)
    return image


def _png(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return base64.b64encode(file.getvalue()).decode("ascii")
