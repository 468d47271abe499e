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

from ssimgif import Clip, Progress, Result, Settings, encode
from ssimgif_gimp.gif_blocks import first_and_rest

U8 = NDArray[np.uint8]
Report = Callable[[Progress], bool | None]

# Coding this many pixels takes a second or two.
SAMPLE_PIXELS = 2_000_000
FEWEST_FRAMES = 3
# The largest picture that is handed back, width and height in pixels.
VIEW = (360, 270)
CHECKS = (102, 153)
CHECK_SIZE = 8
# The loss of SSIM that the error map shows in its brightest colour.
WORST_LOSS = 0.5


def preview(clip: Clip, settings: Settings, frame: int, progress: Report) -> dict[str, Any]:
    """Code a sample of the clip around ``frame`` with the least effort.

    Returns
    -------
    dict
        ``bytes`` expected of the whole clip, ``exact`` where the whole clip was coded, ``score``,
        ``looks``, ``valid``, ``colors``, and pictures ``before``, ``after`` and ``errors`` of the
        frame, as PNG in base64.
    """
    start, count = sample(clip, frame)
    part = _cut(clip, start, count)
    quick = replace(settings, effort=1, max_bytes=None, strict=False)
    result = encode(part, quick, progress)
    size = predicted_bytes(result, count, clip.frame_count or count)
    if settings.max_bytes and size > settings.max_bytes:
        share = max(100, int(result.report.bytes * settings.max_bytes / size))
        result = encode(part, replace(quick, max_bytes=share), progress)
        size = predicted_bytes(result, count, clip.frame_count or count)
    before = next(islice(clip.frames(), frame, None)).pixels
    after = _shown(result.data, part, frame - start)
    report = result.report
    return {
        "bytes": size,
        "exact": count == clip.frame_count,
        "score": report.score,
        "looks": report.looks_mean,
        "valid": report.valid,
        "colors": max((len(palette) for palette in report.palettes), default=0),
        "before": _png(_fit(_on_checks(before))),
        "after": _png(_fit(_on_checks(after))),
        "errors": _png(_fit(error_map(before, after))),
    }


def sample(clip: Clip, frame: int) -> tuple[int, int]:
    """Return the first frame and the number of frames of a run that holds ``frame``."""
    frames = clip.frame_count or 1
    count = max(FEWEST_FRAMES, SAMPLE_PIXELS // (clip.width * clip.height))
    count = min(count, frames)
    return max(0, min(frame - count // 2, frames - count)), count


def predicted_bytes(result: Result, coded: int, frames: int) -> int:
    """Return the bytes expected of ``frames`` frames, of which ``coded`` were coded."""
    if coded == frames:
        return len(result.data)
    first, rest = first_and_rest(result.data)
    return first + rest * (frames - 1) // max(1, coded - 1)


def error_map(before: U8, after: U8) -> U8:
    """Return u8[h, w, 3]: black where luma SSIM is 1, over red to yellow where it is lost."""
    from skimage.metrics import structural_similarity

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


def _cut(clip: Clip, start: int, count: int) -> Clip:
    def frames() -> Any:
        return islice(clip.frames(), start, start + count)

    return replace(clip, open_frames=frames, frame_count=count)


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
