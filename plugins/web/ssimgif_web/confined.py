"""Child processes that read what was uploaded, each with a thread that minds it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from ssimgif import Cancelled, ConfinedConverter, ConfinedLimits, SsimGifError

Value = TypeVar("Value")

# The functions of `ssimgif_web.child`, which this process does not import.
INSPECT, WARM, PREVIEW, FORGET, CONVERT = (
    f"ssimgif_web.child:{name}" for name in ("inspect", "warm", "preview", "forget", "convert_file")
)

# A person waits for the first two; a long film at the greatest effort takes hours.
READING = ConfinedLimits(seconds=60.0)
PREVIEWING = ConfinedLimits(seconds=120.0)
CONVERTING = ConfinedLimits(seconds=24 * 3600.0)


class Worker:
    """One child process, which is there before it is needed, and again when it has died.

    Parameters
    ----------
    name : str
        Of the thread.
    limits : ConfinedLimits
    warm : str, optional
        A function that is called in each new child.
    """

    def __init__(self, name: str, limits: ConfinedLimits, warm: str | None = None) -> None:
        self._warm = warm
        self._converter = ConfinedConverter(limits)
        self._thread = ThreadPoolExecutor(1, name)
        self._closing = False
        self._thread.submit(self._prepare)

    def submit(self, work: Callable[[ConfinedConverter], Value]) -> Future[Value]:
        """Let the thread do some work with the child, after what was asked for before."""
        future = self._thread.submit(self._run, work)
        self._thread.submit(self._prepare)
        return future

    def close(self) -> None:
        """End the child at once; what waits for it is given up."""
        self._closing = True
        self._converter.kill()
        self._thread.submit(self._converter.close)
        self._thread.shutdown(wait=False)

    def _run(self, work: Callable[[ConfinedConverter], Value]) -> Value:
        if self._closing:
            raise Cancelled("the page was ended")
        return work(self._converter)

    def _prepare(self) -> None:
        # What is wrong shows, in words, with the next piece of work.
        with suppress(SsimGifError):
            if not self._closing and self._converter.start() and self._warm:
                self._converter.call(self._warm, {})
