"""What a clip is like: one pass over its frames, keeping little of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from zlib import crc32

import numpy as np

from ssimgif.host import start
from ssimgif.image import luma, rgb_of
from ssimgif.kernels.figures import block_means, count_colors
from ssimgif.metrics import SsimReference
from ssimgif.model import F32, U8, Bool, Clip, Frame

# SSIM is taken of pictures reduced at least by 2, to at most this many pixels on a side.
REDUCED_SIDE = 240
# Frames back to the sliding reference, against which slow dissolves show.
REFERENCE_DISTANCE = 12

# Chroma is finely cut near gray, where most of it is; luma evenly.
_CHROMA_BIN = np.digitize(np.arange(256) - 128, [-40, -18, -6, 6, 18, 40])
_CHROMA_BINS = 7
_LUMA_BINS = 16
HISTOGRAM_SIZE = _CHROMA_BINS**2 + _LUMA_BINS


@dataclass(frozen=True, slots=True, eq=False)
class ClipFeatures:
    """Figures of each of a clip's n frames, and of the clip.

    Attributes
    ----------
    durations : tuple of Fraction
        Seconds.
    checksums : tuple of int
        CRC-32 of the pixels.
    identical : bool[n]
        Whether all pixels are those of the frame before.
    ssim_previous : f32[n]
        SSIM to the frame before, at reduced size; 1 for the first frame.
    ssim_reference : f32[n]
        SSIM to the frame `REFERENCE_DISTANCE` back, or to the first one.
    histograms : f32[n, HISTOGRAM_SIZE]
        Shares of chroma and of luma, each adding up to 1/2.
    flat : f32[n]
        Share of pixels without any change of luma to the right or below, 0..1, at reduced size.
    """

    durations: tuple[Fraction, ...]
    checksums: tuple[int, ...]
    identical: Bool
    ssim_previous: F32
    ssim_reference: F32
    histograms: F32
    flat: F32


def analyse(clip: Clip, progress: Callable[[int], object] | None = None) -> ClipFeatures:
    """Read a clip once and return its figures.

    Parameters
    ----------
    clip : Clip
    progress : callable, optional
        Told the number of frames done.

    Raises
    ------
    SourceError
        If the clip has no frames.
    """
    durations: list[Fraction] = []
    checksums: list[int] = []
    rows: list[tuple[bool, float, float, float]] = []
    histograms: list[F32] = []
    references: deque[SsimReference] = deque(maxlen=REFERENCE_DISTANCE)
    before: U8 | None = None
    for frame in _read_ahead(clip.frames()):
        pixels = frame.pixels
        identical = before is not None and bool(np.array_equal(pixels, before))
        if not identical:
            small = small_picture(pixels)
            histogram = _histogram(pixels, small)
            reference = SsimReference(small)
            checksum = crc32(np.ascontiguousarray(pixels).data)
        rows.append(
            (
                identical,
                references[-1].score(small) if references and not identical else 1.0,
                references[0].score(small) if references else 1.0,
                _flat_share(small),
            )
        )
        durations.append(frame.duration)
        checksums.append(checksum)
        histograms.append(histogram)
        references.append(reference)
        before = pixels
        if progress is not None:
            progress(len(durations))
    figures = np.array(rows, np.float32).T
    return ClipFeatures(
        durations=tuple(durations),
        checksums=tuple(checksums),
        identical=figures[0].astype(np.bool_),
        ssim_previous=figures[1],
        ssim_reference=figures[2],
        histograms=np.array(histograms),
        flat=figures[3],
    )


def _read_ahead(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Yield each frame while the next one is read, where there are other threads."""
    read = partial(next, frames, None)
    waiting = start(read)
    while (frame := waiting()) is not None:
        waiting = start(read)
        yield frame


def small_picture(pixels: U8) -> U8:
    """Return the luma of u8[h, w, 4] pixels, as block means; transparent pixels count as white."""
    light = luma(rgb_of(pixels))
    height, width = light.shape
    factor = max(2, -(-max(height, width) // REDUCED_SIDE))
    factor = min(factor, max(1, min(height, width) // 11))
    means = np.empty((height // factor, width // factor), np.uint8)
    block_means(light, pixels, factor, means)
    return means


def _histogram(pixels: U8, small: U8) -> F32:
    step = max(1, pixels.shape[0] // small.shape[0])
    chroma = np.zeros((_CHROMA_BINS, _CHROMA_BINS), np.int64)
    light = np.zeros(_LUMA_BINS, np.int64)
    count_colors(pixels, step, _CHROMA_BIN, chroma, light)
    counts = np.concatenate([chroma.ravel(), light])
    shares: F32 = (counts / counts.sum()).astype(np.float32)
    return shares


def _flat_share(small: U8) -> float:
    if min(small.shape) < 2:
        return 0.0
    corner = small[:-1, :-1]
    return float(np.mean((corner == small[1:, :-1]) & (corner == small[:-1, 1:])))
