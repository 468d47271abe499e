"""Handing the frames of an image over to the ssimgif program."""

import queue
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import layers
import options
from gi.repository import Gimp
from worker import Worker, WorkerError, check_protocol, result_of

FOLDER = Path(__file__).resolve().parent

Message = dict[str, Any]
ShowProgress = Callable[[str, float], None]

# Where a stage begins in the progress bar, and its share of it.
STAGES = {
    "composing": (0.0, 0.05),
    "reading": (0.05, 0.05),
    "planning palettes": (0.1, 0.2),
    "encoding": (0.3, 0.7),
}
TEXTS = {
    "composing": "Composing frames",
    "compiling kernels": "Compiling kernels, once; this takes about a minute",
    "reading": "Reading frames",
    "planning palettes": "Planning palettes",
    "encoding": "Encoding GIF",
}


class Program:
    """The program, with its messages in a queue."""

    def __init__(self, notify: Callable[[], None] = lambda: None) -> None:
        """Start it; ``notify`` is called in another thread whenever a message has come."""
        self.messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self.ready = False
        self._notify = notify
        self.worker = Worker(str(FOLDER), self._receive)

    def _receive(self, message: Message | None) -> None:
        self.messages.put(message)
        self._notify()

    def wait_until_ready(self) -> None:
        """Wait for the program's first line."""
        if not self.ready:
            self.greet(self.messages.get())

    def greet(self, message: Message | None) -> None:
        """Check the first line of the program."""
        if message is None:
            raise WorkerError(f"The ssimgif program does not start: {self.worker.last_words()}")
        check_protocol(message)
        self.ready = True

    def file(self, name: str) -> Path:
        """Return the path of a raw file, which the program removes when it ends."""
        return Path(self.worker.scratch) / name

    def run(self, request: Message, progress: ShowProgress) -> Message:
        """Do a job and wait for its result."""
        job = self.worker.start_job(request)

        def step(stage: str, done: int, total: int | None) -> None:
            show_stage(progress, stage, done, total)

        result: Message = result_of(iter(self.messages.get, None), job, step)
        return result


def show_stage(progress: ShowProgress, stage: str, done: int, total: int | None) -> None:
    """Tell GIMP how far a stage is."""
    begin, share = STAGES.get(stage, (0.0, 1.0))
    progress(stage_text(stage, done, total), begin + share * done / total if total else begin)


def stage_text(stage: str, done: int, total: int | None) -> str:
    """Say what is being done, and how far it is."""
    count = f" ({done} of {total})" if total else f" ({done})" if done else ""
    return TEXTS.get(stage, stage) + count


class HandedOver:
    """The frames of an image in raw files, one file for each way to compose them."""

    def __init__(self, image: Gimp.Image, program: Program) -> None:
        self._image = image
        self._program = program
        self._done: set[str] = set()

    def compose(self, config: Gimp.ProcedureConfig) -> Generator[tuple[int, int]]:
        """Write the frames step by step; yield how many are done, of how many."""
        visible_only, replace = options.composition(config)
        name = self._raw_name(config)
        if name in self._done:
            return
        path = self._program.file(name)
        try:
            with path.open("wb") as raw:
                yield from layers.compose(self._image, visible_only, replace, raw)
        except OSError as error:
            raise WorkerError(f"{path} can't be written: {error.strerror}") from error
        self._done.add(name)

    def request(self, job: str, config: Gimp.ProcedureConfig, **more: Any) -> Message:
        """Return a request about the frames, which must be composed by now."""
        shown = layers.frame_layers(self._image, options.composition(config)[0])
        return {
            "job": job,
            "raw": self._raw_name(config),
            "clip": {
                "name": self._image.get_name(),
                "width": self._image.get_width(),
                "height": self._image.get_height(),
                "milliseconds": options.delays(shown, config),
            },
            "settings": options.settings(config),
            **more,
        }

    def _raw_name(self, config: Gimp.ProcedureConfig) -> str:
        visible_only, replace = options.composition(config)
        return f"frames-{int(visible_only)}{int(replace)}.rgba"
