"""One pass over the clip: every frame coded, scored and handed to the writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from zlib import crc32

import numpy as np

from ssimgif.encoder.frame import Coding
from ssimgif.encoder.preprocess import Prepared, Preparer
from ssimgif.encoder.sequence import SequenceCoder
from ssimgif.gif import GifWriter, Slot
from ssimgif.image import Canvas, white
from ssimgif.lookahead import ClipAnalysis, Shown, playback
from ssimgif.metrics import FrameScore, LateScore
from ssimgif.model import Clip, Disposal, Palette, Scene
from ssimgif.ratecontrol import Emphasis, Guide, Ledger, PalettePlan
from ssimgif.settings import Target
from ssimgif.speed import Effort

LONGEST_DELAY = 65_535


@dataclass(slots=True)
class Rendering:
    """What a pass made.

    Attributes
    ----------
    scores : list of FrameScore
        One a source frame.
    scene_bytes : list of int
        Bytes of each scene's image blocks.
    palettes : list of Palette
        Each that was used, once.
    scene_palettes : list of int
        Number of the palette of each scene's first frame, -1 where no frame of it is shown.
    checksums : list of int
        Of what each block leaves on screen, see `checksum`.
    trials : int
        Codings that were made and scored on the way.
    size : int
        Bytes of the whole file.
    """

    scores: list[FrameScore] = field(default_factory=list)
    scene_bytes: list[int] = field(default_factory=list)
    checksums: list[int] = field(default_factory=list)
    palettes: list[Palette] = field(default_factory=list)
    scene_palettes: list[int] = field(default_factory=list)
    trials: int = 0
    size: int = 0


@dataclass(slots=True)
class _Waiting:
    """A coded frame whose delay may still grow, because the next frames look the same."""

    coding: Coding
    disposal: Disposal
    delay: int


def render(
    clip: Clip,
    analysis: ClipAnalysis,
    slots: Sequence[Slot],
    scenes: Sequence[Scene],
    plans: Sequence[PalettePlan],
    target: Target,
    effort: Effort,
    preparer: Preparer,
    own_palette: Callable[..., Palette] | None,
    writer: GifWriter,
    executor: Executor | None,
    notify: Callable[[int], None],
    guide: Guide | None = None,
) -> Rendering:
    """Code the clip by its plans and write it.

    Parameters
    ----------
    slots : sequence of Slot
        Which source frame is on screen for how long.
    plans : sequence of PalettePlan
        One a scene.
    preparer : Preparer
    own_palette : callable or None
        Makes a frame's own palette by a strategy and of a size, the largest by default; None
        where each plan has a palette that must do.
    notify : callable
        Told the number of slots done.
    guide : Guide or None
        Where earlier searches of these frames ended, and their own palettes; it notes those of now.
    """
    ledger, steering = Ledger(target, len(slots)), plans[0].start.copy()
    blank = Canvas.blank(clip.width, clip.height)
    coder = SequenceCoder(target, ledger, effort, steering, blank, guide, executor)
    rendering = Rendering(scene_bytes=[0] * len(scenes), scene_palettes=[-1] * len(scenes))
    scores: dict[int, FrameScore | LateScore] = {}
    waiting: _Waiting | None = None
    borders = frozenset(scene.start for scene in scenes)
    shown = playback(clip, slots, analysis.durations, borders)
    queue = _prepared_ahead(shown, scenes, plans, preparer, own_palette, coder, executor)
    scene, before, late = 0, -1, None
    for done, (number, frame) in enumerate(queue):
        if number != scene:
            scene, coder.steering = number, plans[number].start.copy()
        slot = frame.now.slot
        richer = None
        if own_palette is not None:
            make = _noted(own_palette, guide, slot.source)
            richer = partial(make, frame.reference, plans[number].strategy)
        may_hold = waiting is not None and waiting.delay + slot.delay <= LONGEST_DELAY
        passed = slice(before + 1, slot.source + 1)
        identical = done > 0 and bool(analysis.identical[passed].all())
        alike = float(analysis.ssim_previous[passed].min(initial=1.0))
        before = slot.source
        outcome = coder.code(frame, richer, identical, may_hold, alike)
        rendering.trials += outcome.trials
        if outcome.coding is None:
            assert waiting is not None
            waiting.delay += slot.delay
        else:
            if waiting is not None:
                _write(writer, waiting)
            waiting = _Waiting(outcome.coding, outcome.disposal, slot.delay)
            _remember_palette(rendering, number, outcome.coding.palette)
            rendering.scene_bytes[number] += outcome.coding.size
            rendering.checksums.append(checksum(outcome.coding.canvas))
        on_screen = coder.shown
        assert on_screen is not None
        for source, pixels in frame.now.judged.items():
            scores[source] = (
                outcome.score
                if source == slot.source
                else preparer.reference(Canvas.of(pixels)).score(white(on_screen))
            )
        if late is not None:
            # The coder has waited for it; until then the frame's pictures are kept.
            scores[late] = _known(scores[late])
        late = slot.source
        notify(done + 1)
        # Large, and the queue is about to make another.
        del frame
    assert waiting is not None
    _write(writer, waiting)
    rendering.size = writer.finish()
    rendering.scores = [_known(scores[i]) for i in sorted(scores)]
    return rendering


def _prepared_ahead(
    shown: Iterable[Shown],
    scenes: Sequence[Scene],
    plans: Sequence[PalettePlan],
    preparer: Preparer,
    own_palette: Callable[..., Palette] | None,
    coder: SequenceCoder,
    executor: Executor | None,
) -> Iterator[tuple[int, Prepared]]:
    """Yield each frame with its scene's number; the next one is read and prepared meanwhile.

    So a frame's emphasis is what the coding of the last frame but one has led to, whether
    there is an executor or not.
    """
    frames = iter(shown)

    def prepare(number: int, emphasis: Emphasis) -> tuple[int, Prepared] | None:
        now = next(frames, None)
        if now is None:
            return None
        if number < 0 or now.slot.source >= scenes[number].stop:
            number = _scene_of(now.slot.source, scenes)
            emphasis = plans[number].start.emphasis
        plan = plans[number]
        palette: Palette | Callable[..., Palette]
        if plan.palette is not None:
            palette = plan.palette
        else:
            assert own_palette is not None
            make = _noted(own_palette, coder.guide, now.slot.source)
            palette = partial(make, strategy=plan.strategy, size=plan.size)
        return number, preparer.prepare(now, palette, emphasis, plan.filtered, plan.banded)

    def begin(number: int) -> Callable[[], tuple[int, Prepared] | None]:
        job = partial(prepare, number, coder.steering.emphasis)
        return executor.submit(job).result if executor else job

    # One at a time: playback, filter and dithering remember the frame before.
    waiting = begin(-1)
    while (ready := waiting()) is not None:
        waiting = begin(ready[0])
        yield ready
        # Large, and the next one is about to be waited for.
        del ready


def _known(score: FrameScore | LateScore) -> FrameScore:
    return score.result() if isinstance(score, LateScore) else score


def _noted(
    own_palette: Callable[..., Palette], guide: Guide | None, frame: int
) -> Callable[..., Palette]:
    """Return a maker of a frame's own palette that the guide, if any, knows of."""
    return own_palette if guide is None else guide.own_palette(own_palette, frame)


def checksum(canvas: Canvas) -> int:
    """Return a checksum of what a canvas shows: its opaque pixels and where they are."""
    return crc32(np.packbits(canvas.opaque).tobytes(), crc32(white(canvas).tobytes()))


def _write(writer: GifWriter, waiting: _Waiting) -> None:
    writer.add(waiting.coding.frame(waiting.delay, waiting.disposal))


def _remember_palette(rendering: Rendering, scene: int, palette: Palette) -> None:
    known = [i for i, other in enumerate(rendering.palettes) if other is palette]
    if not known:
        known = [len(rendering.palettes)]
        rendering.palettes.append(palette)
    if rendering.scene_palettes[scene] < 0:
        rendering.scene_palettes[scene] = known[0]


def _scene_of(source: int, scenes: Sequence[Scene]) -> int:
    return next(i for i, scene in enumerate(scenes) if source < scene.stop)
