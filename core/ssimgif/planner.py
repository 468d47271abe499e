"""Choose each scene's palette: every candidate is coded on sample frames, the cheapest that
meets the target wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ssimgif.control import LAMBDA_RANGE, Ledger, Steering, white
from ssimgif.effort import Effort
from ssimgif.encoder import FrameCoder
from ssimgif.gif.canvas import Canvas
from ssimgif.gif.ratedistortion import least_errors
from ssimgif.gif.tables import table_size, with_transparent
from ssimgif.model import F32, U8, Palette, Scene
from ssimgif.nearest import map_nearest
from ssimgif.report import CandidateReport
from ssimgif.scoring import FrameReference
from ssimgif.search import Trial, least_valid, search
from ssimgif.settings import Target

Bool = NDArray[np.bool_]
TABLE_BYTES = 3
# Pixels of a sample frame beyond which candidates are first judged at half the size.
LARGE = 300_000
# How far the nearest colours must exceed the target, so that the encoder has something to spend.
HEADROOM = 0.02

Strategies = Callable[[Sequence[U8], Sequence[F32], int], dict[str, Palette]]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A frame by which a scene's palettes are judged.

    Attributes
    ----------
    pixels : u8[h, w, 4]
    before : u8[h, w, 4] or None
        The frame before it; None for a scene's first frame.
    frames : float
        How many frames of the scene it stands for.
    scale : float
        Pixels of the whole frame for each one of the sample.
    """

    pixels: U8
    before: U8 | None
    frames: float
    scale: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class PalettePlan:
    """How a scene is coloured.

    Attributes
    ----------
    palette : Palette or None
        The scene's palette; None where each frame gets its own.
    size : int
        Colours, the transparent entry left out.
    strategy : str
        Its name.
    start : Steering
        What met the target on the samples.
    score : float
        Least SSIM of the samples when mapped to the nearest colours.
    bytes : float
        Estimate for the scene, its table included; infinite where the target is out of reach.
    candidates : tuple of CandidateReport
        All that were tried.
    """

    palette: Palette | None
    size: int
    strategy: str
    start: Steering
    score: float
    bytes: float
    candidates: tuple[CandidateReport, ...] = ()


@dataclass(slots=True, eq=False)
class _Candidate:
    """A strategy at a size: one palette a sample, all the same unless each frame gets its own."""

    strategy: str
    palettes: list[Palette]
    per_frame: bool
    score: float = 0.0
    margin: float = 0.0
    bytes: float | None = None
    start: Steering = field(default_factory=Steering)

    @property
    def entries(self) -> int:
        return max(len(palette.colors) for palette in self.palettes)


