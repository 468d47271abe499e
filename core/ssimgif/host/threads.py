"""Threads that share the work of one conversion, whichever room has parts that can be done at once.

Who waits for work that nobody has begun does it, so that work may be divided anew within a part:
nobody ever waits for a thread that waits for another one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from itertools import count
from threading import Event, Lock
from typing import Generic, TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")

# Rows of a band at the least: what lies around a band is worked out twice.
LEAST_ROWS = 64
# Threads from which on some are idle most of the time.
MANY = 4


class _Asked(Generic[T]):
    """Work that a helper may begin.

    It is let go of once it is done or taken back, with all that it holds: its place in the queue
    stays until a helper comes to it, which may be long after.
    """

    def __init__(self, helpers: Executor, work: Callable[[], T]) -> None:
        self._left = left = [work]
        self._future = helpers.submit(copy_context().run, _pop_and_do, left)

    def result(self) -> T:
        """Return its result; do it if no helper has begun."""
        if not self._future.cancel():
            return self._future.result()
        found = self._left[0]()
        self._left.clear()
        return found

    def finish(self) -> None:
        """Take it back, or wait for its end."""
        if self._future.cancel():
            self._left.clear()
        else:
            self._future.result()


def _pop_and_do(left: list[Callable[[], T]]) -> T:
    return left.pop()()


class Threads:
    """The thread that asks, and those that help it.

    Parameters
    ----------
    workers : int
        How many there are with the one that asks, at least 2.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._helpers = ThreadPoolExecutor(workers - 1)

    def start(self, work: Callable[[], T]) -> Callable[[], T]:
        """Have a helper do something; who asks for the result does it if none has begun."""
        asked, lock, done = self._ask(work), Lock(), list[T]()

        def result() -> T:
            with lock:
                if not done:
                    done.append(asked.result())
            return done[0]

        return result

    def together(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Return what a function makes of each item; of several errors, the first item's counts."""
        results: dict[int, R] = {}
        errors: dict[int, BaseException] = {}
        numbers = count()

        def work() -> None:
            while (number := next(numbers)) < len(items) and not errors:
                try:
                    results[number] = function(items[number])
                except BaseException as error:
                    errors[number] = error

        helpers = [self._ask(work) for _ in range(min(self.workers, len(items)) - 1)]
        work()
        for helper in helpers:
            helper.finish()
        if errors:
            raise errors[min(errors)]
        return [results[number] for number in range(len(items))]

    def _ask(self, work: Callable[[], T]) -> _Asked[T]:
        """Have a helper do something, who may ask others in turn."""
        return _Asked(self._helpers, work)

    def close(self) -> None:
        """Let the helpers go once they are done with what they have begun."""
        self._helpers.shutdown(cancel_futures=True)


_present: ContextVar[Threads | None] = ContextVar("threads", default=None)


@contextmanager
def working(threads: Threads) -> Iterator[Threads]:
    """Let these threads share what is done within the ``with`` block."""
    token = _present.set(threads)
    try:
        yield threads
    finally:
        _present.reset(token)
        threads.close()


def workers() -> int:
    """Return how many threads there are, the present one counted."""
    threads = _present.get()
    return threads.workers if threads else 1


def together(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Return what a function makes of each item, by all threads that there are."""
    threads = _present.get()
    if threads is None or len(items) < 2:
        return [function(item) for item in items]
    return threads.together(function, items)


def start(work: Callable[[], T]) -> Callable[[], T]:
    """Have something done; the function that is returned waits for its result.

    Without other threads it is done at once where its result is asked for, and only then.
    """
    threads = _present.get()
    if threads is not None:
        return threads.start(work)
    done: list[T] = []

    def result() -> T:
        if not done:
            done.append(work())
        return done[0]

    return result


class Guess(Generic[T]):
    """Work that may turn out not to be needed.

    Parameters
    ----------
    work : callable
    """

    def __init__(self, work: Callable[[], T]) -> None:
        # Not of itself, or what the work holds would stay until cycles are looked for.
        self._wanted = wanted = Event()
        wanted.set()
        self._waiting = start(lambda: work() if wanted.is_set() else None)

    def result(self) -> T:
        """Return the result of work that was not dropped; do it if nobody has begun."""
        return cast(T, self._waiting())

    def drop(self) -> None:
        """Let nobody begin it any more."""
        self._wanted.clear()


def ahead(works: Sequence[Callable[[], T]]) -> Generator[T, None, None]:
    """Yield the result of each work in order, those after it begun by helpers meanwhile.

    Without other threads each is done only once its result is asked for; with two there is one
    more at a time, and half as many as there are threads if these are more. What no helper has
    begun when no more results are asked for is never done.
    """
    left, waiting = deque(works), deque[Guess[T]]()
    try:
        for _ in works:
            while left and len(waiting) <= max(1, workers() // 2):
                waiting.append(Guess(left.popleft()))
            yield waiting.popleft().result()
    finally:
        for guess in waiting:
            guess.drop()


def spare() -> bool:
    """Tell whether there are so many threads that they may do what others turn out not to need."""
    return workers() >= MANY


def bands(rows: int, step: int = 1, least: int = LEAST_ROWS) -> list[tuple[int, int]]:
    """Divide rows among the threads that there are.

    Parameters
    ----------
    rows : int
    step : int
        All bands but the last begin and end at multiples of it.
    least : int
        Rows that a band has, where there are more than one.

    Returns
    -------
    list of (int, int)
        First row of each band, and the one after its last.
    """
    number = max(1, min(workers(), rows // max(least, step)))
    edges = [rows * i // number // step * step for i in range(number)]
    return [*zip(edges, [*edges[1:], rows], strict=True)]
