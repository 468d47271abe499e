"""What ffmpeg says while it works: a line of statistics, and key=value blocks for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter
from typing import IO

from ssimgif import OutputError, Progress, Report, SettingsError, printable
from ssimgif_ffmpeg.options import LEVELS, Command

ENCODING = "encoding"


@dataclass(slots=True)
class _Position:
    frame: int = 0
    time: Fraction = Fraction(0)
    size: int | None = None


class Console:
    """Writes to standard error, and to where ``-progress`` asks for.

    Parameters
    ----------
    command : Command
    blocks : text stream or None
        Where key=value lines go.
    stopped : callable
        Tells whether the user asked to stop.
    """

    def __init__(
        self, command: Command, blocks: IO[str] | None, stopped: Callable[[], bool]
    ) -> None:
        self._level = command.level
        wanted = command.level >= LEVELS["info"] if command.stats is None else command.stats
        self._line = wanted
        self._terminal = sys.stderr.isatty()
        self._period = command.period
        self._blocks = blocks
        self._stopped = stopped
        self._begun = self._told = perf_counter()
        self._open_line = False
        self._position = _Position()
        self.length = Fraction(0)

    def say(self, level: str, text: str) -> None:
        """Write a line, if the log level lets it through."""
        if LEVELS[level] <= self._level:
            self._end_line()
            print(printable(text), file=sys.stderr)

    def begin(self, length: Fraction) -> None:
        """Begin a GIF of a length in seconds."""
        self.length = length
        self._position = _Position()

    def __call__(self, step: Progress) -> bool:
        """Take one step of the encoder, and return whether it may go on."""
        if step.stage == ENCODING and step.total:
            frame = max(self._position.frame, step.done)
            self._position = _Position(frame, self.length * frame / step.total)
        self._tick()
        return not self._stopped()

    def reading(self) -> bool:
        """Be told that a frame came out of the filters, and return whether to go on."""
        self._tick()
        return not self._stopped()

    def finish(self, name: str, size: int, length: Fraction, report: Report, last: bool) -> None:
        """Tell of a finished file.

        Parameters
        ----------
        size : int
            Bytes.
        length : Fraction
            Seconds.
        last : bool
            Whether nothing is left to do.
        """
        self._position = _Position(report.frames_source, length, size)
        self._write("end" if last else "continue")
        self._end_line()
        self.remark(report.warnings)
        looks = "" if report.looks_mean is None else f", looks {report.looks_mean:.1f}"
        local = "" if report.local_mean is None else f", worst places {report.local_mean:.1f}"
        self.say(
            "info",
            f"{name}: {size:,} bytes, S {report.score:.4f}{looks}{local},"
            f" colour difference {report.delta_e_mean:.2f}",
        )

    def remark(self, remarks: Iterable[str]) -> None:
        """Write what the user should know of a source or of a GIF."""
        for one in remarks:
            self.say("warning", f"ssimgif: {one}")

    def _tick(self) -> None:
        now = perf_counter()
        if now - self._told >= self._period:
            self._told = now
            self._write("continue")

    def _write(self, progress: str) -> None:
        if self._line:
            end = "\r" if self._terminal else "\n"
            print(self._statistics(), end=end, file=sys.stderr, flush=True)
            self._open_line = self._terminal
        if self._blocks is not None:
            for key, value in self._pairs(progress):
                print(f"{key}={value}", file=self._blocks)
            self._blocks.flush()

    def _end_line(self) -> None:
        if self._open_line:
            print(file=sys.stderr)
            self._open_line = False

    def _statistics(self) -> str:
        here = self._position
        size = "N/A" if here.size is None else f"{here.size / 1024:.0f}KiB"
        return (
            f"frame={here.frame:5d} fps={self._rate():.1f} size={size:>8} time={_clock(here.time)}"
            f" bitrate={self._bitrate()} speed={self._speed()}"
        )

    def _pairs(self, progress: str) -> Iterator[tuple[str, object]]:
        here = self._position
        microseconds = round(here.time * 1_000_000)
        yield "frame", here.frame
        yield "fps", f"{self._rate():.2f}"
        yield "bitrate", self._bitrate()
        yield "total_size", "N/A" if here.size is None else here.size
        yield "out_time_us", microseconds
        yield "out_time_ms", microseconds  # ffmpeg's own name for microseconds
        yield "out_time", _clock(here.time, 6)
        yield "dup_frames", 0
        yield "drop_frames", 0
        yield "speed", self._speed()
        yield "progress", progress

    def _elapsed(self) -> float:
        return max(perf_counter() - self._begun, 1e-6)

    def _rate(self) -> float:
        return self._position.frame / self._elapsed()

    def _speed(self) -> str:
        return f"{float(self._position.time) / self._elapsed():.3g}x"

    def _bitrate(self) -> str:
        here = self._position
        if here.size is None or not here.time:
            return "N/A"
        return f"{here.size * 8 / 1000 / float(here.time):.1f}kbits/s"


def _clock(time: Fraction, digits: int = 2) -> str:
    """Return seconds as ``hh:mm:ss.ff``."""
    parts = 10**digits
    whole, rest = divmod(round(time * parts), parts)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{rest:0{digits}d}"


@contextmanager
def progress_stream(where: str | None) -> Iterator[IO[str] | None]:
    """Open what ``-progress`` names: ``-``, ``pipe:N`` or a file.

    Raises
    ------
    SettingsError, OutputError
    """
    if where is None:
        yield None
        return
    place: str | int = where.removeprefix("file:")
    if where in {"-", "pipe:"}:
        place = 1
    elif where.startswith("pipe:"):
        number = where.removeprefix("pipe:")
        if not number.isdecimal():
            raise SettingsError(f"-progress {where!r} names no pipe, such as pipe:1")
        place = int(number)
    elif "://" in where:
        raise SettingsError(f"-progress {where!r} can't be opened: only files and pipes can")
    try:
        stream = open(place, "w", closefd=isinstance(place, str), encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"-progress {where}: {reason}") from error
    with stream:
        yield stream
