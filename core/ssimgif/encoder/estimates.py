"""Code a scene's runs of sample frames for trial, and reckon what the scene would take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from ssimgif.dither import Dithering
from ssimgif.encoder.candidates import TIE, Candidate
from ssimgif.encoder.preprocess import Preparer, in_nearest_colors
from ssimgif.encoder.sequence import Outcome, SequenceCoder
from ssimgif.gif import Slot, table_bytes
from ssimgif.host import ahead, spare, start, together
from ssimgif.image import Canvas
from ssimgif.lookahead import Run, Samples, Shown
from ssimgif.metrics import FrameReference
from ssimgif.model import Palette
from ssimgif.ratecontrol import Experience, RateControlState, Reservoir
from ssimgif.speed import SpeedSettings
from ssimgif.target import Target

# A palette fits the frames that it is made of better than others, which take more by this factor.
OTHER_FRAMES = 1.02
# Numbers of colours that are tried together.
SIDE_BY_SIDE = 2

# Makers of palettes by the candidates' identity.
Palettes = dict[int, Callable[[], Palette]]


@dataclass(slots=True, eq=False)
class Rehearsal:
    """A candidate on its way through a run.

    Attributes
    ----------
    candidate : Candidate
    preparer : Preparer
    coder : SequenceCoder
    sizes : list of int
        Bytes of each frame so far that is not waited for.
    waiting : list of callable
        Tell the bytes of those after them.
    places : list of (float, float)
        Where the searches of frames that were drawn ended: log lambda, and log chroma.
    last : FrameReference or None
        Of the last frame.
    """

    candidate: Candidate
    preparer: Preparer
    coder: SequenceCoder
    sizes: list[int]
    waiting: list[Callable[[], int]] = field(default_factory=list)
    places: list[tuple[float, float]] = field(default_factory=list)
    last: FrameReference | None = None

    def meet(self, reference: FrameReference) -> Rehearsal:
        """Take the next frame in, whose reference is that of all candidates; code it next."""
        self.last = reference.anew(self.last)
        return self

    def code(self, now: Shown, palette: Palette) -> None:
        """Code the frame upon what the ones before left."""
        coder, candidate = self.coder, self.candidate
        emphasis, filtered = coder.state.emphasis, candidate.filtered
        frame = self.preparer.prepare(now, palette, emphasis, filtered, reference=self.last)
        outcome = coder.code(frame, None)
        self.waiting.append(partial(_size, outcome))
        if outcome.coding is not None:
            candidate.contours.append(outcome.contours)
            self.places.append((coder.state.experience.x, float(np.log(coder.state.chroma))))

    def settle(self) -> None:
        """Wait for what the frames take."""
        self.sizes += [size() for size in self.waiting]
        self.waiting.clear()

    def least_bytes(self, samples: Samples) -> float:
        """Return what the scene takes at the least, by the frames so far."""
        self.settle()
        return least_bytes(self.candidate, samples)

    def note_start(self) -> None:
        """Note where frames typically ended: the last of them may have been held back."""
        if self.places:
            x, chroma = np.median(self.places, axis=0)
            experience = Experience(float(x), self.coder.state.experience.slopes)
            self.candidate.start = RateControlState(experience, float(np.exp(chroma)))


@dataclass(frozen=True, slots=True)
class Estimator:
    """Codes candidates on the runs of a scene's samples.

    Attributes
    ----------
    target : Target
    speed : SpeedSettings
    colors : int
        Most entries a palette may have, the transparent one included.
    palette : callable
        Returns a candidate's palette for a frame.
    """

    target: Target
    speed: SpeedSettings
    colors: int
    palette: Callable[[Candidate, FrameReference], Palette]

    def measure(
        self, candidates: Sequence[Candidate], samples: Samples, most: float = np.inf
    ) -> None:
        """Code the runs at the target, and note what the scene would take by each candidate.

        They go through a run side by side: what metrics take of a source frame is worked out once,
        and kept no longer than for the next one.

        Parameters
        ----------
        candidates : sequence of Candidate
        samples : Samples
        most : float
            A candidate that is sure to take more bytes is coded no further: what it takes at the
            least is noted.
        """
        for one in self._coded(candidates, samples, most):
            one.bytes = least_bytes(one, samples)

    def _coded(
        self, candidates: Sequence[Candidate], samples: Samples, most: float = np.inf
    ) -> Sequence[Candidate]:
        """Code the runs, and return the candidates, whose bytes are not noted yet."""
        for run in samples.runs:
            left = [one for one in candidates if least_bytes(one, samples) <= most]
            if left:
                self._rehearse(left, run, samples, most)
        return candidates

    def measure_upwards(self, candidates: Sequence[Candidate], samples: Samples) -> None:
        """Measure from the fewest colours up to where more of them take more bytes.

        Parameters
        ----------
        candidates : sequence of Candidate
            Each has one palette for all frames. Those with still more colours aren't coded.
        samples : Samples
        """
        ascending = sorted(candidates, key=lambda one: one.entries)
        places = range(0, len(ascending), SIDE_BY_SIDE)
        parts = [ascending[place : place + SIDE_BY_SIDE] for place in places]
        works = [partial(self._coded_apart, part, samples) for part in parts]
        with closing(ahead(works) if spare() else (work() for work in works)) as coded:
            for tried, found in zip(parts, coded, strict=False):
                for one, other in zip(tried, found, strict=True):
                    one.take(other)
                    one.bytes = least_bytes(one, samples)
                if (tried[-1].bytes or 0.0) > TIE * (tried[0].bytes or 0.0):
                    break

    def _coded_apart(self, candidates: Sequence[Candidate], samples: Samples) -> list[Candidate]:
        """Code the runs by candidates like these, which learn nothing of it."""
        return [*self._coded([one.twin() for one in candidates], samples)]

    def _rehearse(
        self, candidates: Sequence[Candidate], run: Run, samples: Samples, most: float
    ) -> None:
        """Code a run by each candidate that may not take too much."""
        frames = [Canvas.of(pixels) for pixels in run.frames]
        left = together(partial(self._begun, run=run), candidates)
        rest = np.zeros(frames[0].opaque.shape, np.uint8)
        each = self._met(frames, candidates)
        for source, following in zip(frames, [*frames[1:], None], strict=True):
            if most < np.inf:
                left = [one for one in left if one.least_bytes(samples) <= most]
            if not left:
                break
            reference, palettes = next(each)
            now = Shown(Slot(0, 1), {}, source, following, rest, 0.0)

            def code(one: Rehearsal, now: Shown = now, palettes: Palettes = palettes) -> None:
                candidate = one.candidate
                own = palettes[id(candidate)] if candidate.per_frame else None
                one.code(now, own() if own else candidate.palettes[0])

            together(code, [one.meet(reference) for one in left])
        for one in left:
            one.settle()
            if run.before is None:
                one.note_start()

    def _met(
        self, frames: Sequence[Canvas], candidates: Sequence[Candidate]
    ) -> Iterator[tuple[FrameReference, Palettes]]:
        """Yield the reference of each frame, and makers of the palettes that are for it alone.

        Those of the next frame are worked out while one is coded, where there are other threads.
        """
        before: FrameReference | None = None
        own = [one for one in candidates if one.per_frame]

        def meet(source: Canvas) -> tuple[FrameReference, Palettes]:
            reference = FrameReference(source, self.target, previous=before).anew(None)
            return reference, {id(one): start(partial(self.palette, one, reference)) for one in own}

        waiting = start(partial(meet, frames[0]))
        for following in [*frames[1:], None]:
            found = waiting()
            before = found[0]
            if following is not None:
                waiting = start(partial(meet, following))
            yield found

    def _begun(self, candidate: Candidate, run: Run) -> Rehearsal:
        preparer = Preparer(self.target, Dithering("none", {}))
        state = candidate.start if run.before is None else candidate.start.copy()
        coder = SequenceCoder(
            target=self.target,
            reservoir=Reservoir(self.target, len(run.frames)),
            speed=self.speed,
            colors=self.colors,
            state=state,
            canvas=self._canvas(candidate, run, preparer),
        )
        candidate.sizes.append([])
        return Rehearsal(candidate, preparer, coder, candidate.sizes[-1])

    def _canvas(self, candidate: Candidate, run: Run, preparer: Preparer) -> Canvas:
        """Return what is on screen before a run."""
        height, width = run.frames[0].shape[:2]
        if run.before is None:
            return Canvas.blank(width, height)
        source = Canvas.of(run.before)
        before = FrameReference(source, replace(self.target, looks=0.0))
        if candidate.filtered:
            preparer.temporal(source.rgb)
        opaque = before.opaque & (run.frames[0][..., 3] == 255)
        return Canvas(in_nearest_colors(before, self.palette(candidate, before)), opaque)


def cut_short(candidates: Iterable[Candidate], samples: Samples, most: float) -> None:
    """Note of candidates that were measured what is noted where they may take so many bytes."""
    for one in candidates:
        runs, one.sizes = one.sizes, []
        for run in runs:
            if least_bytes(one, samples) <= most:
                one.sizes.append([])
            for size in run:
                if least_bytes(one, samples) <= most:
                    one.sizes[-1].append(size)
        one.bytes = least_bytes(one, samples)


def _size(outcome: Outcome) -> int:
    return outcome.coding().size if outcome.coding else 0


def least_bytes(candidate: Candidate, samples: Samples) -> float:
    """Return what a scene takes by a candidate; at the least, where frames are still to be coded.

    What follows a run's first frame stands for the rest of the scene.
    """
    first = candidate.sizes[0][0] if candidate.sizes and candidate.sizes[0] else 0
    others = sum(sum(sizes[1:]) for sizes in candidate.sizes)
    count = sum(len(run.frames) - 1 for run in samples.runs)
    blocks = first + (samples.count - 1) * (others / max(count, 1))
    if samples.count > len(samples.spread) + len(samples.others) and not candidate.per_frame:
        blocks *= OTHER_FRAMES
    tables = samples.count if candidate.per_frame else samples.tables
    return tables * table_bytes(candidate.entries) + samples.scale * blocks
