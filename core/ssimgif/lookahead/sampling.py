"""The frames by which a scene's palettes are judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ssimgif.host import together
from ssimgif.image import histogram_distance
from ssimgif.lookahead.features import ClipFeatures
from ssimgif.model import F32, U8, Clip, Scene

# Frames of a scene that its palettes are made of.
PALETTE_FRAMES = 8
# Pixels of a frame beyond which palettes are judged at a reduced size first.
LARGE = 300_000
# Pixels of a run, where frames are large, and the fewest frames.
MOST_PIXELS = 20_000_000
SHORTEST = 3


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Frames that follow one another, coded for trial.

    Attributes
    ----------
    before : u8[h, w, 4] or None
        The frame before them; None at the scene's start, where nothing is on screen.
    frames : tuple of u8[h, w, 4]
    """

    before: U8 | None
    frames: tuple[U8, ...]

    @property
    def pictures(self) -> tuple[U8, ...]:
        """The frames, and the one before them."""
        return self.frames if self.before is None else (self.before, *self.frames)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What is looked at of one scene.

    Attributes
    ----------
    spread : tuple of u8[h, w, 4]
        Frames from all over the scene: palettes are made of them and must do for them.
    others : tuple of u8[h, w, 4]
        More of them, of which palettes are made as well.
    runs : tuple of Run
        The first begins with the scene's first frame.
    count : int
        Frames of the scene.
    tables : int
        Colour tables that one palette for the scene takes: one where it is the GIF's, else one a
        frame that is drawn.
    scale : float
        Pixels of the whole frame for each one here.
    """

    spread: tuple[U8, ...]
    others: tuple[U8, ...]
    runs: tuple[Run, ...]
    count: int
    tables: int = 1
    scale: float = 1.0


def scene_samples(
    clip: Clip, scenes: Sequence[Scene], spread: int, run: int, analysis: ClipFeatures
) -> Iterator[tuple[Scene, Samples]]:
    """Yield each scene with its samples, reading the clip once.

    Parameters
    ----------
    spread : int
        Frames from all over a scene.
    run : int
        Length of a run; less of it where frames are very large.
    analysis : ClipFeatures
        Of the clip.
    """
    run = min(run, max(SHORTEST, MOST_PIXELS // (clip.width * clip.height)))
    frames = enumerate(clip.frames())

    def drawn(scene: Scene) -> int:
        return int(np.count_nonzero(~analysis.identical[scene.start : scene.stop]))

    longest = max(scenes, key=drawn)
    for scene in scenes:
        chosen = spread_frames(scene, spread, analysis.histograms)
        more = spread_frames(scene, PALETTE_FRAMES, analysis.histograms)
        others = [index for index in more if index not in chosen]
        starts = [scene.start]
        # A single frame shows nothing of what follows it.
        if 1 < run <= (scene.stop - scene.start) // 3:
            starts.append(typical_run(scene, run, 1.0 - analysis.ssim_previous))
        ranges = [range(start, min(start + run, scene.stop)) for start in starts]
        wanted = {*chosen, *others, *(start - 1 for start in starts)}.union(*ranges)
        known: dict[int, U8] = {}
        for index, frame in frames:
            if index in wanted:
                known[index] = frame.pixels
            if index == scene.stop - 1:
                break
        yield (
            scene,
            Samples(
                tuple(known[index] for index in chosen),
                tuple(known[index] for index in others),
                tuple(
                    Run(
                        None if where.start == scene.start else known[where.start - 1],
                        tuple(known[index] for index in where),
                    )
                    for where in ranges
                ),
                scene.stop - scene.start,
                1 if scene is longest else drawn(scene),
            ),
        )


def spread_frames(scene: Scene, count: int, histograms: F32) -> list[int]:
    """Return the scene's first frame, then each time the one least like those before, in order.

    Of shares of colours the square roots are compared, so that something small in a colour of its
    own counts.

    Parameters
    ----------
    count : int
        Most frames to return.
    histograms : f32[n, bins]
        Of the clip's frames.
    """
    found = [scene.start]
    own = np.sqrt(histograms[scene.start : scene.stop])
    nearest = np.full(len(own), np.inf)
    while len(found) < min(count, len(own)):
        nearest = np.minimum(nearest, histogram_distance(own, own[found[-1] - scene.start]))
        nearest[[index - scene.start for index in found]] = -1.0
        found.append(scene.start + int(np.argmax(nearest)))
    return sorted(found)


def typical_run(scene: Scene, run: int, changes: F32) -> int:
    """Return where a second run begins that, with the one at the start, changes as the scene does.

    Parameters
    ----------
    run : int
        Length of the runs; the scene has three times as many frames at least.
    changes : f32[n]
        How much each of the clip's frames differs from the one before.
    """
    own = changes[scene.start : scene.stop].astype(np.float64)
    wanted = own[1:].mean() * (2 * run - 1) - own[1:run].sum()
    sums = np.convolve(own, np.ones(run), "valid")[run:]
    # Of equal ones the nearest to the middle.
    places = np.arange(run, run + len(sums))
    far = np.abs(places - len(own) / 2) / len(own)
    return scene.start + int(places[np.argmin(np.abs(sums - wanted) + 1e-6 * far)])


def reduced(samples: Samples) -> Samples:
    """Return samples of at most `LARGE` pixels, by means over square blocks."""
    height, width = samples.spread[0].shape[:2]
    step = int(np.ceil(np.sqrt(height * width / LARGE)))
    if step <= 1:
        return samples
    frames = [*samples.spread, *samples.others]
    frames += [frame for run in samples.runs for frame in run.pictures]
    # A frame may be in several places.
    each = {id(frame): frame for frame in frames}
    small = dict(
        zip(each, together(partial(block_means, step=step), [*each.values()]), strict=True)
    )

    def smaller(many: Iterable[U8]) -> tuple[U8, ...]:
        return tuple(small[id(frame)] for frame in many)

    return replace(
        samples,
        spread=smaller(samples.spread),
        others=smaller(samples.others),
        runs=tuple(
            Run(None if run.before is None else small[id(run.before)], smaller(run.frames))
            for run in samples.runs
        ),
        scale=float(step * step),
    )


def block_means(pixels: U8, step: int) -> U8:
    """Return the rounded means u8[h // step, w // step, 4] over blocks of u8[h, w, 4].

    What is left over at the right and at the bottom is cut off; alpha is 0 or 255. A picture that
    is smaller than a block is thinned out.
    """
    height, width = pixels.shape[:2]
    rows, columns = max(height // step, 1), max(width // step, 1)
    cut = pixels[: rows * step, : columns * step]
    if cut.shape[:2] != (rows * step, columns * step):
        return cut[::step, ::step]
    # Along the rows first: whole pixels are added up, many at a time.
    lines = cut.reshape(rows, step, columns * step * 4)
    sums = lines.sum(axis=1, dtype=np.uint32).reshape(rows, columns, step, 4)
    means = sums.sum(axis=2, dtype=np.uint32).astype(np.float32) / np.float32(step * step)
    found: U8 = np.rint(means).astype(np.uint8)
    found[..., 3] = np.where(found[..., 3] >= 128, 255, 0)
    return found