class Planner:
    """Judges palettes on sample frames.

    Parameters
    ----------
    target : Target
    effort : Effort
    colors : int
        Most entries a palette may have, the transparent one included.
    transparent : bool
        Whether palettes need a transparent entry.
    strategies : callable
        Proposes palettes for (frames, weights, size).
    """

    def __init__(
        self,
        target: Target,
        effort: Effort,
        colors: int,
        transparent: bool,
        strategies: Strategies,
        executor: Executor | None,
    ) -> None:
        self.target = target
        self.effort = effort
        self.transparent = transparent
        self.strategies = strategies
        self._map = executor.map if executor else map
        self.most = colors - 1 if transparent else colors
        self.sizes = sorted({min(size, self.most) for size in (*effort.colors, self.most)})
        self.requirement = replace(Ledger(target, 1)).requirement()

    def plan(self, samples: Sequence[Sample]) -> PalettePlan:
        """Return the best plan for a scene's samples.

        Large frames are judged at a reduced size; what wins there must hold at full size.
        """
        small = [reduced(sample) for sample in samples]
        references = self._references(small)
        candidates = self._judged(small, references)
        finalists = _best_of_each_size(c for c in candidates if c.margin > HEADROOM)
        list(self._map(lambda one: self._measure(one, small, references), finalists))
        finalists.sort(key=lambda one: one.bytes or 0.0)
        if small[0] is samples[0]:
            holding = finalists
        else:
            whole = self._references(samples)
            holding = [one for one in finalists if self._holds(one, samples, whole)]
        best = holding[0] if holding else max(candidates, key=lambda one: one.margin)
        return _plan(best, candidates)

    def _judged(
        self, samples: Sequence[Sample], references: Sequence[FrameReference]
    ) -> list[_Candidate]:
        """Propose and score candidates, from the largest palettes down to those that fail."""
        candidates: list[_Candidate] = []
        for size in reversed(self.sizes):
            found = self._propose(samples, references, size)
            list(self._map(lambda one: self._judge(one, samples, references), found))
            candidates += found
            if all(one.margin <= HEADROOM for one in found):
                break
        return candidates

    def _holds(
        self,
        candidate: _Candidate,
        samples: Sequence[Sample],
        references: Sequence[FrameReference],
    ) -> bool:
        self._judge(candidate, samples, references)
        return candidate.margin > HEADROOM

    def _references(self, samples: Sequence[Sample]) -> list[FrameReference]:
        return [FrameReference(sample.pixels, self.target) for sample in samples]

    def fits(self, palette: Palette, samples: Sequence[Sample], threshold: float | None) -> bool:
        """Return whether a palette does for samples: at an SSIM, or at the target without one."""
        for sample in samples:
            score = FrameReference(sample.pixels, self.target).score(
                _mapped(sample.pixels, palette)
            )
            if (self.requirement.margins(score) <= HEADROOM).any():
                return False
            if threshold is not None and score.ssim < threshold:
                return False
        return True

    def cost(self, palette: Palette, samples: Sequence[Sample]) -> float:
        """Return the estimated bytes of a scene with a given palette, its table left out."""
        small = [reduced(sample) for sample in samples]
        candidate = _Candidate("given", [palette] * len(small), False)
        self._measure(candidate, small, self._references(small))
        return (candidate.bytes or 0.0) - TABLE_BYTES * table_size(len(palette.colors))

    def own_palette(self, pixels: U8, strategy: str, size: int | None = None) -> Palette:
        """Return a palette for one frame alone, as large as allowed unless a size is given."""
        reference = FrameReference(pixels, replace(self.target, looks=0.0))
        found = self._strategies([pixels[..., 3] == 255], [reference], size or self.most)
        return found.get(strategy) or next(iter(found.values()))

    def _propose(
        self, samples: Sequence[Sample], references: Sequence[FrameReference], size: int
    ) -> list[_Candidate]:
        opaque = [sample.pixels[..., 3] == 255 for sample in samples]
        shared = self._strategies(opaque, references, size)
        found = [
            _Candidate(name, [palette] * len(samples), False) for name, palette in shared.items()
        ]
        if len(samples) == 1 or "exact" in shared:
            return found
        own = [
            self._strategies([mask], [reference], size)
            for mask, reference in zip(opaque, references, strict=True)
        ]
        return found + [
            _Candidate(name, [palettes[name] for palettes in own], True)
            for name in own[0]
            if all(name in palettes for palettes in own)
        ]

    def _strategies(
        self, opaque: Sequence[Bool], references: Sequence[FrameReference], size: int
    ) -> dict[str, Palette]:
        pictures = [reference.rgb for reference in references]
        weights = [
            reference.weights() * mask for reference, mask in zip(references, opaque, strict=True)
        ]
        found = self.strategies(pictures, weights, size)
        if not self.transparent:
            return found
        return {name: with_transparent(palette) for name, palette in found.items()}

    def _judge(
        self,
        candidate: _Candidate,
        samples: Sequence[Sample],
        references: Sequence[FrameReference],
    ) -> None:
        """Score the samples in their nearest colours: the best that the palette can do."""
        scores = [
            reference.score(_mapped(sample.pixels, palette))
            for sample, reference, palette in zip(
                samples, references, candidate.palettes, strict=True
            )
        ]
        candidate.score = min(score.ssim for score in scores)
        candidate.margin = min(float(self.requirement.margins(score).min()) for score in scores)

    def _measure(
        self,
        candidate: _Candidate,
        samples: Sequence[Sample],
        references: Sequence[FrameReference],
    ) -> None:
        """Code the samples at the target and add up what the scene would take."""
        frames = sum(sample.frames for sample in samples) if candidate.per_frame else 1.0
        total = frames * TABLE_BYTES * table_size(candidate.entries)
        for sample, reference, palette in zip(samples, references, candidate.palettes, strict=True):
            total += (
                sample.frames
                * sample.scale
                * self._size(palette, sample, reference, candidate.start)
            )
        candidate.bytes = total

    def _size(
        self,
        palette: Palette,
        sample: Sample,
        reference: FrameReference,
        steering: Steering,
    ) -> int:
        opaque = sample.pixels[..., 3] == 255
        screen = Canvas.blank(opaque.shape[1], opaque.shape[0])
        if sample.before is not None:
            # What has turned transparent since is cleared by the disposal before.
            kept = opaque & (sample.before[..., 3] == 255)
            screen = Canvas(_mapped(sample.before, palette), kept)
        wanted = np.ascontiguousarray(sample.pixels[..., :3])
        weights = reference.weights()
        chroma = np.full(opaque.shape, steering.chroma, np.float32)
        coder = FrameCoder(
            wanted=wanted,
            opaque=opaque,
            weights=weights,
            chroma=chroma,
            floor=least_errors(wanted, weights, palette, chroma),
            palette=palette,
            screen=screen,
            clear=None,
            beam=self.effort.beam,
        )

        def evaluate(x: float) -> Trial[int]:
            coding = coder.rate_distortion(float(np.exp(x)))
            score = reference.score(white(coding.canvas))
            return Trial(x, self.requirement.margins(score), coding.size, coding.size)

        trials = search(
            evaluate,
            steering.experience,
            most=self.effort.trials,
            tolerance=2 * self.effort.tolerance,
            limits=LAMBDA_RANGE,
        )
        found = least_valid(trials) or trials[-1]
        steering.balance(found.margins)
        exact = coder.exact(map_nearest(wanted, palette), found.size if found.valid else None)
        if exact is None:
            return found.size
        return min(exact.size, found.size) if found.valid else exact.size


