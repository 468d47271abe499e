"""What is to be made of one file, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """One file to convert.

    Attributes
    ----------
    source : str
        Path or URL.
    output : str
        Name below the destination, with ``/`` between folders.
    signature : str
        Changes when the source does; empty where nothing is known of it.
    settings : mapping of str to str
        Texts for `ssimgif.Settings.parse`.
    """

    source: str
    output: str
    signature: str
    settings: Texts

    @property
    def key(self) -> str:
        """Equal for jobs that would give the same GIF."""
        parts = [self.source, self.signature, sorted(self.settings.items())]
        return blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    output, source, key : str
        Of the job.
    done : bool
        Whether there is a GIF.
    version : str
        Of ssimgif.
    seconds : float
        Wall-clock time, reading and writing included.
    host : str
        The machine that did it.
    cause : str
        Why there is none: see `CAUSES`; empty when done.
    message : str
        The same in a sentence.
    source_bytes, bytes : int
        Sizes of the source, 0 where unknown, and of the GIF.
    score, mean, p10, delta_e : float or None
        Of the report: S, SSIM, CIEDE2000.
    looks : float or None
        Mean SSIMULACRA2.
    local, missed : float or None
        Mean error of the frames' worst places (butteraugli), share of strong changes that don't
        arrive.
    palettes, frames : int
    valid : bool
        Whether the target was met.
    warnings : tuple of str
    """

    output: str
    source: str
    key: str
    done: bool
    version: str
    seconds: float
    host: str = ""
    cause: str = ""
    message: str = ""
    source_bytes: int = 0
    bytes: int = 0
    score: float | None = None
    mean: float | None = None
    p10: float | None = None
    looks: float | None = None
    local: float | None = None
    missed: float | None = None
    delta_e: float | None = None
    palettes: int = 0
    frames: int = 0
    valid: bool = False
    warnings: tuple[str, ...] = ()


CAUSES = {
    "name": "no file can have its name, or its output is another file",
    "source": "the file is damaged or is no picture",
    "target": "strict, and no GIF of it reaches the target",
    "unreadable": "the file can't be opened or fetched",
    "output": "the GIF can't be written",
    "time": "it took longer than --timeout",
    "memory": "it asked for more than --memory",
    "crash": "the process or the worker that converted it died",
    "settings": "the settings don't suit it",
}
# These stay as they are until the file, its settings or the version change.
LASTING = frozenset({"source", "target", "settings"})
