"""What can go wrong, each with one sentence for the person in front of the screen."""

from __future__ import annotations

from typing import Protocol


class Findings(Protocol):
    """What was found out before the work ended in an error: a `ssimgif.Report`."""

    def to_json(self) -> str:
        """Return it as JSON text."""


class SsimGifError(Exception):
    """Base of every error that ssimgif raises on purpose; ``str()`` is one plain sentence."""


class SourceError(SsimGifError):
    """A source that can't be read: missing, corrupt, without pictures, over a limit."""


class FrameError(SourceError, ValueError):
    """A picture that can't be a frame: not of a shape, type or size that is known."""


class SettingsError(SsimGifError):
    """A setting out of its range, or two that contradict each other."""


class OutputError(SsimGifError):
    """The GIF can't be written: no permission, no space, not a file."""


class TargetError(SsimGifError):
    """No GIF of this source reaches the target, and ``strict`` asked for nothing less.

    Attributes
    ----------
    report : Report or None
        What the best attempt reached.
    """

    def __init__(self, message: str, report: Findings | None = None) -> None:
        super().__init__(message)
        self.report = report


class Cancelled(SsimGifError):
    """The progress callback asked to stop."""


TOO_EARLY = "it ends too early"


class DamagedError(Exception):
    """Where a file can't be read any further; says why."""
