"""How a conversion scales with workers: ``scaling.py [CLIP...] [--workers ...]``.

For each number of workers a conversion is done by one thread that plays all of them: it divides the
work as they would, and notes each piece with its CPU time and what waits for what. By that record
workers that take what is ready are simulated, which tells when the last piece would be done, though
this machine has fewer cores. What one and two workers take here for real stands beside it, and all
GIFs must have the same bytes. The clips ``film`` and ``recording``, both of 1920x1080, are made on
the fly, the first by ffmpeg of `tests/data/bunny.avif`; any other word is a file.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, TypeVar
from unittest import mock

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from run import BUNNY, WORDS, Picture, table, write_video
from ssimgif import Settings, convert
from ssimgif.host import Threads

T = TypeVar("T")
R = TypeVar("R")
FRAMES = 24
WORKERS = (1, 2, 4, 8, 16)


@dataclass(slots=True, eq=False)
class Task:
    """A piece of work.

    Attributes
    ----------
    steps : list of (str, float or Task or list of Task)
        What it does, in order: ``work`` for so many seconds, ``fork`` a task that others may do,
        ``join`` tasks, which have to be done before it goes on.
    """

    steps: list[tuple[str, Any]] = field(default_factory=list)


class Recorder(Threads):
    """One thread that plays several workers, and notes who would do what.

    Parameters
    ----------
    count : int
        How many workers it plays.
    """

    def __init__(self, count: int) -> None:
        super().__init__(max(count, 2))
        self.workers = count
        self.root = Task()
        self._present = self.root
        self._since = thread_time()

    def _note(self) -> None:
        now = thread_time()
        self._present.steps.append(("work", now - self._since))
        self._since = now

    def _run(self, work: Callable[[], T]) -> tuple[Task, T]:
        """Do what another worker would, and note it as a task of its own."""
        self._note()
        task, before = Task(), self._present
        before.steps.append(("fork", task))
        self._present = task
        result = work()
        self._note()
        self._present = before
        return task, result

    def _join(self, tasks: list[Task]) -> None:
        self._note()
        self._present.steps.append(("join", tasks))

    def start(self, work: Callable[[], T]) -> Callable[[], T]:
        task, found = self._run(work)

        def result() -> T:
            self._join([task])
            return found

        return result

    def together(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        done = [self._run(lambda item=item: function(item)) for item in items]  # type: ignore[misc]
        self._join([task for task, _ in done])
        return [found for _, found in done]

    def finish(self) -> Task:
        """Return what was noted."""
        self._note()
        return self.root


class Simulation:
    """Workers that take what is ready, first come first served, as `Threads` does it.

    Who waits for a task that nobody has begun does it; who waits for one that is being done by
    another worker is idle.

    Parameters
    ----------
    workers : int
    """

    def __init__(self, workers: int) -> None:
        self.now = 0.0
        self.ready: deque[Task] = deque()
        self.begun: set[Task] = set()
        self.done: set[Task] = set()
        # What each worker is at: tasks within tasks, and the number of the next step of each.
        self.stacks: list[list[tuple[Task, int]]] = [[] for _ in range(workers)]
        self.until = [0.0] * workers

    def makespan(self, root: Task) -> float:
        """Return when the last step of a task is done, seconds."""
        self._begin(0, root)
        while root not in self.done:
            while sum(self._advance(worker) for worker in range(len(self.stacks))):
                pass
            self.now = min((time for time in self.until if time > self.now), default=self.now)
        return self.now

    def _begin(self, worker: int, task: Task) -> None:
        self.begun.add(task)
        self.stacks[worker].append((task, 0))

    def _advance(self, worker: int) -> bool:
        """Let a worker do its next step, if it may now; tell whether it did."""
        stack = self.stacks[worker]
        if self.until[worker] > self.now:
            return False
        if not stack:
            return self._take(worker)
        task, number = stack.pop()
        if number == len(task.steps):
            self.done.add(task)
            return True
        kind, what = task.steps[number]
        if kind == "join" and not self.done.issuperset(what):
            stack.append((task, number))
            left = next((one for one in what if one not in self.begun), None)
            if left is not None:
                self._begin(worker, left)
            return left is not None
        stack.append((task, number + 1))
        if kind == "work":
            self.until[worker] = self.now + what
        elif kind == "fork":
            self.ready.append(what)
        return True

    def _take(self, worker: int) -> bool:
        """Let a worker that has nothing to do begin what is ready."""
        while self.ready and self.ready[0] in self.begun:
            self.ready.popleft()
        if self.ready:
            self._begin(worker, self.ready.popleft())
        return bool(self.stacks[worker])


def film(folder: Path, frames: int) -> Path:
    """Make a film of 1920x1080."""
    path = folder / "film.mp4"
    line = ["ffmpeg", "-v", "error", "-i", BUNNY, "-frames:v", frames]
    line += ["-vf", "scale=1920:1080:flags=lanczos", "-c:v", "libx264", "-crf", 8, path]
    subprocess.run([str(word) for word in line], check=True)
    return path


def recording(folder: Path, frames: int) -> Path:
    """Make a recording of an editor of 1920x1080, whose text scrolls and is typed in by turns."""
    path = folder / "recording.mp4"
    write_video(path, islice(editor(), frames), 10)
    return path


def editor() -> Iterator[Picture]:
    """Yield a file tree, text in colours and a terminal, u8[1080, 1920, 3]."""
    choose = np.random.default_rng(5)
    font = ImageFont.load_default(18)
    colors = ("#c586c0", "#9cdcfe", "#ce9178", "#d4d4d4", "#6a9955")
    lines = [
        [
            (" " * int(choose.integers(0, 9)) + str(choose.choice(WORDS)), colors[k % 5])
            for k in range(n)
        ]
        for n in choose.integers(1, 9, 400)
    ]
    first, typed = 0, ""
    for number in range(10_000):
        if number % 3:
            first += 3
        else:
            typed += str(choose.choice(WORDS)) + " "
        picture = Image.new("RGB", (1920, 1080), "#1e1e1e")
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 0, 300, 1080), "#252526")
        draw.rectangle((300, 800, 1920, 1080), "#181818")
        for row in range(40):
            draw.text((20, 10 + 26 * row), f"{WORDS[row % 10]}_{row}.py", fill="#cccccc", font=font)
        for row, words in enumerate(lines[first : first + 30]):
            left = 380.0
            for word, color in words:
                draw.text((left, 10 + 26 * row), word, fill=color, font=font)
                left += draw.textlength(word + " ", font=font)
            draw.text((320, 10 + 26 * row), str(first + row), fill="#858585", font=font)
        draw.text((320, 820), f"$ {typed}", fill="#cccccc", font=font)
        yield np.asarray(picture)


MADE = {"film": film, "recording": recording}


def recorded(source: Path, workers: int, options: dict[str, Any]) -> tuple[float, bytes]:
    """Return the makespan of a conversion by so many workers, in seconds, and the GIF."""
    recorders: list[Recorder] = []

    def record(count: int) -> Recorder:
        recorders.append(Recorder(count))
        return recorders[0]

    out, since = io.BytesIO(), thread_time()
    with mock.patch("ssimgif.pipeline.Threads", record):
        convert(str(source), out, Settings(no_cache=True, jobs=workers, **options))
    if not recorders:
        return thread_time() - since, out.getvalue()
    return Simulation(workers).makespan(recorders[0].finish()), out.getvalue()


def real(source: Path, workers: int, options: dict[str, Any]) -> tuple[float, bytes]:
    """Return the seconds that a conversion by so many threads takes here, and the GIF."""
    out, since = io.BytesIO(), perf_counter()
    convert(str(source), out, Settings(no_cache=True, jobs=workers, **options))
    return perf_counter() - since, out.getvalue()


def measure(
    name: str, workers: Sequence[int], options: dict[str, Any], frames: int
) -> dict[str, float | str]:
    """Return a row of the table; clips that are made have so many frames."""
    with tempfile.TemporaryDirectory() as folder:
        source = MADE[name](Path(folder), frames) if name in MADE else Path(name)
        # The first one also loads what kernels there are.
        alone_here, expected = real(source, 1, options)
        row: dict[str, float | str] = {"clip": source.stem, "bytes": len(expected)}
        equal, alone = True, 0.0
        for count in workers:
            seconds, gif = recorded(source, count, options)
            alone = alone or seconds
            row[f"{count} workers"] = f"{seconds:.1f} s ({alone / seconds:.1f}x)"
            equal &= gif == expected
        row["1 here"] = f"{alone_here:.1f} s"
        seconds, gif = real(source, 2, options)
        row["2 here"] = f"{seconds:.1f} s"
        equal &= gif == expected
        return {**row, "bytes equal": "yes" if equal else "NO"}


def main() -> None:
    """Measure the named clips and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", default=[*MADE, str(BUNNY)], metavar="CLIP")
    parser.add_argument("--workers", type=int, nargs="*", default=WORKERS, help="[1 2 4 8 16]")
    parser.add_argument("--effort", type=int, default=5)
    parser.add_argument("--frames", type=int, default=FRAMES, help="of the clips that are made")
    arguments = parser.parse_args()
    options = {"effort": arguments.effort}
    rows = [measure(name, arguments.workers, options, arguments.frames) for name in arguments.clips]
    print(table(rows))
    if any(row["bytes equal"] != "yes" for row in rows):
        sys.exit("the number of workers changes bytes")


if __name__ == "__main__":
    main()
