"""Figures for machines: a log of JSON lines, and a text file for Prometheus."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ssimgif import staged
from ssimgif_batch.job import Outcome
from ssimgif_batch.places import unwritable

SCORES = (0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 1.0)
BYTES = tuple(float(10**power * step) for power in range(3, 8) for step in (1, 3))
SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
PALETTES = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)


class Log:
    """One JSON object a line, each with ``time`` (UTC) and ``event``.

    Raises
    ------
    OutputError
        When the file can't be written.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._file: IO[str] | None = None
        if path is not None:
            try:
                self._file = path.open("a", encoding="utf-8", errors="replace")
            except OSError as error:
                raise unwritable(path, error) from None

    def write(self, event: str, **values: Any) -> None:
        """Write a line, if there is a file."""
        if self._file is None:
            return
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            json.dump({"time": time, "event": event, **values}, self._file, ensure_ascii=False)
            self._file.write("\n")
            self._file.flush()
        except OSError as error:
            assert self.path is not None
            raise unwritable(self.path, error) from None

    def outcome(self, outcome: Outcome) -> None:
        """Write what became of a file."""
        self.write("done" if outcome.done else "failed", **asdict(outcome))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


@dataclass(slots=True)
class Histogram:
    """Counts of values up to each bound.

    Attributes
    ----------
    bounds : sequence of float
        Rising.
    """

    bounds: Sequence[float]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0
    number: int = 0

    def __post_init__(self) -> None:
        self.counts = [0] * len(self.bounds)

    def add(self, value: float) -> None:
        """Count a value."""
        place = bisect_left(self.bounds, value)
        if place < len(self.bounds):
            self.counts[place] += 1
        self.total += value
        self.number += 1

    def lines(self, name: str, help_text: str) -> Iterable[str]:
        """Yield it in the text format of Prometheus."""
        yield f"# HELP {name} {help_text}"
        yield f"# TYPE {name} histogram"
        seen = 0
        for bound, count in zip(self.bounds, self.counts, strict=True):
            seen += count
            yield f'{name}_bucket{{le="{bound:g}"}} {seen}'
        yield f'{name}_bucket{{le="+Inf"}} {self.number}'
        yield f"{name}_sum {self.total:.6g}"
        yield f"{name}_count {self.number}"


@dataclass(slots=True)
class Metrics:
    """What this run did, for Prometheus' textfile collector."""

    files: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    source_bytes: int = 0
    gif_bytes: int = 0
    scores: Histogram = field(default_factory=lambda: Histogram(SCORES))
    sizes: Histogram = field(default_factory=lambda: Histogram(BYTES))
    seconds: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    palettes: Histogram = field(default_factory=lambda: Histogram(PALETTES))

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.files["done" if outcome.done else "failed"] += 1
        self.seconds.add(outcome.seconds)
        if not outcome.done:
            self.failures[outcome.cause] += 1
            return
        self.source_bytes += outcome.source_bytes
        self.gif_bytes += outcome.bytes
        self.sizes.add(outcome.bytes)
        self.palettes.add(outcome.palettes)
        if outcome.score is not None:
            self.scores.add(outcome.score)

    def text(self, unchanged: int, total: int) -> str:
        """Return all of it in the text format of Prometheus."""
        name = "ssimgif_batch"
        lines = [
            f"# HELP {name}_planned_files Files of the batch.",
            f"# TYPE {name}_planned_files gauge",
            f"{name}_planned_files {total}",
            f"# HELP {name}_files_total Files by what became of them in this run.",
            f"# TYPE {name}_files_total counter",
            f'{name}_files_total{{status="done"}} {self.files["done"]}',
            f'{name}_files_total{{status="failed"}} {self.files["failed"]}',
            f'{name}_files_total{{status="unchanged"}} {unchanged}',
            f"# HELP {name}_failures_total Failures by cause.",
            f"# TYPE {name}_failures_total counter",
            *(
                f'{name}_failures_total{{cause="{c}"}} {n}'
                for c, n in sorted(self.failures.items())
            ),
            f"# HELP {name}_bytes_total Bytes read and written.",
            f"# TYPE {name}_bytes_total counter",
            f'{name}_bytes_total{{kind="source"}} {self.source_bytes}',
            f'{name}_bytes_total{{kind="gif"}} {self.gif_bytes}',
            *self.scores.lines(f"{name}_score", "S of the GIFs."),
            *self.sizes.lines(f"{name}_gif_bytes", "Sizes of the GIFs."),
            *self.seconds.lines(f"{name}_seconds", "Seconds a file took."),
            *self.palettes.lines(f"{name}_palettes", "Palettes of a GIF."),
        ]
        return "\n".join(lines) + "\n"

    def write(self, path: Path | None, unchanged: int, total: int) -> None:
        """Replace the file, if there is one."""
        if path is not None:
            with staged(path) as temporary:
                temporary.write_text(self.text(unchanged, total), encoding="utf-8")
