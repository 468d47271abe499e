"""Score any GIF against any source, with scikit-image as the judge.

SSIM and the colour difference are scikit-image's (`structural_similarity`,
`deltaE_ciede2000`), computed without the kernels that guide the encoder, so that the two check
each other. SSIMULACRA2, butteraugli, missed changes and false contours are the project's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage import color, metrics

from ssimgif.errors import SourceError
from ssimgif.metrics import (
    BINS,
    BINS_PER_UNIT,
    BandingReference,
    ClipScore,
    FrameScore,
    Histogram,
    LocalReference,
    LooksReference,
    MissedReference,
    on_white,
    summarise,
)
from ssimgif.model import U8, Clip, Frame

SAMPLES = 10
BROWSER_FLOOR = Fraction(2, 100)
_WINDOW = 11

# scikit-image's functions have no types.
_structural_similarity: Callable[..., Any] = metrics.structural_similarity
_delta_e: Callable[..., Any] = color.deltaE_ciede2000
_rgb2lab: Callable[..., Any] = color.rgb2lab
JUDGES = {
    "ssim": "scikit-image structural_similarity",
    "delta_e": "scikit-image deltaE_ciede2000",
    "banding": "ssimgif",
    "looks": "ssimgif",
    "local": "ssimgif",
    "missed": "ssimgif",
}


@dataclass(frozen=True, slots=True)
class Verification:
    """What a GIF scores against its source.

    Attributes
    ----------
    score : ClipScore
    ssim : tuple of float
        One figure a source frame.
    local : tuple of float
        How bad the worst places of each source frame are.
    sampled : tuple of int
        The source frames whose colour, looks and false contours were measured.
    source_frames, gif_frames : int
    source_duration, gif_duration : float
        Seconds of one play.
    source_loop, gif_loop : int
        Total number of plays; 0 is for ever.
    short_delays : int
        GIF frames on screen for less than 2 cs, which browsers slow down.
    alpha_mismatch : float
        Share of pixels that are transparent in one and opaque in the other, 0..1.
    judges : dict
        Which program measured what.
    """

    score: ClipScore
    ssim: tuple[float, ...]
    local: tuple[float, ...]
    sampled: tuple[int, ...]
    source_frames: int
    gif_frames: int
    source_duration: float
    gif_duration: float
    source_loop: int
    gif_loop: int
    short_delays: int
    alpha_mismatch: float
    judges: dict[str, str]

    @property
    def drift(self) -> float:
        """Seconds that the GIF is longer than the source."""
        return self.gif_duration - self.source_duration


def verify(source: Clip, gif: Clip) -> Verification:
    """Score a GIF against its source.

    Each source frame is compared with the picture on screen at the middle of it; transparent
    areas of both count as white. Both clips are read in step, one frame at a time.

    Parameters
    ----------
    source, gif : Clip

    Raises
    ------
    SourceError
        When the sizes differ, or a clip has no frames.
    """
    if (source.width, source.height) != (gif.width, gif.height):
        raise SourceError(
            f"{gif.name} is {gif.width}x{gif.height} but {source.name} is "
            f"{source.width}x{source.height}: they can't be compared"
        )
    sampled = _sampled(_count(source))
    screen, judge = _Screen(gif), _Judge()
    scores: list[FrameScore] = []
    durations: list[Fraction] = []
    alpha_mismatch = 0.0
    time = Fraction(0)
    for index, frame in enumerate(source.frames()):
        shown = screen.at(time + frame.duration / 2)
        scores.append(judge.score(frame, shown, index in sampled))
        durations.append(frame.duration)
        alpha_mismatch += _alpha_mismatch(frame, shown)
        time += frame.duration
    screen.finish()
    score = summarise(scores, durations)
    return Verification(
        score=score,
        ssim=tuple(frame.ssim for frame in scores),
        local=tuple(frame.local for frame in scores if frame.local is not None),
        sampled=tuple(sorted(sampled)),
        source_frames=len(scores),
        gif_frames=screen.count,
        source_duration=float(time),
        gif_duration=float(screen.end),
        source_loop=source.loop,
        gif_loop=gif.loop,
        short_delays=screen.short_delays,
        alpha_mismatch=alpha_mismatch / len(scores),
        judges=JUDGES,
    )


class _Screen:
    """Plays a clip once, forwards."""

    def __init__(self, clip: Clip) -> None:
        self._frames: Iterator[Frame] = clip.frames()
        self._name = clip.name
        self.count = 0
        self.short_delays = 0
        self.end = Fraction(0)
        self._shown = self._next()

    def at(self, time: Fraction) -> Frame:
        """Return the frame on screen at a time, not before that of the last call."""
        while self.end <= time and (frame := self._next()) is not None:
            self._shown = frame
        assert self._shown is not None
        return self._shown

    def finish(self) -> None:
        """Read to the end."""
        while self._next() is not None:
            pass

    def _next(self) -> Frame | None:
        frame = next(self._frames, None)
        if frame is not None:
            self.count += 1
            self.end += frame.duration
            self.short_delays += frame.duration < BROWSER_FLOOR
        return frame


def _count(clip: Clip) -> int:
    count = clip.frame_count
    if count is None:
        count = sum(1 for _ in clip.frames())
    if not count:
        raise SourceError(f"{clip.name} has no frames")
    return count


def _sampled(count: int) -> frozenset[int]:
    return frozenset(np.linspace(0, count - 1, min(count, SAMPLES)).round().astype(int).tolist())


class _Judge:
    """Scores the frames of a clip, one after the other."""

    def __init__(self) -> None:
        self._before: U8 | None = None

    def score(self, source: Frame, shown: Frame, sampled: bool) -> FrameScore:
        """Score what is shown of the next source frame; colours and looks only if sampled."""
        ours, theirs = on_white(shown.pixels), on_white(source.pixels)
        luma, source_luma = _luma(ours), _luma(theirs)
        before = source_luma if self._before is None else self._before
        self._before = source_luma
        score = FrameScore(
            ssim=_ssim(source_luma, luma),
            color=np.zeros(BINS, np.int64),
            local=LocalReference(theirs).score(ours),
            missed=MissedReference(before, source_luma).score(luma),
        )
        if not sampled:
            return score
        return replace(
            score,
            color=_color_histogram(theirs, ours),
            looks=LooksReference(theirs).score(ours),
            banding=BandingReference(source_luma).share(luma),
        )


def _luma(rgb: U8) -> U8:
    red, green, blue = (rgb[..., c].astype(np.float32) for c in range(3))
    luma: U8 = np.rint(0.299 * red + 0.587 * green + 0.114 * blue).astype(np.uint8)
    return luma


def _ssim(source: U8, picture: U8) -> float:
    """Return SSIM as the contract defines it, by scikit-image."""
    if min(source.shape) < _WINDOW:
        border = _WINDOW // 2
        source, picture = (np.pad(a, border, mode="symmetric") for a in (source, picture))
    figure = _structural_similarity(
        source,
        picture,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
    )
    return float(figure)


def _color_histogram(source: U8, picture: U8) -> Histogram:
    difference = _delta_e(_blurred_lab(source), _blurred_lab(picture))
    bins = np.minimum(np.rint(difference * BINS_PER_UNIT).astype(np.int64), BINS - 1)
    return np.bincount(bins.ravel(), minlength=BINS)


def _blurred_lab(rgb: U8) -> NDArray[np.float64]:
    """Return CIELAB f64[h, w, 3] after a 3x3 binomial blur of linear light."""
    levels = rgb / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    padded = np.pad(linear, ((1, 1), (1, 1), (0, 0)), mode="edge")
    rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    blurred = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    encoded = np.where(blurred <= 0.0031308, blurred * 12.92, 1.055 * blurred ** (1 / 2.4) - 0.055)
    lab: NDArray[np.float64] = _rgb2lab(encoded)
    return lab


def _alpha_mismatch(source: Frame, shown: Frame) -> float:
    return float(np.mean((source.pixels[..., 3] < 128) != (shown.pixels[..., 3] < 128)))