def reduced(sample: Sample) -> Sample:
    """Return a sample of at most `LARGE` pixels, by means over square blocks."""
    height, width = sample.pixels.shape[:2]
    step = int(np.ceil(np.sqrt(height * width / LARGE)))
    if step <= 1:
        return sample
    before = None if sample.before is None else _block_means(sample.before, step)
    return Sample(_block_means(sample.pixels, step), before, sample.frames, float(step * step))


def _block_means(pixels: U8, step: int) -> U8:
    rows, columns = pixels.shape[0] // step * step, pixels.shape[1] // step * step
    if not rows or not columns:
        return pixels
    blocks = pixels[:rows, :columns].reshape(rows // step, step, columns // step, step, 4)
    means: U8 = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)
    means[..., 3] = np.where(means[..., 3] >= 128, 255, 0)
    return means


def sample_frames(scene: Scene, count: int) -> list[int]:
    """Return the frames of a scene to be judged by: the first, and some spread over the rest."""
    length = scene.stop - scene.start
    if length <= count:
        return list(range(scene.start, scene.stop))
    spread = np.linspace(0, length - 1, 2 * count - 1)[1::2]
    return [scene.start, *(scene.start + int(position) for position in spread)]


def _best_of_each_size(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    best: dict[tuple[int, bool], _Candidate] = {}
    for candidate in candidates:
        kind = (candidate.entries, candidate.per_frame)
        if kind not in best or candidate.margin > best[kind].margin:
            best[kind] = candidate
    return list(best.values())


def _plan(best: _Candidate, candidates: Sequence[_Candidate]) -> PalettePlan:
    def verdict(one: _Candidate) -> str:
        if one is best:
            return "chosen"
        if one.margin <= HEADROOM:
            return "below the target"
        return "larger" if one.bytes is not None else "less like the source"

    def name(one: _Candidate) -> str:
        return f"{one.strategy}, a palette a frame" if one.per_frame else one.strategy

    palette = best.palettes[0]
    return PalettePlan(
        palette=None if best.per_frame else palette,
        size=best.entries - (palette.transparent is not None),
        strategy=best.strategy,
        start=best.start,
        score=best.score,
        bytes=np.inf if best.bytes is None else best.bytes,
        candidates=tuple(
            CandidateReport(
                name(one),
                one.entries,
                one.score,
                None if one.bytes is None else round(one.bytes),
                verdict(one),
            )
            for one in candidates
        ),
    )


def _mapped(pixels: U8, palette: Palette) -> U8:
    """Return the picture in its nearest colours, on white, u8[h, w, 3]."""
    rgb = palette.colors[map_nearest(np.ascontiguousarray(pixels[..., :3]), palette)]
    return white(Canvas(rgb, pixels[..., 3] == 255))
