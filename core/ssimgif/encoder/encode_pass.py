"""One pass over the clip: every frame coded, scored and handed to the writer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from zlib import crc32

import numpy as np

from ssimgif.encoder.frame import Coding
from ssimgif.encoder.job import EncodeJob
from ssimgif.encoder.palette_search import palette_search
from ssimgif.encoder.preprocess import Prepared, Preparer
from ssimgif.encoder.sequence import Outcome, SequenceCoder
from ssimgif.gif import GifWriter, Slot
from ssimgif.host import spare, start
from ssimgif.image import Canvas, white
from ssimgif.lookahead import playback
from ssimgif.metrics import FrameScore, LateScore
from ssimgif.model import Disposal, Palette, Scene
from ssimgif.ratecontrol import Emphasis, PalettePlan, PassStats, Reservoir

LONGEST_DELAY = 65_535
# Share of a rival's bytes by which the first frames may take more.
FARTHEST_LAG = 0.08
# Frames that other threads, where there are many, may still be coding in their fewest bytes.
MOST_LATE = 2


@dataclass(slots=True)
class Rendering:
    """What a pass made.

    Attributes
    ----------
    scores : list of FrameScore
        One a source frame.
    scene_bytes : list of int
        Bytes of each scene's image blocks.
    slot_bytes : list of int
        Bytes of each slot's, 0 where the picture on screen stays.
    palettes : list of Palette
        Each that was used, once.
    scene_palettes : list of int
        Number of the palette of each scene's first frame, -1 where no frame of it is shown.
    reaches : list of float
        Of each block, the least error of worst places that its palette is good for.
    checksums : list of int
        Of what each block leaves on screen, see `checksum`.
    size : int
        Bytes of the whole file.
    """

    scores: list[FrameScore] = field(default_factory=list)
    scene_bytes: list[int] = field(default_factory=list)
    slot_bytes: list[int] = field(default_factory=list)
    checksums: list[int] = field(default_factory=list)
    reaches: list[float] = field(default_factory=list)
    palettes: list[Palette] = field(default_factory=list)
    scene_palettes: list[int] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True)
class _Waiting:
    """A coded frame whose delay may still grow, because the next frames look the same."""

    coding: Callable[[], Coding]
    disposal: Disposal
    delay: int
    checksum: Callable[[], int]
    scene: int
    slot: int


class TooLargeError(Exception):
    """It would hardly become smaller than what it is to replace."""


class EncodePass:
    """Codes a clip by its plans, frame after frame.

    Parameters
    ----------
    job : EncodeJob
    plans : sequence of PalettePlan
        One a scene.
    writer : GifWriter
    stats : PassStats
        Where earlier searches of these frames ended, and their own palettes; it notes those of now.
    """

    def __init__(
        self, job: EncodeJob, plans: Sequence[PalettePlan], writer: GifWriter, stats: PassStats
    ) -> None:
        self.job = job
        self.plans = plans
        self.writer = writer
        self.stats = stats
        self.preparer = Preparer(job.target, job.dithering(), job.speed.color_step)
        self._search = palette_search(job)
        self.coder = SequenceCoder(
            job.target,
            Reservoir(job.target, len(job.slots)),
            job.speed,
            job.settings.colors,
            plans[0].start.copy(),
            Canvas.blank(job.clip.width, job.clip.height),
            stats,
        )
        self.rendering = Rendering(
            scene_bytes=[0] * len(job.scenes), scene_palettes=[-1] * len(job.scenes)
        )
        self._waiting: _Waiting | None = None
        self._over: deque[_Waiting] = deque()
        self._late = 0
        self._tell = job.tell("encoding", len(job.slots))

    def run(self, rival: Rendering | None = None) -> Rendering:
        """Code the clip and write it.

        Parameters
        ----------
        rival : Rendering, optional
            Of the same clip, of which this is to be smaller.

        Raises
        ------
        TooLargeError
            Once it is not likely to become so.
        """
        if rival is None and spare():
            # Else it is to be known at once what frames take.
            self._late = MOST_LATE
        with closing(self._prepared_ahead()) as frames:
            return self._coded(frames, rival)

    def _coded(self, frames: Iterable[tuple[int, Prepared]], rival: Rendering | None) -> Rendering:
        features, rendering, coder = self.job.features, self.rendering, self.coder
        scores: dict[int, FrameScore | LateScore] = {}
        scene, before, late = 0, -1, None
        for done, (number, frame) in enumerate(frames):
            if number != scene:
                scene, coder.state = number, self.plans[number].start.copy()
            slot = frame.now.slot
            passed = slice(before + 1, slot.source + 1)
            identical = done > 0 and bool(features.identical[passed].all())
            alike = float(features.ssim_previous[passed].min(initial=1.0))
            before = slot.source
            coder.lossless = self.plans[number].lossless
            local = self._local_palette(number, frame)
            outcome = coder.code(frame, local, identical, self._may_hold(slot), alike)
            self._take(outcome, number, slot)
            if rival is not None and _lags(rendering.slot_bytes, rival.slot_bytes):
                raise TooLargeError
            on_screen = coder.shown
            assert on_screen is not None
            for source, pixels in frame.now.judged.items():
                scores[source] = (
                    outcome.score
                    if source == slot.source
                    else frame.reference.of_like(Canvas.of(pixels)).score(white(on_screen))
                )
            if late is not None:
                # The coder has waited for it; until then the frame's pictures are kept.
                scores[late] = _known(scores[late])
            late = slot.source
            self._tell(done + 1)
            # Large, and the queue is about to make another.
            del frame, local
        self._end_block()
        self._write(0)
        rendering.size = self.writer.finish()
        rendering.scores = [_known(scores[i]) for i in sorted(scores)]
        return rendering

    def _prepared_ahead(self) -> Generator[tuple[int, Prepared], None, None]:
        """Yield each frame with its scene's number; the next one is read and prepared meanwhile.

        So a frame's emphasis is what the coding of the last frame but one has led to, whether
        there are other threads or not.
        """
        job, plans = self.job, self.plans
        borders = frozenset(scene.start for scene in job.scenes)
        frames = playback(job.clip, job.slots, job.features.durations, borders)

        def prepare(number: int, emphasis: Emphasis) -> tuple[int, Prepared] | None:
            now = next(frames, None)
            if now is None:
                return None
            if number < 0 or now.slot.source >= job.scenes[number].stop:
                number = _scene_of(now.slot.source, job.scenes)
                emphasis = plans[number].start.emphasis
            plan = plans[number]
            palette: Palette | Callable[..., Palette]
            if plan.palette is not None:
                palette = plan.palette
            else:
                make = self.stats.own_palette(self._search.own_palette, now.slot.source)
                palette = partial(make, strategy=plan.strategy, size=plan.size)
            prepared = self.preparer.prepare(now, palette, emphasis, plan.filtered, plan.banded)
            return number, prepared

        def begin(number: int) -> Callable[[], tuple[int, Prepared] | None]:
            return start(partial(prepare, number, self.coder.state.emphasis))

        # One at a time: playback, filter and dithering remember the frame before.
        waiting = begin(-1)
        while (ready := waiting()) is not None:
            waiting = begin(ready[0])
            try:
                yield ready
            except GeneratorExit:
                waiting()
                raise
            # Large, and the next one is about to be waited for.
            del ready

    def _local_palette(self, number: int, frame: Prepared) -> Callable[[], Palette] | None:
        """Return a maker of a palette for a frame alone, if it may have one."""
        if self.job.equipment.one_palette:
            return None
        make = self.stats.own_palette(self._search.own_palette, frame.now.slot.source)
        return partial(make, frame.reference, self.plans[number].strategy)

    def _may_hold(self, slot: Slot) -> bool:
        """Tell whether what is on screen may stay for as long as a slot lasts."""
        waiting = self._waiting
        return waiting is not None and waiting.delay + slot.delay <= LONGEST_DELAY

    def _take(self, outcome: Outcome, scene: int, slot: Slot) -> None:
        """Take in how a frame was coded, and end the one before if it is drawn."""
        self.rendering.slot_bytes.append(0)
        if outcome.coding is None:
            assert self._waiting is not None
            self._waiting.delay += slot.delay
            return
        self._end_block()
        shown = self.coder.shown
        assert shown is not None
        told = start(partial(checksum, shown))
        number = len(self.rendering.slot_bytes) - 1
        self._waiting = _Waiting(outcome.coding, outcome.disposal, slot.delay, told, scene, number)
        self.rendering.reaches.append(outcome.reach)

    def _end_block(self) -> None:
        """Let the frame be written whose delay is known now, if there is one."""
        if self._waiting is not None:
            self._over.append(self._waiting)
        self._write(self._late)

    def _write(self, left: int) -> None:
        """Write frames whose delay is known until so many are left."""
        rendering = self.rendering
        while len(self._over) > left:
            waiting = self._over.popleft()
            coding = waiting.coding()
            _remember_palette(rendering, waiting.scene, coding.palette)
            rendering.scene_bytes[waiting.scene] += coding.size
            rendering.slot_bytes[waiting.slot] = coding.size
            rendering.checksums.append(waiting.checksum())
            self.writer.add(coding.frame(waiting.delay, waiting.disposal))


def _lags(sizes: Sequence[int], rival: Sequence[int]) -> bool:
    """Tell whether the first blocks took so much more that the others won't make up for it."""
    return sum(sizes) - sum(rival[: len(sizes)]) > FARTHEST_LAG * sum(rival)


def _known(score: FrameScore | LateScore) -> FrameScore:
    return score.result() if isinstance(score, LateScore) else score


def checksum(canvas: Canvas) -> int:
    """Return a checksum of what a canvas shows: its opaque pixels and where they are."""
    return crc32(np.packbits(canvas.opaque).tobytes(), crc32(white(canvas).tobytes()))


def _remember_palette(rendering: Rendering, scene: int, palette: Palette) -> None:
    known = [i for i, other in enumerate(rendering.palettes) if other is palette]
    if not known:
        known = [len(rendering.palettes)]
        rendering.palettes.append(palette)
    if rendering.scene_palettes[scene] < 0:
        rendering.scene_palettes[scene] = known[0]


def _scene_of(source: int, scenes: Sequence[Scene]) -> int:
    return next(i for i, scene in enumerate(scenes) if source < scene.stop)
