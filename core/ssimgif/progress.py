"""How a long job tells how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssimgif.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a job.

    Attributes
    ----------
    stage : str
        What is being done, in a word or two: "reading", "scenes", "encoding".
    done : int
        Steps finished, usually frames.
    total : int or None
        Steps in this stage; None while nobody knows.
    """

    stage: str
    done: int
    total: int | None = None


ProgressCallback = Callable[[Progress], bool | None]


def notify(progress: ProgressCallback | None, stage: str, done: int, total: int | None) -> None:
    """Call ``progress``, if there is one.

    Raises
    ------
    Cancelled
        When the callback returns False.
    """
    if progress is not None and progress(Progress(stage, done, total)) is False:
        raise Cancelled("stopped on request")
