"""Work that threads share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from functools import partial
from itertools import pairwise
from threading import Event, Thread, current_thread
from weakref import ref

import pytest

from ssimgif.host import Threads, ahead, bands, spare, start, together, workers, working


def sharing(count: int) -> AbstractContextManager[object]:
    """Let so many threads share what is done within the ``with`` block."""
    return working(Threads(count)) if count > 1 else nullcontext()


def soon(work: Callable[[], None]) -> bool:
    """Tell whether something ends within a minute."""
    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(60)
    return not thread.is_alive()


def test_results_are_in_order() -> None:
    expected = [n * n for n in range(50)]
    assert together(lambda n: n * n, range(50)) == expected
    for count in (2, 3, 8):
        with working(Threads(count)):
            assert workers() == count
            assert together(lambda n: n * n, range(50)) == expected
    assert workers() == 1


def test_parts_may_have_parts() -> None:
    """Every helper waits for parts of its own, which nobody but itself is free to do."""

    def tree(depth: int) -> int:
        if not depth:
            return 1
        beside = start(lambda: tree(depth - 1))
        return sum(together(tree, [depth - 1] * 3)) + beside()

    found: list[int] = []

    def grow() -> None:
        for count in (2, 3):
            with working(Threads(count)):
                found.append(tree(4))

    assert soon(grow)
    assert found == [4**4] * 2


def test_who_asks_for_what_nobody_has_begun_does_it() -> None:
    busy, go = Event(), Event()
    found: list[bool] = []

    def block() -> None:
        busy.set()
        go.wait()

    def ask() -> None:
        with working(Threads(2)):
            blocked = start(block)
            busy.wait()
            found.append(start(current_thread)() is current_thread())
            go.set()
            blocked()

    assert soon(ask)
    assert found == [True]


def test_without_threads_work_waits_until_it_is_asked_for() -> None:
    done: list[int] = []
    result = start(lambda: done.append(1))
    assert not done
    result()
    result()
    assert done == [1]


def test_what_is_taken_back_is_let_go_of_while_helpers_are_busy() -> None:
    class Large:
        pass

    go, busy = Event(), Event()

    def block() -> None:
        busy.set()
        go.wait(60)

    with working(Threads(2)):
        blocked = start(block)
        busy.wait(60)
        large = Large()
        gone = ref(large)
        start(partial(id, large))()
        del large
        assert gone() is None
        go.set()
        blocked()


def test_the_first_error_counts() -> None:
    def fail(number: int) -> int:
        if number > 3:
            raise ValueError(number)
        return number

    for count in (2, 4):
        with working(Threads(count)), pytest.raises(ValueError, match=r"^4$"):
            together(fail, range(5))
        with working(Threads(count)):
            failing = start(lambda: fail(9))
            with pytest.raises(ValueError, match="9"):
                failing()


def test_bands_are_all_rows_once() -> None:
    assert bands(1080) == [(0, 1080)]
    with working(Threads(8)):
        for rows in (1, 63, 64, 127, 128, 270, 1080, 1081):
            for step in (1, 2, 16):
                found = bands(rows, step)
                assert found[0][0] == 0
                assert found[-1][1] == rows
                assert all(one[1] == other[0] for one, other in pairwise(found))
                assert all(first % step == 0 and first < last for first, last in found)
        assert len(bands(1080)) == 8
        assert len(bands(270)) == 4
        assert len(bands(270, 2, 128)) == 2


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_works_are_begun_ahead_and_come_in_order(count: int) -> None:
    works = [lambda n=n: n for n in range(9)]
    with sharing(count):
        assert list(ahead(works)) == list(range(9))
        assert list(ahead([])) == []


def test_what_nobody_asks_for_is_not_begun() -> None:
    """One thread does what is asked for alone; others finish what they have begun, no more."""
    for count, most in ((1, 2), (2, 3), (8, 6)):
        begun: list[int] = []

        def work(number: int, begun: list[int] = begun) -> int:
            begun.append(number)
            return number

        with sharing(count), closing(ahead([partial(work, n) for n in range(9)])) as results:
            assert [next(results), next(results)] == [0, 1]
        assert {0, 1} <= set(begun) <= set(range(most))


def test_few_threads_have_none_to_spare() -> None:
    for count in (1, 2, 3, 4, 8):
        with sharing(count):
            assert spare() == (count >= 4)
